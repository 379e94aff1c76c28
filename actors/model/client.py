"""What sessions and operations need of a Telegram client, as Protocols, and the data that the client answers with.

It is a narrow slice of a client and has no behaviour. `telegram/` implements the Protocols with Telethon. Sessions and
operations are written against them and never see Telethon itself.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from actors.model.answers import ChatAccess, DialogsPage, HistoryPage, ParticipantsPage, RemoteFile, UploadedFile
from actors.model.content import Account, Peer
from actors.model.errors import ActorsError, FloodWait, TelegramError
from actors.model.results import SentMessage
from actors.model.updates import Update

__all__ = [
    "Client",
    "ClientFactory",
    "ClientOwner",
    "ConnectionWatcher",
    "Flight",
]

T_co = TypeVar("T_co", covariant=True)


class Flight(Protocol[T_co]):
    """A request that has left: whoever sent it may await it, or wait for several with `asyncio.wait`.

    It has no task. An await that is cancelled drops the request. What can't be asked is refused when it is made.
    """

    @property
    def future(self) -> Future[Any]:
        """What is done once there is an answer, or there will be none. It is for waiting alone: `result` reads it."""

    def result(self) -> T_co:
        """Return what the answer says, or raise the ActorsError that it is. `future` must be done."""

    def drop(self) -> None:
        """Forget the request, at once: it isn't sent again after a reconnect, and its answer goes nowhere."""

    def __await__(self) -> Generator[Any, Any, T_co]:
        """Wait for the answer."""


class ConnectionWatcher(Protocol):
    """Whoever wants to know when a client's connection comes and goes.

    A client calls it on the event loop. Both methods must return at once.
    """

    def connection_up(self) -> None:
        """Note that the transport is connected, for the first time or again."""

    def connection_lost(self) -> float:
        """Note that the transport is gone; return the seconds that the client waits before it dials again."""


class ClientOwner(ConnectionWatcher, Protocol):
    """Whom a client belongs to: a session, which knows what must not be asked of Telegram now.

    A client calls it on the event loop. All methods must return at once.
    """

    @property
    def holds(self) -> Collection[str]:
        """What is held now. While it is empty, a client needn't ask before a request."""

    def refusal(self, method: str, chat: str) -> FloodWait | None:
        """Return the error for a request that must not leave yet; None: it may.

        chat: the key of the chat that the request writes a message to; empty for any other request.
        """

    def flooded(self, error: FloodWait) -> None:
        """Note that Telegram asks for a pause, as soon as it does; from then on `refusal` keeps it."""

    def logged_out(self, error: TelegramError) -> None:
        """Note that the login is over, because the account's own program has logged out."""


