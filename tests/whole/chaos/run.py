"""One run: a server, sessions under load, the script acted out, an end, and a look at all that is left."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pykka

import actors
from actors.runtime.tasks import TaskRegistry
from actors.testing import Loopback, loopback
from tests.whole.chaos.invariants import LAST, Held, Seen, violations
from tests.whole.chaos.journal import Journal
from tests.whole.chaos.leftovers import holding, registry_of, tasks
from tests.whole.chaos.load import CHANNEL, HEALTH, POLICIES, Load
from tests.whole.chaos.script import Fault, script
from tests.whole.chaos.subscribers import Listener, heard
from tests.whole.chaos.trouble import Trouble

__all__ = ["Report", "chaos"]

CAPACITY = 20  # operations that may wait: full now and then
SETTLE_LIMIT = 60.0  # seconds until every operation must have ended once the trouble is over
LAST_LIMIT = 45.0  # seconds for a session to be online again, and send: the backoff is at most 30 s
LATE = 3.0  # seconds: more than the longest delay of a script
EVERY = 5.0  # seconds between two lines of progress
EVENTS = (actors.OperationFailed, actors.DeadLetter, actors.SessionDown)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run: what was acted out, how the operations ended, and each invariant with what breaks it."""

    seed: int
    faults: Counter[str]
    outcomes: Counter[tuple[str, str]]
    messages: int
    growth: int
    violations: Mapping[str, list[str]]

    @property
    def held(self) -> bool:
        """Whether every invariant held."""
        return not any(self.violations.values())


