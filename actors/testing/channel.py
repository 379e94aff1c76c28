"""The kit's end of the control channel: one question at a time, from any thread. The kit uses it.

The protocol is defined at the other end, in `testing/server/control/`.
"""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

from actors.testing.errors import LoopbackFailed

__all__ = ["ControlChannel"]


class ControlChannel:
    """A connection to a server's control port. `ask` is safe from several threads. timeout: seconds for each answer."""

    def __init__(self, port: int, token: str, *, timeout: float) -> None:
        self._lock = threading.Lock()
        self._socket = socket.create_connection(("127.0.0.1", port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines = self._socket.makefile("rb")
        self._send({"token": token})

    def _send(self, message: dict[str, Any]) -> None:
        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def ask(self, command: str, **arguments: Any) -> Any:
        """Have the server carry out a command; return the result. Raises LoopbackFailed with the server's reason."""
        with self._lock:
            try:
                self._send({"command": command, "arguments": arguments})
                line = self._lines.readline()
            except (OSError, ValueError) as error:
                raise LoopbackFailed(f"the loopback does not answer ({type(error).__name__})") from error
        if not line:
            raise LoopbackFailed("the loopback has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise LoopbackFailed(answer["error"])
        return answer["result"]

    def close(self) -> None:
        """Close the connection. A second call does nothing."""
        self._lines.close()
        self._socket.close()
