"""The error of the test kit itself. Errors of Telegram and of operations are in `model/errors.py`."""

from __future__ import annotations

__all__ = ["LoopbackFailed"]


class LoopbackFailed(Exception):
    """The server did not start, is gone, or refused a command. `stderr` is the end of what it printed."""

    def __init__(self, problem: str, *, stderr: str = "") -> None:
        super().__init__(f"{problem}\n{stderr}".rstrip())
        self.problem = problem
        self.stderr = stderr

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.problem, self.stderr)


def _rebuild(problem: str, stderr: str) -> LoopbackFailed:
    return LoopbackFailed(problem, stderr=stderr)
