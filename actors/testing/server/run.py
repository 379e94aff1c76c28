"""Runs a server with its control channel until it is told to stop.

It parses no command line: `actors/console/loopback.py` and `__main__.py` do, and call it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from actors.testing.server.control.channel import Control
from actors.testing.server.server import Server
from actors.testing.server.state import BadState, load

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

__all__ = ["Address", "serve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where clients and the kit reach a running server."""

    host: str
    port: int
    public_key: str = field(repr=False)
    control_port: int
    token: str = field(repr=False)


async def serve(
    *, host: str, port: int, until_eof: bool, announce: Callable[[Address], None], state_file: Path | None = None
) -> None:
    """Run until SIGINT or SIGTERM; with `until_eof`, until standard input ends.

    state_file: a file that the state is read from, if it is there, and written to at the end. Raises OSError when the
    port can't be had, and BadState for a file that is no state or can't be written.
    """
    stop = asyncio.Event()
    if until_eof:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it may need the server while it stops
        _stop_on_eof(stop)
    else:
        _stop_on_signals(stop)
    _allow_many_files()
    server = _server(state_file)
    control = Control(server)
    try:
        await server.start(host, port)
        await control.start()
        announce(
            Address(
                host=server.host,
                port=server.port,
                public_key=server.server_key.pem,
                control_port=control.port,
                token=control.token,
            )
        )
        await stop.wait()
    finally:
        await control.close()
        await server.close()
        _save(server)


def _save(server: Server) -> None:
    try:
        server.save()
    except OSError as error:
        raise BadState(f"the state could not be saved: {error.strerror or error}") from error


def _server(state_file: Path | None) -> Server:
    state = load(state_file) if state_file is not None and state_file.exists() else None
    return Server(state, state_file=state_file)


def _allow_many_files() -> None:
    """Let thousands of clients connect: each one is an open file."""
    if resource is not None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt instead
            loop.add_signal_handler(name, stop.set)


def _stop_on_eof(stop: asyncio.Event) -> None:
    """Watch standard input from a thread, because not every loop can poll it. Its end means that the parent is gone."""
    loop = asyncio.get_running_loop()
    descriptor = sys.stdin.fileno()

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(descriptor, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, name="until-eof", daemon=True).start()
