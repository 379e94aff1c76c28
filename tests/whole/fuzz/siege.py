"""A server under attack, a healthy client beside it, and what is asserted about both. For the long and short runs."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha1
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed as hypothesis_seed, settings
from telethon import TelegramClient
from telethon.sessions import StringSession
from telethon.tl import functions, types

from actors.testing import Loopback, loopback
from tests.whole.fuzz.requests import Hints
from tests.whole.fuzz.strangers import sealer, streams

__all__ = ["Siege", "siege"]

PATIENCE = 5.0  # seconds until a stranger must have been hung up on, and a healthy client answered
QUICK = 2.0  # seconds: "quickly", on a machine that does other things too
BATCH = 50  # examples between two looks at the server
TAIL = 100_000  # bytes of the server's log: more than it writes in a batch
GROWTH = 100 * 1024  # KiB that the server may grow by: what it remembers is bounded


class _Healthy:
    """An unmodified Telethon client on a thread of its own."""

    def __init__(self, telegram: Loopback) -> None:
        config = telegram.add_session("healthy")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._client = self._call(self._connect(config.session))

    async def _connect(self, session: str) -> Any:
        client = TelegramClient(StringSession(session), 1, "hash")
        await client.connect()
        return client

    async def _leave(self) -> None:
        await self._client.disconnect()

    def _call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    def asks(self) -> float:
        """Make a call and return how many seconds its answer took."""
        started = time.monotonic()
        (me,) = self._call(self._client(functions.users.GetUsersRequest([types.InputUserSelf()])))
        assert me.first_name == "healthy"
        return time.monotonic() - started

    def close(self) -> None:
        """Leave."""
        self._call(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Siege:
    """One server and what is done to it. Fails with an AssertionError as soon as the server is worse off."""

    def __init__(self, telegram: Loopback, healthy: _Healthy) -> None:
        self.telegram, self.healthy = telegram, healthy
        key, salt, hints = asyncio.run(_login(telegram))
        key_id = sha1(key, usedforsecurity=False).digest()[-8:]
        self._strategy = streams(sealer(key), salt, key_id, hints)
        self.count, self.worst = 0, 0.0
        self.bugs: set[str] = set()
        self.start = 0  # KiB, once warm

    def attack(self, data: bytes) -> bytes:
        """Say something, hang up, and return what the server said before it hung up too."""
        address = (self.telegram.address.host, self.telegram.address.port)
        answer = b""
        with socket.create_connection(address, PATIENCE) as connection:
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while piece := connection.recv(65536):
                    answer += piece
            except (ConnectionResetError, BrokenPipeError):
                pass  # hung up on: the usual end
        return answer

    def memory(self) -> int:
        """Return the server's resident memory in KiB."""
        with open(f"/proc/{self.telegram.pid}/status") as status:  # noqa: PTH123  procfs
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def look(self) -> None:
        """Assert that the server lives, answers others quickly and has grown little; take note of bugs it met."""
        took = self.healthy.asks()
        self.worst = max(self.worst, took)
        assert took < QUICK, f"a healthy client waited {took:.1f} s"
        self.bugs.update(_bugs(self.telegram.stderr(tail=TAIL)))
        self.start = self.start or self.memory()
        assert self.memory() - self.start < GROWTH, f"grew from {self.start} to {self.memory()} KiB"

    def run(self, examples: int, *, progress: Callable[[Siege], None] | None = None, seed: int | None = None) -> None:
        """Attack with so many examples."""

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=seed is None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(self._strategy)
        def stranger(data: bytes) -> None:
            self.attack(data)
            self.count += 1
            if self.count % BATCH == 0:
                self.look()
                if progress is not None:
                    progress(self)

        (stranger if seed is None else hypothesis_seed(seed)(stranger))()
        self.look()
        assert not self.bugs, "\n".join(sorted(self.bugs))


async def _login(telegram: Loopback) -> tuple[bytes, int, Hints]:
    """Return the key and the salt of an account that turns hostile, and whom it knows."""
    for name in ("square", "circle"):
        telegram.add_channel(name, members=["healthy", "mallory"], messages=50)
    client = TelegramClient(StringSession(telegram.add_session("mallory").session), 1, "hash")
    await client.connect()
    try:
        peers = [await client.get_input_entity(name) for name in ("@square", "@circle", "@healthy")]
        channels = [types.InputChannel(peer.channel_id, peer.access_hash) for peer in peers[:2]]
        users = [types.InputUserSelf(), types.InputUser(peers[2].user_id, peers[2].access_hash)]
        hints = {
            "TypeInputPeer": [types.InputPeerSelf(), *peers],
            "TypeInputChannel": channels,
            "TypeInputUser": users,
        }
        return client.session.auth_key.key, client._sender._state.salt, hints
    finally:
        await client.disconnect()


def _bugs(log: str) -> Iterator[str]:
    """Yield where each traceback in a log ended, and with what."""
    for block in log.split("Traceback (most recent call last):\n")[1:]:
        frames = [line.strip() for line in block.splitlines()]
        places = [place for place, line in enumerate(frames) if line.startswith("File ")]
        error = next((line for line in frames if line.startswith("RuntimeError:")), "an exception")
        yield f"{error} {frames[places[-1]]}" if places else error


@contextmanager
def siege() -> Iterator[Siege]:
    """A server to attack."""
    with loopback() as telegram:
        healthy = _Healthy(telegram)
        try:
            yield Siege(telegram, healthy)
        finally:
            healthy.close()
