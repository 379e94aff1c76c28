"""The control channel: JSON lines over TCP on 127.0.0.1, after a token. It isn't MTProto, and it is never logged.

`actors/testing` speaks it. First comes `{"token": ...}`, then `{"command": name, "arguments": {...}}` for each command,
answered with `{"result": ...}` or `{"error": sentence}`. The commands are in commands.py, oddities.py, people.py and
trouble.py.
"""

from __future__ import annotations

import asyncio
import hmac
import inspect
import json
import logging
import secrets
from typing import Any

from actors.testing.server.control import (
    commands,  # noqa: F401  imported, they register themselves
    oddities,  # noqa: F401
    people as commands_people,  # noqa: F401
    trouble as commands_trouble,  # noqa: F401
)
from actors.testing.server.control.registry import COMMANDS, CommandError
from actors.testing.server.methods import Slow
from actors.testing.server.server import Server

__all__ = ["Control"]

log = logging.getLogger(__name__)

LINE_LIMIT = 64 * 1024 * 1024  # a request that posts many messages is one line


class Control:
    """Listens beside a server and carries out commands on it."""

    def __init__(self, server: Server) -> None:
        self.token = secrets.token_hex(16)
        self.port = 0
        self._server = server
        self._listener: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LINE_LIMIT)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening, and close all connections."""
        if self._listener is not None:
            self._listener.close()
            for writer in self._writers:
                writer.transport.abort()
            await self._listener.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if await self._admitted(reader):
                while line := await reader.readline():
                    writer.write(json.dumps(await self._carry_out(line)).encode() + b"\n")
                    await writer.drain()
        except (OSError, ValueError) as error:  # gone, or a line that never ends
            log.info("a control connection ended: %s", type(error).__name__)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _admitted(self, reader: asyncio.StreamReader) -> bool:
        line = await reader.readline()
        try:
            token = json.loads(line)["token"]
        except (ValueError, KeyError, TypeError):
            return False
        return isinstance(token, str) and hmac.compare_digest(token.encode(), self.token.encode())

    async def _carry_out(self, line: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(line)
            result = COMMANDS[asked["command"]](self._server, **asked["arguments"])
            if isinstance(result, Slow):
                result = result.then(await asyncio.to_thread(result.work))
            elif inspect.isawaitable(result):
                result = await result
        except (CommandError, ValueError) as error:
            return {"error": str(error)}
        except Exception as error:  # noqa: BLE001  a bug on either side: name it, and stay up
            log.error("a control command failed: %s", type(error).__name__)  # noqa: TRY400  its text may quote secrets
            return {"error": f"{type(error).__name__}: {error}"}
        finally:
            self._server.push()
        return {"result": result}