def chaos(seed: int, *, seconds: float, sessions: int, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Do a run of so many seconds of trouble, and report."""
    with tempfile.TemporaryDirectory() as folder, loopback(state=Path(folder, "telegram.state")) as telegram:
        return asyncio.run(_Run(telegram, seed, seconds, sessions, progress).run())


class _Run:
    """One run, on one loop."""

    def __init__(
        self, telegram: Loopback, seed: int, seconds: float, sessions: int, progress: Callable[[str], None]
    ) -> None:
        self._telegram = telegram
        self._seed = seed
        self._seconds = seconds
        self._names = [f"user{number}" for number in range(sessions)]
        self._progress = progress
        self._journal = Journal(seed)
        self._script = script(seed, seconds=seconds, sessions=sessions)
        self._faults: list[Fault] = []
        self._revoked: set[str] = set()
        self._registry: TaskRegistry | None = None

    async def run(self) -> Report:
        """Live through it."""
        configs = [self._telegram.add_session(name).with_(capacity=CAPACITY, health=HEALTH) for name in self._names]
        self._telegram.add_channel(CHANNEL, members=self._names, messages=300)
        await self._warm_up()
        seen = Seen(before=holding(), sessions=self._names)
        listener, witness = Listener.start(), Listener.start()
        with _errors() as errors:
            async with actors.open_system(policies=POLICIES, drain=2.0, start_timeout=30) as system:
                self._registry = registry_of(system)
                await system.subscribe(witness, *EVENTS)
                refs = await asyncio.gather(*map(system.start_session, configs))
                load = Load(self._journal, refs, seed=self._seed, listener=listener)
                await self._storm(system, load, refs)
                await self._settle(refs)
                await self._say_last_words(load, refs)
                await self._stop(system, load, refs)
            del system, refs, load
            await self._listen_out(witness)
            seen.events, seen.monitored = heard(witness), heard(listener)
            self._journal.resolve(seen.events)
            await asyncio.gather(*(asyncio.to_thread(ref.stop) for ref in (listener, witness)))
            seen.registered = [entry.task.get_name() for entry in self._registry.live()]
            seen.tasks = tasks()
        self._registry = None
        seen.errors, seen.overlaps, seen.strangers = errors, self._journal.overlaps, self._journal.strangers
        seen.records, seen.revoked = self._journal.records, frozenset(self._revoked)
        seen.held = self._record()
        seen.after = holding()
        return self._report(seen)

    async def _warm_up(self) -> None:
        """Have what a loop makes once and keeps: the executor's first thread, and the spare descriptor of libuv."""
        await asyncio.to_thread(int)
        _, writer = await asyncio.open_connection(self._telegram.address.host, self._telegram.address.port)
        writer.close()
        await writer.wait_closed()

    async def _storm(self, system: actors.AsyncSystem, load: Load, refs: Sequence[actors.AsyncSessionRef]) -> None:
        """Load and trouble together, for as long as it was asked for."""
        trouble = Trouble(self._telegram, system, load, refs)
        self._faults, self._revoked = trouble.done, trouble.revoked
        watching = asyncio.ensure_future(self._watch())
        try:
            await asyncio.gather(load.run(self._seconds), trouble.run(self._script))
        finally:
            watching.cancel()
            await trouble.end()
        await asyncio.sleep(LATE)

    async def _watch(self) -> None:
        start = time.monotonic()
        while True:
            await asyncio.sleep(EVERY)
            counts = self._journal.counts()
            figures = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common(5))
            elapsed = time.monotonic() - start
            self._progress(f"{elapsed:4.0f} s: {len(self._faults)} of {len(self._script)} faults; {figures}")

    async def _settle(self, refs: Sequence[actors.AsyncSessionRef]) -> None:
        """Wait until no session has anything to do, nor an abandoned task; what has no outcome then has none."""
        deadline = time.monotonic() + SETTLE_LIMIT
        while any([await _is_busy(ref) for ref in refs]) or self._has_abandoned():
            if time.monotonic() > deadline:
                self._progress("some sessions don't come to rest")
                return
            await asyncio.sleep(0.1)
        self._progress("settled: nothing waits and nothing runs")

    def _has_abandoned(self) -> bool:
        """Say whether something that ignores its cancel goes on: it may, for as long as its script says."""
        return self._registry is not None and any(entry.abandoned for entry in self._registry.live())

    async def _say_last_words(self, load: Load, refs: Sequence[actors.AsyncSessionRef]) -> None:
        """Have every session send once more: those that should live do, and a revoked one learns of it at last."""
        for ref in refs:
            load.send(ref, LAST, self._names[0], wait_timeout=LAST_LIMIT)
        await self._settle(refs)

    async def _stop(self, system: actors.AsyncSystem, load: Load, refs: Sequence[actors.AsyncSessionRef]) -> None:
        """Stop half of the sessions under load; the others are left to the end of the system."""
        load.burst(4 * len(refs))
        first = [ref.name for ref in refs[: len(refs) // 2] if ref.name not in self._revoked]
        stops = await asyncio.gather(*map(system.stop_session, first), return_exceptions=True)
        for stopped in stops:
            if isinstance(stopped, Exception) and not isinstance(stopped, actors.UnknownSession):
                raise stopped

    async def _listen_out(self, witness: pykka.ActorRef[Listener]) -> None:
        """Give the last events the time of a few turns to arrive."""
        for _ in range(50):
            downs = sum(event.event is actors.SessionDown for event in heard(witness))
            if downs >= len(self._names):
                return
            await asyncio.sleep(0.02)

    def _record(self) -> list[Held]:
        """Return what the server holds, but for the channel's own past."""
        held = [
            Held(name, message.id, message.sender, message.text, message.random_id)
            for name in self._names
            for message in self._telegram.messages(name)
        ]
        public = self._telegram.channel_messages(CHANNEL, limit=1_000_000)
        said = [message for message in public if not message.text.startswith(f"{CHANNEL} ")]
        return held + [Held(CHANNEL, message.id, message.sender, message.text, message.random_id) for message in said]

    def _report(self, seen: Seen) -> Report:
        return Report(
            seed=self._seed,
            faults=Counter(fault.kind.value for fault in self._faults),
            outcomes=Counter((record.kind, record.outcome) for record in seen.records),
            messages=len(seen.held),
            growth=seen.after.memory - seen.before.memory,
            violations=violations(seen),
        )


async def _is_busy(ref: actors.AsyncSessionRef) -> bool:
    """Say whether a session has anything to do; one that has ended hasn't."""
    try:
        status = await ref.status()
    except pykka.ActorDeadError:
        return False
    return status.current_operation is not None or status.queue_size > 0


class _Errors(logging.Handler):
    """Keeps what is logged as an error.

    Not what Telethon says of a server that is away, and not a loop that is stuck: that is the machine's doing here.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        if not record.name.startswith(("actors.watchdog", "actors.telethon")):
            self.texts.append(f"{record.name}: {self.format(record)}")


@contextmanager
def _errors() -> Iterator[list[str]]:
    handler = _Errors()
    loggers = [logging.getLogger(name) for name in ("actors", "asyncio")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield handler.texts
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
