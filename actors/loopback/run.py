"""Runs a server with its control channel until told to stop. The command line is actors/cli/loopback.py's."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from actors.loopback.control import Control
from actors.loopback.server import Server

__all__ = ["Address", "serve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a running server is reached, by clients and by its kit."""

    host: str
    port: int
    public_key: str = field(repr=False)
    control_port: int
    token: str = field(repr=False)


async def serve(*, host: str, port: int, until_eof: bool, announce: Callable[[Address], None]) -> None:
    """Run until SIGINT or SIGTERM, or with `until_eof` until standard input ends.

    Raises OSError if the port can't be had.
    """
    stop = asyncio.Event()
    if until_eof:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it may need the server while it stops
        _stop_on_eof(stop)
    else:
        _stop_on_signals(stop)
    server = Server()
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


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt instead
            loop.add_signal_handler(name, stop.set)


def _stop_on_eof(stop: asyncio.Event) -> None:
    """Watch standard input from a thread (not every loop can poll it): its end means that the parent is gone."""
    loop = asyncio.get_running_loop()
    descriptor = sys.stdin.fileno()

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(descriptor, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, name="until-eof", daemon=True).start()
