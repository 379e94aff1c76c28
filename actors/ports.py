"""What others implement for us, as Protocols. No behaviour here.

`telegram/` implements `Client`; any Pykka actor's ref is a `Recipient`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from actors.content import Account, DialogsPage, HistoryPage, ParticipantsPage, Peer, SentMessage
from actors.errors import ActorsError
from actors.transfer import RemoteFile, UploadedFile
from actors.updates import Update

__all__ = ["Client", "ClientFactory", "ConnectionWatcher", "Receipt", "Recipient", "Reply"]


class Reply(Protocol):
    """The receiving end of an ask."""

    def set(self, value: Any = None) -> None:
        """Answer with a value."""

    def set_exception(self, exc_info: Any = None) -> None:
        """Answer with an exception, as `sys.exc_info()` gives it."""


class Receipt(Protocol):
    """What comes of handing something over: it is done when the receiver has answered, or failed."""

    def done(self) -> bool:
        """Say whether there is an outcome."""

    def exception(self) -> BaseException | None:
        """Return what the receiver failed with; None when it took what it was given, or isn't done."""

    def __await__(self) -> Generator[Any, None, Any]:
        """Wait for the outcome, and raise the exception if there is one."""


@runtime_checkable
class Recipient(Protocol):
    """Whoever events and results can be sent to: the ref of any Pykka actor."""

    def is_alive(self) -> bool:
        """Say whether it still takes messages, as far as can be known."""

    def tell(self, message: Any) -> None:
        """Send without waiting for an answer; raises `pykka.ActorDeadError` when it is stopped."""


class ConnectionWatcher(Protocol):
    """Who wants to know about the connection. Called on the loop; must return at once."""

    def connection_up(self) -> None:
        """The transport is connected (again)."""

    def connection_lost(self) -> float:
        """The transport is gone; return the seconds to wait before a new one is made by itself."""


class Client(Protocol):
    """The narrow slice of one Telegram account that operations are written against.

    Every method raises `ActorsError`s alone. Peers are given as a username with or without `@`, a numeric id that
    this account has met, `"me"`, or a `Peer`.
    """

    @property
    def telethon(self) -> Any:
        """The `TelegramClient` inside: the way down for what this slice lacks. Its errors are its own."""

    async def connect(self) -> Account:
        """Connect and return the account; raises a TelegramError when there is none behind the session."""

    async def disconnect(self) -> None:
        """Close the connection and end every task of the client."""

    async def probe(self) -> None:
        """Ask the server who this account is; raises when it doesn't answer well (users.getUsers)."""

    async def catch_up(self) -> None:
        """Ask for what was missed, and see that the server answers (updates.getDifference, updates.getState)."""

    async def wait_disconnected(self) -> None:
        """Return when the client has given up its connection for good, whatever the reason."""

    async def resolve(self, peer: str | int | Peer) -> Peer:
        """Return the peer that a name or id stands for (contacts.resolveUsername when it isn't known yet)."""

    async def send_message(
        self, peer: Peer, text: str, *, random_id: int, reply_to: int | None = None, silent: bool = False
    ) -> SentMessage:
        """Send a text; the server does it once for each `random_id` (messages.sendMessage)."""

    def has_sent(self, peer: Peer, message_id: int) -> bool:
        """Say whether this client had the answer to the send of that message (of the last few hundred)."""

    async def history(
        self,
        peer: Peer,
        *,
        limit: int,
        offset_id: int = 0,
        offset_date: datetime | None = None,
        add_offset: int = 0,
        min_id: int = 0,
        max_id: int = 0,
    ) -> HistoryPage:
        """Return up to 100 messages older than `offset_id`, or else than `offset_date`, newest first.

        add_offset: start so many messages further back; offset_id=X + 1, add_offset=-limit, min_id=X gives the ones
        that follow X. min_id, max_id: exclusive bounds, 0 for none. (messages.getHistory)
        """

    async def search(  # noqa: PLR0913  what messages.search takes
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
    ) -> HistoryPage:
        """Return up to 100 messages with these words, by this author, between these dates, newest first.

        offset_id, add_offset, min_id, max_id: as for `history`; `total` is how many were found. (messages.search)
        """

    async def dialogs(
        self,
        *,
        limit: int,
        offset_date: datetime | None = None,
        offset_id: int = 0,
        offset_peer: Peer | None = None,
        folder_id: int | None = None,
    ) -> DialogsPage:
        """Return up to 100 chats of the account, pinned ones first, then the newest (messages.getDialogs).

        offset_date, offset_id, offset_peer: the last message's date and id, and the chat, of the last dialog of the
        page before that has one. folder_id: 0 outside the archive, 1 in it, None for both.
        """

    async def server_time(self) -> datetime:
        """Return what time it is at the server, aware UTC (updates.getState)."""

    async def newest(self, peers: Sequence[Peer]) -> Mapping[str, int]:
        """Return the id of the newest message of up to 100 chats, by their keys; 0: none (messages.getPeerDialogs)."""

    async def participants(self, peer: Peer, *, limit: int, offset: int = 0) -> ParticipantsPage:
        """Return up to 200 members of a channel or supergroup (channels.getParticipants)."""

    async def save_part(self, file: UploadedFile, part: int, data: bytes) -> None:
        """Keep part number `part` of a file at the server (upload.saveFilePart, saveBigFilePart); again is harmless."""

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
    ) -> SentMessage:
        """Send a file whose parts the server has; it does it once for each `random_id` (messages.sendMedia)."""

    async def file_of(self, peer: Peer, message_id: int) -> RemoteFile:
        """Return the file of a message (messages.getMessages, channels.getMessages); InvalidInput: it has none."""

    async def file_part(self, file: RemoteFile, *, offset: int, limit: int) -> bytes:
        """Return up to `limit` bytes of a file (upload.getFile); a stale reference raises REFRESH_INPUT.

        offset: a multiple of limit, which is 4 KiB to 1 MiB and a power of two.
        """

    def on_update(self, callback: Callable[[Update], None] | None) -> None:
        """Call back for every update, on the loop, in the order of the server; None: stop."""

    def translate(self, error: BaseException) -> ActorsError | None:
        """Return our error for a foreign one, None for one that isn't Telegram's (the user's own, say)."""


class ClientFactory(Protocol):
    """Makes the clients of one session, one at a time; what it learned lives on from one to the next."""

    def __call__(self, watcher: ConnectionWatcher) -> Client:
        """Return a new, unconnected client."""
