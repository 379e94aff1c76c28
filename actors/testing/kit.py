"""`loopback()`: a Telegram server of your own, and the remote control for it. Synchronous, safe from any thread.

Not the server (actors/loopback/, in another process) and not a client: what it hands out are addresses and sessions.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Literal, Self

from actors.config import ServerAddress, SessionConfig
from actors.testing.channel import ControlChannel
from actors.testing.errors import LoopbackFailed
from actors.testing.process import ServerProcess
from actors.testing.records import Call, Message
from actors.testing.strings import session_string

__all__ = ["Loopback", "LoopbackFailed", "loopback"]

API_ID, API_HASH = 1, "0123456789abcdef0123456789abcdef"  # any will do: the loopback has no register of apps
START_LIMIT = 30.0  # seconds


class Loopback:
    """A running server. Close it, or use it as a context manager; it also ends with this process.

    Raises LoopbackFailed when the server doesn't start, is gone, or refuses what it is told, with its reason.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, timeout: float = START_LIMIT) -> None:
        self._process = ServerProcess("--host", host, "--port", str(port), timeout=timeout)
        address = self._process.address
        self.address = ServerAddress(host=address["host"], port=address["port"], public_key=address["public_key"])
        try:
            self._control = ControlChannel(address["control_port"], address["token"], timeout=timeout)
        except OSError:
            self._process.close()
            raise

    def __repr__(self) -> str:
        return f"<Loopback {self.address.host}:{self.address.port}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def close(self) -> None:
        """End the server; twice is fine."""
        self._control.close()
        self._process.close()

    def stderr(self) -> str:
        """Return the end of what the server has logged."""
        return self._process.stderr()

    # Who and where

    def add_session(self, name: str, *, account: str | None = None) -> SessionConfig:
        """Return the config of a new logged-in session, named `name`.

        account: whose session it is, by default that of the same name; an account that isn't there yet is created,
        with its name as username (`-` becomes `_`).
        """
        made = self._control.ask("add_session", account=account or name)
        session = session_string(self.address.host, self.address.port, bytes.fromhex(made["key"]))
        return SessionConfig(name=name, api_id=API_ID, api_hash=API_HASH, session=session, server=self.address)

    def add_account(self, name: str, *, phone: str | None = None) -> int:
        """Create an account without a session, for a login by phone, and return its user id."""
        user_id: int = self._control.ask("add_account", name=name, phone=phone)["id"]
        return user_id

    def code(self, phone: str) -> str:
        """Return the login code that was last sent to a phone number."""
        code: str | None = self._control.ask("code", phone=phone)
        if code is None:
            raise LoopbackFailed("no code was sent to that phone number")
        return code

    def add_channel(
        self,
        name: str,
        *,
        members: Iterable[str],
        messages: int = 0,
        broadcast: bool = False,
        public: bool = True,
    ) -> int:
        """Create a supergroup (or a broadcast channel) titled `name` and return its id.

        members: accounts, created if need be; the first one is its creator. messages: length of its past, texts
        `name 1`, `name 2`, ... public: whether it has its name as username, and can be read by anybody.
        """
        arguments = {"messages": messages, "members": list(members), "broadcast": broadcast, "public": public}
        channel_id: int = self._control.ask("add_channel", name=name, **arguments)["id"]
        return channel_id

    def join(self, channel: str, account: str) -> None:
        """Make an account a member of a channel."""
        self._control.ask("join_channel", channel=channel, account=account)

    def leave(self, channel: str, account: str) -> None:
        """End an account's membership of a channel."""
        self._control.ask("leave_channel", channel=channel, account=account)

    # What is said

    def post(self, chat: str, text: str, *, author: str | None = None, push: bool = True) -> int:
        """Say something in a channel or to an account and return the message id, as the receivers see it.

        author: an account; by default a channel's creator. push=False: the update is lost on the way, so that
        clients see a gap.
        """
        return self.post_many(chat, [text], author=author, push=push)[0]

    def post_many(self, chat: str, texts: Iterable[str], *, author: str | None = None, push: bool = True) -> list[int]:
        """Say several things at once and return their ids."""
        arguments = {"texts": list(texts), "author": author, "push": push}
        ids: list[int] = self._control.ask("post_many", chat=chat, **arguments)
        return ids

    def forget_updates(self, name: str) -> None:
        """Drop the update log of a channel or account: a client that missed something gets a too-long difference."""
        self._control.ask("forget_updates", name=name)

    def messages(self, name: str) -> list[Message]:
        """Return the private messages that the server holds for an account, oldest first."""
        return [Message.of(**record) for record in self._control.ask("messages", account=name)]

    def channel_messages(self, channel: str, *, limit: int = 1000) -> list[Message]:
        """Return a channel's last messages, oldest first."""
        found = self._control.ask("channel_messages", channel=channel, limit=limit)
        return [Message.of(**record) for record in found]

    # What goes wrong

    def fail(  # noqa: PLR0913  one call per line of a test's script
        self,
        method: str,
        *,
        account: str | None = None,
        chat: str | None = None,
        error: str | None = None,
        code: int | None = None,
        silence: bool = False,
        delay: float | None = None,
        drop: Literal["before", "after"] | None = None,
        times: int | None = None,
    ) -> None:
        """Script a fault for an RPC such as `messages.sendMessage` (or `ping`, or `*` for everything).

        Exactly one of: error, an RPC error's name such as FLOOD_WAIT_3 (code: its number, if not the usual one);
        silence: it isn't done and never answered; delay: it is done and answered this many seconds later; drop:
        the connection is cut `before` it is done, or `after` but before the reply. account, chat: whose calls, and
        for which chat (by name); all by default. times: how often; None until `heal()`. Raises ValueError.
        """
        chosen = [error is not None, silence, delay is not None, drop is not None]
        if sum(chosen) != 1:
            raise ValueError("give exactly one of error=, silence=True, delay=, drop=")
        if drop not in (None, "before", "after"):
            raise ValueError(f"drop= is 'before' or 'after', not {drop!r}")
        if delay is not None and delay < 0:
            raise ValueError(f"delay= is 0 seconds or more, not {delay:g}")
        if code is not None and error is None:
            raise ValueError("code= goes with error=")
        if times is not None and times < 1:
            raise ValueError(f"times= is 1 or more, or None, not {times}")
        outcome = {"error": error, "code": code, "silence": silence, "delay": delay, "drop": drop}
        self._control.ask("fail", method=method, account=account, chat=chat, times=times, **outcome)

    def heal(self, account: str | None = None) -> None:
        """Forget the faults scripted for an account, or all of them."""
        self._control.ask("heal", account=account)

    def disconnect(self, account: str) -> int:
        """Cut an account's connections now and return how many there were."""
        cut: int = self._control.ask("disconnect", account=account)
        return cut

    def revoke(self, account: str, *, error: str = "AUTH_KEY_UNREGISTERED") -> int:
        """Log an account out everywhere: its calls get this 401 from now on. Return how many logins that ended."""
        ended: int = self._control.ask("revoke", account=account, error=error)
        return ended

    # What the server saw

    def connections(self, account: str) -> int:
        """Return how many connections an account has."""
        count: int = self._control.ask("connections", account=account)
        return count

    def calls(self, account: str | None = None) -> list[Call]:
        """Return the RPCs that came from an account, in order: strings, with the time as `.at`.

        None: those of clients that weren't logged in. The last 200,000 are kept.
        """
        return [Call.of(method, at) for method, at in self._control.ask("calls", account=account)]

    def forget_calls(self, account: str | None = None) -> None:
        """Start the list of an account's RPCs anew."""
        self._control.ask("forget_calls", account=account)


def loopback(*, host: str = "127.0.0.1", port: int = 0, timeout: float = START_LIMIT) -> Loopback:
    """Start a server and return it once it listens: `with ... as telegram`.

    host, port: where it listens (port 0: a free one); timeout: seconds it has to start and to answer each command.
    """
    return Loopback(host=host, port=port, timeout=timeout)
