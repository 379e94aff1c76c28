"""What users' type checkers must see. Checked by mypy, never run: a wrong type is an error of the gate."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Any, assert_type

import actors


@dataclass(frozen=True)
class Count(actors.Operation[int]):
    """A user's own atomic operation."""

    peer: str

    async def run(self, client: actors.Client, context: actors.OperationContext) -> int:
        """Return a number."""
        del context
        return (await client.history(await client.resolve(self.peer), limit=1)).total


@dataclass(frozen=True)
class Find(actors.ResumableOperation[list[str]]):
    """A user's own resumable operation."""

    peer: str

    async def run(
        self, client: actors.Client, context: actors.OperationContext
    ) -> AsyncGenerator[actors.Checkpoint, None]:
        """Yield a checkpoint."""
        del client
        yield self.start(context) or actors.Checkpoint(None)

    def result(self, items: tuple[Any, ...], last: actors.Checkpoint) -> list[str]:
        """Return texts."""
        raise NotImplementedError


async def fetch(client: actors.Client, name: str, *, limit: int = 1) -> bytes:
    """Serve as the function of a Call."""
    raise NotImplementedError


def crunch(data: bytes) -> float:
    """Serve as the function of a CallInThread."""
    raise NotImplementedError


def blocking(alice: actors.SessionRef, to: actors.Recipient) -> None:
    """The face for threads: an ask is its answer."""
    assert_type(alice.ask(actors.SendMessage("@bob", "hello")), actors.SentMessage)
    assert_type(alice.ask(actors.SendMessage("@bob", "hello"), timeout=5), actors.SentMessage)
    assert_type(alice.ask(actors.SendMessage("@bob", "hello"), block=True), actors.SentMessage)
    assert_type(alice.ask(actors.SendMessage("@bob", "hello").with_(priority=20)), actors.SentMessage)
    assert_type(alice.ask(actors.ScrapeHistory("@news")), actors.ScrapedMessages)
    assert_type(alice.ask(actors.ScrapeParticipants("@news")), actors.ScrapedParticipants)
    assert_type(alice.ask(actors.ScrapeDialogs()), actors.ScrapedDialogs)
    assert_type(alice.ask(actors.ExportHistory("@news", "news.jsonl")), actors.ExportedHistory)
    assert_type(alice.ask(actors.Monitor(["@news"], to=to)), actors.MonitorStarted)
    assert_type(alice.ask(actors.StopMonitor(1)), bool)
    assert_type(alice.ask(actors.Call("fetching", fetch, "x", limit=2)), bytes)
    assert_type(alice.ask(actors.CallInThread("crunching", crunch, b"")), float)
    assert_type(alice.ask(Count("@news")), int)
    assert_type(alice.ask(Find("@news", resume=None)), list[str])
    assert_type(alice.ask(actors.GetStatus()), actors.SessionStatus)
    assert_type(alice.ask(actors.CancelOperation(key="mine")), bool)
    assert_type(alice.ask(actors.LiftRestriction()), bool)
    assert_type(alice.ask(actors.StopSession()), bool)
    assert_type(alice.status(), actors.SessionStatus)
    assert_type(alice.name, str)


def futures(alice: actors.SessionRef) -> None:
    """block=False: the future of the same answer, and what is made of it."""
    sent = alice.ask(actors.SendMessage("@bob", "hello"), block=False)
    assert_type(sent, actors.ActorFuture[actors.SentMessage])
    assert_type(sent.get(timeout=1), actors.SentMessage)
    assert_type(sent.cancel(), bool)
    assert_type(sent.done(), bool)
    assert_type(sent.map(lambda message: message.id), actors.ActorFuture[int])
    assert_type(sent.join(alice.ask(Count("@news"), block=False)), actors.ActorFuture[Iterable[Any]])
    assert_type(alice.ask(Count("@news"), block=False), actors.ActorFuture[int])
    assert_type(alice.ask(actors.Call("fetching", fetch, "x"), block=False), actors.ActorFuture[bytes])
    assert_type(alice.ask(actors.GetStatus(), block=False), actors.ActorFuture[actors.SessionStatus])


