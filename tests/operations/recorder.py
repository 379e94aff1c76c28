"""A Telethon client that writes down the parts of files that it sends and asks for, in the order of the loop."""

from __future__ import annotations

from typing import Any

from telethon import TelegramClient, functions

from actors.operations.parts import PART

__all__ = ["Record", "Recorder"]


class Record:
    """What has happened to the parts of one file: sends in all, what is acknowledged, what was sent after that."""

    def __init__(self) -> None:
        self.sends = 0
        self.most = 0
        self.acknowledged: set[int] = set()
        self.again: set[int] = set()
        self.flying: set[Any] = set()

    def sent(self, part: int, future: Any) -> None:
        """Note that a part leaves."""
        self.sends += 1
        self.flying.add(future)
        self.most = max(self.most, len(self.flying))
        if part in self.acknowledged:
            self.again.add(part)
        future.add_done_callback(lambda _: self._answered(part, future))

    def _answered(self, part: int, future: Any) -> None:
        self.flying.discard(future)
        if not future.cancelled() and future.exception() is None:
            self.acknowledged.add(part)


class Recorder:
    """Makes clients that write down the parts of files that they send and ask for."""

    def __init__(self) -> None:
        self.up, self.down = Record(), Record()

    def of(self, way: str) -> Record:
        """Return the record of what went `up` or `down`."""
        return self.up if way == "up" else self.down

    def __call__(self, **arguments: Any) -> TelegramClient:
        """Make a client (`SessionConfig.client_factory`)."""
        client = TelegramClient(**arguments)
        send = client._sender.send

        def recorded(request: Any, **rest: Any) -> Any:
            future = send(request, **rest)
            match request:
                case functions.upload.SaveFilePartRequest(file_part=part):
                    self.up.sent(part, future)
                case functions.upload.GetFileRequest(offset=offset):
                    self.down.sent(offset // PART, future)
            return future

        client._sender.send = recorded
        return client
