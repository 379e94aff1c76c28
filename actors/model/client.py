"""What sessions need of a Telegram client: the narrow slice of it that operations are written against, and its answers.

Protocols and plain data, no behaviour. `telegram/` implements them with Telethon; a session never sees Telethon itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from actors.model.content import Account, Dialog, Message, Participant, Peer
from actors.model.errors import ActorsError
from actors.model.results import SentMessage
from actors.model.snapshot import Snapshot
from actors.model.updates import Update

__all__ = [
    "Client",
    "ClientFactory",
    "ConnectionWatcher",
    "DialogsPage",
    "HistoryPage",
    "ParticipantsPage",
    "RemoteFile",
    "UploadedFile",
]


@dataclass(frozen=True, slots=True)
class HistoryPage(Snapshot):
    """One answer of messages.getHistory or messages.search, newest first.

    - total: how many messages the server says there are, whatever the page's bounds.
    - last: there are no more beyond this page.
    """

    messages: tuple[Message, ...]
    total: int
    last: bool


@dataclass(frozen=True, slots=True)
class DialogsPage(Snapshot):
    """One answer of messages.getDialogs, pinned chats first, then the newest.

    - total: how many chats the server says there are.
    - last: there are no more beyond this page.
    """

    dialogs: tuple[Dialog, ...]
    total: int
    last: bool


@dataclass(frozen=True, slots=True)
class ParticipantsPage(Snapshot):
    """One answer of channels.getParticipants; `total` is what the server says the chat holds."""

    participants: tuple[Participant, ...]
    total: int


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a message, as one account may fetch it (Telegram's `document`, or the largest size of a `photo`).

    - kind: `document` or `photo`.
    - id: the file's id at Telegram: another one means another file.
    - size: bytes; of a document exactly.
    - name, mime_type: as its sender said; a photo has no name and is `image/jpeg`.
    - access_hash, reference: what lets this account fetch it; a reference expires, and the message has a new one then.
    - size_type: the letter of a photo's size, empty for a document.
    """

    kind: str
    id: int
    size: int
    name: str | None = field(default=None, repr=False)
    mime_type: str = ""
    access_hash: int = field(default=0, repr=False)
    reference: bytes = field(default=b"", repr=False)
    size_type: str = ""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file whose parts the server has, or is to get.

    - file_id: the sender's own number for it, signed 64 bits.
    - parts: how many there are, numbered from 0.
    - big: it has more than 10 MiB: its parts go by upload.saveBigFilePart.
    - name, mime_type: as the receiver is to see them.
    - md5: of the whole file, in hexadecimal; a big one has none.
    """

    file_id: int
    parts: int
    big: bool
    name: str = field(repr=False)
    mime_type: str = "application/octet-stream"
    md5: str = ""


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