class Client(Protocol):
    """The narrow slice of one Telegram account that operations are written against.

    Every method raises `ActorsError`s alone. A request that Telegram has asked to wait with is refused by `FloodWait`,
    and one that can't be written by `InvalidInput`; neither is sent. A peer is given as a username with or without `@`,
    as a numeric id that this account has met, as `"me"`, or as a `Peer`.
    """

    @property
    def telethon(self) -> Any:
        """The `TelegramClient` inside, for what this slice lacks. It raises Telethon's own errors."""

    @property
    def unconverted(self) -> int:
        """How many messages, chats and members came that could not be converted, over all clients of the session."""

    @property
    def is_bot(self) -> bool:
        """Whether the account is a bot: it may read no history and no list of chats, and is refused before sending."""

    async def connect(self) -> Account:
        """Connect and return the account. Raises a TelegramError when the session string belongs to no account."""

    async def disconnect(self) -> None:
        """Close the connection and end every task of the client."""

    async def probe(self) -> None:
        """Ask the server who this account is (users.getUsers). Raises when the server doesn't answer well."""

    async def catch_up(self) -> None:
        """Ask for missed updates, and check that the server answers (updates.getDifference, updates.getState)."""

    @property
    def last_byte(self) -> float:
        """When the last byte came from the server, by `time.monotonic`."""

    async def proves_alive(self, patience: float, *, by_answer: bool = False) -> bool:
        """Ask for a sign of life (ping); say whether there was one within `patience` seconds.

        Any byte is one, and so is the leaving of bytes that waited to leave: the count of the seconds begins anew.
        by_answer: the answer to the ping alone is one. A client that isn't connected, or is no more, gives none.
        """

    def reconnect(self) -> None:
        """Leave the connection, and make a new one. What has no answer yet is sent again there."""

    async def wait_disconnected(self) -> None:
        """Wait until the client has given up its connection for good, whatever the reason."""

    async def resolve(self, peer: str | int | Peer, *, to_write: bool = False) -> Peer:
        """Return the peer that a name or id stands for (contacts.resolveUsername when it isn't known yet).

        to_write: somebody is to be written to; a name that was last seen long ago is then resolved anew, because it may
        be somebody else's (`SessionConfig.names_for`).
        """

    async def send_message(
        self,
        peer: Peer,
        text: str,
        *,
        random_id: int,
        reply_to: int | None = None,
        silent: bool = False,
        leaving: Callable[[], None] | None = None,
    ) -> SentMessage:
        """Send a text (messages.sendMessage). The server carries out each `random_id` once.

        leaving: called when the bytes of the request are written, and not before; `OperationContext.leaving` is meant.
        """

    def has_sent(self, peer: Peer, message_id: int) -> bool:
        """Say whether this client got the answer to the send of that message; it remembers the last 4,096."""

    def history(
        self,
        peer: Peer,
        *,
        limit: int,
        offset_id: int = 0,
        offset_date: datetime | None = None,
        add_offset: int = 0,
        min_id: int = 0,
        max_id: int = 0,
    ) -> Flight[HistoryPage]:
        """Ask for up to 100 messages older than `offset_id`, or than `offset_date`, newest first (messages.getHistory).

        add_offset moves the start by so many messages further back: offset_id=X + 1 and add_offset=-limit give the
        messages that follow X, and at the top perhaps some before them. min_id and max_id are exclusive bounds, 0 for
        none; the server takes what is beyond them out of the page, and fills it with nothing else.
        """

    def search(  # noqa: PLR0913  what messages.search takes
        self,
        peer: Peer,
        query: str = "",
        *,
        limit: int,
        from_peer: Peer | None = None,
        min_date: datetime | None = None,
        max_date: datetime | None = None,
        offset_id: int = 0,
        add_offset: int = 0,
        min_id: int = 0,
        max_id: int = 0,
    ) -> Flight[HistoryPage]:
        """Ask for up to 100 messages with these words, by this author, in this time, newest first (messages.search).

        offset_id, add_offset, min_id and max_id mean the same as for `history`. `total` says how many were found. The
        server may treat the dates as it does min_id and max_id, or not heed them at all.
        """

    async def dialogs(
        self,
        *,
        limit: int,
        offset_date: datetime | None = None,
        offset_id: int = 0,
        offset_peer: Peer | None = None,
        folder_id: int | None = None,
        pinned: bool = True,
    ) -> DialogsPage:
        """Return up to 100 chats of the account, pinned ones first, then the newest (messages.getDialogs).

        offset_date, offset_id and offset_peer come from the last dialog of the page before that has a message: the date
        and the id of that message, and the chat. folder_id is 0 outside the archive, 1 inside it, None for both.
        pinned: whether pinned chats come with the page that has no offset.
        """

    async def server_time(self) -> datetime:
        """Return the server's time, aware UTC (updates.getState)."""

    async def newest(self, peers: Sequence[Peer]) -> Mapping[str, int]:
        """Return the id of the newest message in each of up to 100 chats (messages.getPeerDialogs).

        The answer is keyed by the chats' keys. An empty chat has 0.
        """

    async def access(self, peers: Sequence[Peer]) -> Mapping[str, ChatAccess]:
        """Return how the account stands to up to 100 chats, by the chats' keys.

        messages.getPeerDialogs; for a bot channels.getFullChannel for each channel, and messages.getChats. From then on
        what is lost of these channels is noticed.
        """

    def poll(self, channels: Sequence[Peer], wanted: Callable[[Peer], bool]) -> None:
        """Ask for the news of channels that the account isn't in, as often as the server says.

        It goes on with the next client, until `wanted` says of a channel that nobody wants it any more
        (updates.getChannelDifference).
        """

    async def participants(self, peer: Peer, *, limit: int, offset: int = 0) -> ParticipantsPage:
        """Return up to 200 members of a channel or supergroup (channels.getParticipants)."""

    def save_part(self, file: UploadedFile, part: int, data: bytes) -> Flight[None]:
        """Put one part of a file on the server (upload.saveFilePart, upload.saveBigFilePart). Repeats are harmless.

        The request leaves at once; what it raises, the flight raises.
        """

    async def send_file(
        self,
        peer: Peer,
        file: UploadedFile,
        *,
        random_id: int,
        caption: str = "",
        as_photo: bool = False,
        reply_to: int | None = None,
        silent: bool = False,
        leaving: Callable[[], None] | None = None,
    ) -> SentMessage:
        """Send a file whose parts the server has (messages.sendMedia). The server carries out each `random_id` once.

        leaving: as for `send_message`.
        """

    async def file_of(self, peer: Peer, message_id: int) -> RemoteFile:
        """Return the file of a message (messages.getMessages, channels.getMessages).

        Raises InvalidInput when the message has none.
        """

    def file_part(self, file: RemoteFile, *, offset: int, limit: int) -> Flight[bytes]:
        """Ask for up to `limit` bytes of a file (upload.getFile).

        limit is a power of two from 4 KiB to 1 MiB; offset is a multiple of it. The request leaves at once; what it
        raises, the flight raises: for a stale reference a TelegramError with the verdict REFRESH_INPUT, and for a
        document's part that lacks bytes one named FILE_CUT_SHORT.
        """

    def on_update(self, callback: Callable[[Update], None] | None) -> None:
        """Call `callback` for every update, on the event loop, in the server's order. None ends the calls."""

    def translate(self, error: BaseException) -> ActorsError | None:
        """Return the library's error for one of Telegram's; None for any other error, such as one of the user's own."""


class ClientFactory(Protocol):
    """Makes the clients of one session, one at a time. What it learned goes from one client to the next."""

    def __call__(self, owner: ClientOwner) -> Client:
        """Return a new, unconnected client."""
