"""Every public operation as a user makes it for a chat, so that a test can walk all of them through the same trouble.

The table is checked against the package: a new operation has to be put in.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pykka

import actors

__all__ = ["OPERATIONS", "WITHOUT_PEER", "Scene", "public_operations"]

PeerLike = str | int | actors.Peer


@dataclass
class Scene:
    """What operations are made with: a chat's message that has a file, paths, and whom monitors tell."""

    path: Path
    file_message: int
    to: pykka.ActorRef[Any]
    made: int = field(default=0)

    def a_file(self) -> Path:
        """Return the path of a file to send."""
        path = self.path / "a file"
        path.write_bytes(b"content of a file")
        return path

    def a_path(self, suffix: str) -> Path:
        """Return a path where nothing is."""
        self.made += 1
        return self.path / f"result {self.made}{suffix}"


async def _newest(client: actors.Client, peer: PeerLike) -> int:
    page = await client.history(await client.resolve(peer), limit=1)
    return len(page.messages)


OPERATIONS: dict[type, Callable[[PeerLike, Scene], actors.Operation[Any]]] = {
    actors.Call: lambda peer, _: actors.Call("look", _newest, peer),
    actors.DownloadFile: lambda peer, scene: actors.DownloadFile(peer, scene.file_message, scene.a_path("")),
    actors.ExportHistory: lambda peer, scene: actors.ExportHistory(peer, scene.a_path(".jsonl")),
    actors.Monitor: lambda peer, scene: actors.Monitor([peer], to=scene.to),
    actors.ScrapeHistory: lambda peer, _: actors.ScrapeHistory(peer, limit=2),
    actors.ScrapeParticipants: lambda peer, _: actors.ScrapeParticipants(peer),
    actors.SendFile: lambda peer, scene: actors.SendFile(peer, scene.a_file()),
    actors.SendMessage: lambda peer, _: actors.SendMessage(peer, "hello again"),
}
"""How each operation is made that is about a chat."""

WITHOUT_PEER: dict[type, str] = {
    actors.CallInThread: "it gets no client",
    actors.ScrapeDialogs: "it is about all chats; what its checkpoint holds is looked at apart",
    actors.StopMonitor: "it asks the session alone",
}
"""Why the others aren't."""


def public_operations() -> set[type]:
    """Return the classes of all operations that users can make."""
    found = (getattr(actors, name) for name in actors.__all__)
    return {
        each
        for each in found
        if isinstance(each, type) and issubclass(each, actors.Operation) and not inspect.isabstract(each)
    }
