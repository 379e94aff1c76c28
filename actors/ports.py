"""What others implement for us, as Protocols. No behaviour here.

`telegram/` implements `Client`; any Pykka actor's ref is a `Recipient`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from actors.errors import ActorsError
from actors.snapshots import Account, HistoryPage, Message, ParticipantsPage, Peer, SentMessage

__all__ = ["Client", "ClientFactory", "ConnectionWatcher", "Recipient", "Reply"]


class Reply(Protocol):
    """The receiving end of an ask."""

    def set(self, value: Any = None) -> None:
        """Answer with a value."""

    def set_exception(self, exc_info: Any = None) -> None:
        """Answer with an exception, as `sys.exc_info()` gives it."""


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

    def connection_lost(self) -> None:
        """The transport is gone; a new one may come by itself."""


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

    async def wait_disconnected(self) -> None:
        """Return when the client has given up its connection for good, whatever the reason."""

    async def resolve(self, peer: str | int | Peer) -> Peer:
        """Return the peer that a name or id stands for (contacts.resolveUsername when it isn't known yet)."""

    async def send_message(
        self, peer: Peer, text: str, *, random_id: int, reply_to: int | None = None, silent: bool = False
    ) -> SentMessage:
        """Send a text; the server does it once for each `random_id` (messages.sendMessage)."""

    async def history(
        self, peer: Peer, *, limit: int, offset_id: int = 0, min_id: int = 0, max_id: int = 0
    ) -> HistoryPage:
        """Return up to 100 messages older than `offset_id`, newest first (messages.getHistory)."""

    async def participants(self, peer: Peer, *, limit: int, offset: int = 0) -> ParticipantsPage:
        """Return up to 200 members of a channel or supergroup (channels.getParticipants)."""

    def on_message(self, callback: Callable[[Message], None] | None) -> None:
        """Call back for every new message, on the loop, in the order of the server; None: stop."""

    def translate(self, error: BaseException) -> ActorsError | None:
        """Return our error for a foreign one, None for one that isn't Telegram's (the user's own, say)."""


class ClientFactory(Protocol):
    """Makes the clients of one session, one at a time; what it learned lives on from one to the next."""

    def __call__(self, watcher: ConnectionWatcher) -> Client:
        """Return a new, unconnected client."""