async def awaited(alice: actors.AsyncSessionRef, blocking: actors.SessionRef, to: actors.Recipient) -> None:
    """The face for asyncio: an ask is a future, to be awaited."""
    assert_type(alice.ask(actors.SendMessage("@bob", "hello")), actors.ActorFuture[actors.SentMessage])
    assert_type(await alice.ask(actors.SendMessage("@bob", "hello")), actors.SentMessage)
    assert_type(await alice.ask(actors.SendMessage("@bob", "hello").with_(retries=0)), actors.SentMessage)
    assert_type(await alice.ask(actors.ScrapeHistory("@news")), actors.ScrapedMessages)
    assert_type(await alice.ask(actors.ScrapeParticipants("@news")), actors.ScrapedParticipants)
    assert_type(await alice.ask(actors.Monitor(["@news"], to=to)), actors.MonitorStarted)
    assert_type(await alice.ask(actors.StopMonitor(1)), bool)
    assert_type(await alice.ask(actors.Call("fetching", fetch, "x")), bytes)
    assert_type(await alice.ask(actors.CallInThread("crunching", crunch, b"")), float)
    assert_type(await alice.ask(Count("@news")), int)
    assert_type(await alice.ask(Find("@news")), list[str])
    assert_type(await alice.ask(actors.GetStatus()), actors.SessionStatus)
    assert_type(await alice.status(), actors.SessionStatus)
    assert_type(await blocking.ask(actors.SendMessage("@bob", "hello"), block=False), actors.SentMessage)
    assert_type(alice.messages(["@news"]), AsyncGenerator[actors.Message, None])
    async for message in alice.messages(["@news"], lifetime=60):
        assert_type(message, actors.Message)


def copies(to: actors.Recipient) -> None:
    """`with_` keeps the type of the operation."""
    assert_type(actors.SendMessage("@bob", "hello").with_(priority=20, wait_timeout=5), actors.SendMessage)
    assert_type(actors.ScrapeHistory("@news").with_(run_timeout=5, key="mine"), actors.ScrapeHistory)
    assert_type(actors.Monitor(to=to).with_(retries=1), actors.Monitor)
    assert_type(actors.Call("fetching", fetch, "x").with_(attempt_timeout=1), actors.Call[bytes])
    assert_type(actors.CallInThread("crunching", crunch, b"").with_(priority=1), actors.CallInThread[float])
    assert_type(Count("@news").with_(priority=1), Count)
    assert_type(Find("@news").with_(priority=1), Find)


def system_of_threads(config: actors.SessionConfig, to: actors.Recipient) -> None:
    """`with open_system()`: everything is there when the call returns."""
    with actors.open_system() as system:
        assert_type(system, actors.System)
        assert_type(system.start_session(config), actors.SessionRef)
        assert_type(system.session("alice"), actors.SessionRef)
        assert_type(system.stop_session("alice", drain=1), bool)
        assert_type(system.status(), actors.SystemStatus)
        assert_type(system.status().sessions["alice"], actors.SessionStatus)
        assert_type(system.unsubscribe(to), bool)


async def system_of_asyncio(config: actors.SessionConfig, to: actors.Recipient) -> None:
    """`async with open_system()`: the same, awaited."""
    async with actors.open_system() as system:
        assert_type(system, actors.AsyncSystem)
        assert_type(await system.start_session(config), actors.AsyncSessionRef)
        assert_type(await system.session("alice"), actors.AsyncSessionRef)
        assert_type(await system.stop_session("alice"), bool)
        assert_type(await system.status(), actors.SystemStatus)
        assert_type(await system.unsubscribe(to), bool)


def calls_are_checked() -> None:
    """A call with wrong arguments is an error: an ignore that isn't needed fails the gate."""
    actors.Call("fetching", fetch)  # type: ignore[call-arg]
    actors.Call("fetching", fetch, 1)  # type: ignore[arg-type]
    actors.Call("fetching", crunch, b"")  # type: ignore[arg-type, call-arg]
    actors.CallInThread("crunching", crunch, "text")  # type: ignore[arg-type]
