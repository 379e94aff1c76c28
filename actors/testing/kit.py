"""`loopback()`: a Telegram server of your own, and the remote control for it. Synchronous, safe from any thread.

Not the server (server/, in another process) and not a client: what it hands out are addresses and sessions.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from actors.model.config import ServerAddress, SessionConfig
from actors.testing.channel import ControlChannel
from actors.testing.errors import LoopbackFailed
from actors.testing.people import People
from actors.testing.process import ServerProcess
from actors.testing.records import Rpc, StoredMessage
from actors.testing.strings import session_string
from actors.testing.trouble import Trouble

__all__ = ["Loopback", "LoopbackFailed", "loopback"]

API_ID, API_HASH = 1, "0123456789abcdef0123456789abcdef"  # any will do: the loopback has no register of apps
START_LIMIT = 30.0  # seconds


class Loopback(People, Trouble):
    """A running server. Close it, or use it as a context manager; it also ends with this process.

    Raises LoopbackFailed when the server doesn't start, is gone, or refuses what it is told, with its reason.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        timeout: float = START_LIMIT,
        state: str | os.PathLike[str] | None = None,
    ) -> None:
        self._timeout = timeout
        self._state = None if state is None else os.fspath(state)
        self.address = self._launch(host, port)

    def _launch(self, host: str, port: int) -> ServerAddress:
        """Start the process and take its control channel."""
        arguments = ["--host", host, "--port", str(port)] + (["--state", self._state] if self._state else [])
        self._process = ServerProcess(*arguments, timeout=self._timeout)
        address = self._process.address
        try:
            self._control = ControlChannel(address["control_port"], address["token"], timeout=self._timeout)
        except OSError:
            self._process.close()
            raise
        return ServerAddress(host=address["host"], port=address["port"], public_key=address["public_key"])

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

    def kill(self) -> None:
        """Kill the server's process: nothing is saved, and nobody is told. `start()` brings it back."""
        self._control.close()
        self._process.kill()

    def start(self) -> None:
        """Start the server again, on the same port and with the state that was last saved.

        Raises LoopbackFailed without a state file: nobody could log in to what would start.
        """
        if self._state is None:
            raise LoopbackFailed("only a server with a state file can be started again: loopback(state=...)")
        self.close()
        self.address = self._launch(self.address.host, self.address.port)

    def reset(self) -> None:
        """Empty the server: no accounts, chats, files, logins, faults, limits or calls, and the right time.

        Everybody is cut, and sessions made before are unknown to it. Address and public key stay, and so does a state
        file until the next `save()`. Takes it less than a millisecond, where starting another takes half a second:
        the fixture `loopback` gives each test an empty server this way. One that is down (`restart`) is back on
        return. Raises LoopbackFailed when it has been closed or killed.
        """
        self._control.ask("reset")
        self._process.forget_stderr()

    def stderr(self, *, tail: int = 4000) -> str:
        """Return the end of what the server has logged since its start or the last `reset()`: at most so many bytes."""
        return self._process.stderr(tail)

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
        number: int | None = None,
    ) -> int:
        """Create a supergroup (or a broadcast channel) titled `name` and return its id.

        members: accounts, created if need be; the first one is its creator. messages: length of its past, texts
        `name 1`, `name 2`, ... public: whether it has its name as username, and can be read by anybody. number: its id,
        if it is to be a certain one: it may be an account's, because users and channels are numbered apart.
        """
        arguments = {"messages": messages, "members": list(members), "broadcast": broadcast, "public": public}
        arguments |= {} if number is None else {"number": number}
        channel_id: int = self._control.ask("add_channel", name=name, **arguments)["id"]
        return channel_id

    def join(self, channel: str, account: str) -> None:
        """Make an account a member of a channel or group."""
        self._control.ask("join_channel", channel=channel, account=account)

    def leave(self, channel: str, account: str) -> None:
        """End an account's membership of a channel or group."""
        self._control.ask("leave_channel", channel=channel, account=account)

    # What is said

    def post(
        self,
        chat: str,
        text: str,
        *,
        author: str | None = None,
        push: bool = True,
        reply_to: int | None = None,
        quote: str | None = None,
    ) -> int:
        """Say something in a channel, in a group or to an account; return the message id, as the receivers see it.

        author: an account; by default the chat's creator. push=False: the update is lost on the way, so that
        clients see a gap. reply_to: the message that it answers, by the id that its author sees, or the topic that it
        goes to; quote: the part that it quotes of it.
        """
        arguments = {"texts": [text], "author": author, "push": push, "reply_to": reply_to, "quote": quote}
        ids: list[int] = self._control.ask("post_many", chat=chat, **arguments)
        return ids[0]

    def post_many(self, chat: str, texts: Iterable[str], *, author: str | None = None, push: bool = True) -> list[int]:
        """Say several things at once and return their ids."""
        arguments = {"texts": list(texts), "author": author, "push": push}
        ids: list[int] = self._control.ask("post_many", chat=chat, **arguments)
        return ids

    def forget_updates(self, name: str) -> None:
        """Drop the update log of a channel or account: a client that missed something gets a too-long difference."""
        self._control.ask("forget_updates", name=name)

    def messages(self, name: str) -> list[StoredMessage]:
        """Return the private messages that the server holds for an account, oldest first."""
        return [StoredMessage.of(**record) for record in self._control.ask("messages", account=name)]

    def channel_messages(self, channel: str, *, limit: int = 1000) -> list[StoredMessage]:
        """Return a channel's last messages, oldest first."""
        found = self._control.ask("channel_messages", channel=channel, limit=limit)
        return [StoredMessage.of(**record) for record in found]

    # What the server saw

    def connections(self, account: str) -> int:
        """Return how many connections an account has."""
        count: int = self._control.ask("connections", account=account)
        return count

    def calls(self, account: str | None = None) -> Sequence[Rpc]:
        """Return the RPCs that came from an account, in order: strings, with the time as `.at`.

        None: those of clients that weren't logged in. The last 200,000 are kept.
        """
        return [Rpc.of(method, at) for method, at in self._control.ask("calls", account=account)]

    def forget_calls(self, account: str | None = None) -> None:
        """Start the list of an account's RPCs anew."""
        self._control.ask("forget_calls", account=account)


def loopback(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    timeout: float = START_LIMIT,
    state: str | os.PathLike[str] | None = None,
) -> Loopback:
    """Start a server and return it once it listens: `with ... as telegram`.

    host, port: where it listens (port 0: a free one); timeout: seconds it has to start and to answer each command.
    state: a file that the server starts from, if it is there, and that `save()` and a normal end write; it holds keys.
    """
    return Loopback(host=host, port=port, timeout=timeout, state=state)
