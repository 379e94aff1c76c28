"""The server as a subprocess that dies with its parent. Not what it is told (channel.py).

It ends when its standard input does, so a killed parent takes it along.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from typing import IO, Any

from actors.testing.errors import LoopbackFailed

__all__ = ["ServerProcess"]

STDERR_TAIL = 4000  # bytes: a traceback with room to spare
END_LIMIT = 5.0  # seconds that a server gets to end by itself


class ServerProcess:
    """A started server; `address` is what it announced. Raises LoopbackFailed with its stderr if it doesn't start.

    arguments: of `python -m actors.testing.server`; timeout: seconds until it must have announced itself.
    """

    def __init__(self, *arguments: str, timeout: float) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed in close(); a pipe would fill up
        self._forgotten = 0  # bytes
        command = [sys.executable, "-m", "actors.testing.server", *arguments]
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own module
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr
            )
            self.address: dict[str, Any] = self._announced(timeout)
        except BaseException:
            self.close()
            raise

    def _announced(self, timeout: float) -> dict[str, Any]:
        lines: list[bytes] = []
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101  it is a pipe
        reader = threading.Thread(target=lambda: lines.append(stdout.readline()), daemon=True)
        reader.start()
        reader.join(timeout)
        if reader.is_alive():
            raise LoopbackFailed(f"the loopback did not start within {timeout:g} s", stderr=self.stderr())
        try:
            address: dict[str, Any] = json.loads(lines[0])
        except ValueError:
            self._process.wait(END_LIMIT)
            problem = f"the loopback did not start (exit code {self._process.returncode})"
            raise LoopbackFailed(problem, stderr=self.stderr()) from None
        return address

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def stderr(self, tail: int = STDERR_TAIL) -> str:
        """Return the end of what the server printed to stderr since it was last forgotten: at most so many bytes."""
        self._stderr.seek(max(self._forgotten, self._stderr.seek(0, os.SEEK_END) - tail))
        return self._stderr.read().decode(errors="replace")

    def forget_stderr(self) -> None:
        """Let `stderr()` begin with what is printed from now on."""
        self._forgotten = self._stderr.seek(0, os.SEEK_END)

    def kill(self) -> None:
        """Kill the server, as nothing else would: it can't save or say goodbye."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End the server; twice is fine."""
        process = getattr(self, "_process", None)
        if process is not None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(END_LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        self._stderr.close()
