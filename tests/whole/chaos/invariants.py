"""What must hold after a run, checked against the server's own record. Pure: from what was seen to what is wrong.

Each invariant is a function that yields one plain sentence for each case in which it doesn't hold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import actors
from tests.whole.chaos.journal import DONE, PENDING, UNKNOWN, Record
from tests.whole.chaos.leftovers import Holding
from tests.whole.chaos.subscribers import Heard

__all__ = ["INVARIANTS", "Held", "Seen", "violations"]

MEMORY = 96 * 1024 * 1024
"""Bytes that the process may have grown by: records of the test, and what the allocator keeps. A lost message or
client would show in the objects as well."""

LAST = "last send"
"""The kind of the sends that every session is asked for once the trouble is over."""


@dataclass(frozen=True, slots=True)
class Held:
    """A message of the server's record, in the box of an account or in the channel."""

    box: str
    id: int
    sender: str
    text: str
    random_id: int = 0


@dataclass(slots=True, kw_only=True)
class Seen:
    """All that was seen of a run."""

    records: Sequence[Record] = ()
    held: Sequence[Held] = ()
    events: Sequence[Heard] = ()
    monitored: Sequence[Heard] = ()
    strangers: Mapping[str, int] = field(default_factory=dict)
    revoked: frozenset[str] = frozenset()
    sessions: Sequence[str] = ()
    overlaps: Sequence[str] = ()
    errors: Sequence[str] = ()
    registered: Sequence[str] = ()
    tasks: Sequence[str] = ()
    before: Holding = field(default_factory=lambda: Holding(0, 0, 0, Counter()))
    after: Holding = field(default_factory=lambda: Holding(0, 0, 0, Counter()))


def every_operation_has_one_outcome(seen: Seen) -> Iterator[str]:
    """An answer for what was asked; a reply, or one OperationFailed, for what was told."""
    for record in seen.records:
        if record.answers != 1 or record.outcome == PENDING:
            yield f"{_name(record)} has {record.answers or 'no'} outcomes"
    for session, count in seen.strangers.items():
        yield f"{session} published {count} failures of operations that nobody told"


def no_message_is_there_twice(seen: Seen) -> Iterator[str]:
    """A text is unique in the run, so no box may have one twice."""
    for (box, text), count in Counter((held.box, held.text) for held in seen.held).items():
        if count > 1:
            yield f"{text!r} is {count} times with {box}"


def what_was_reported_sent_is_there(seen: Seen) -> Iterator[str]:
    """With the id that was reported, in the sender's box or the channel, and with the receiver too."""
    boxes: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for held in seen.held:
        boxes[held.text][held.box] = held.id
    for record in _sends(seen):
        if record.outcome != DONE:
            continue
        there = boxes[record.text]
        home = record.chat if record.kind == "post" else record.session
        if record.chat not in there:
            yield f"{_name(record)} was reported sent, and {record.chat} doesn't have it"
        elif there.get(home) != record.message_id:
            yield f"{_name(record)} was reported as message {record.message_id}, and is {there.get(home)} with {home}"


def what_was_reported_not_sent_is_not_there(seen: Seen) -> Iterator[str]:
    """Every outcome but done and unknown says that nothing was sent."""
    boxes: defaultdict[str, set[str]] = defaultdict(set)
    for held in seen.held:
        boxes[held.text].add(held.box)
    for record in _sends(seen):
        if record.outcome not in (DONE, UNKNOWN, PENDING) and boxes[record.text]:
            found = ", ".join(sorted(boxes[record.text]))
            yield f"{_name(record)} was reported {record.outcome} {record.reason}, and is with {found}"


def nothing_is_there_that_nobody_sent(seen: Seen) -> Iterator[str]:
    """Each message has its record, and its sender."""
    authors = {record.text: record.session for record in _sends(seen)}
    for held in seen.held:
        if authors.get(held.text) != held.sender:
            yield f"message {held.id} with {held.box} is from {held.sender}, who never sent it"


def a_monitor_reports_in_order_and_ends_once(seen: Seen) -> Iterator[str]:
    """Ids of the one channel rise, and the end is the last event."""
    last: dict[int, int] = {}
    ended: set[int] = set()
    for event in seen.monitored:
        monitor = event.subject
        if monitor in ended:
            yield f"monitor {monitor} of {event.session} reports {event.event.__name__} after its end"
        if event.event is actors.MonitorEnded:
            ended.add(monitor)
        elif event.message_id <= last.get(monitor, 0):
            yield f"monitor {monitor} of {event.session} reports {event.message_id} after {last[monitor]}"
        else:
            last[monitor] = event.message_id
    for monitor in last.keys() - ended:
        yield f"monitor {monitor} never ended"


def revoked_sessions_are_down_and_no_other(seen: Seen) -> Iterator[str]:
    """With one SessionDown that names a reason; the others end when they are told to, without one."""
    downs: defaultdict[str, list[str]] = defaultdict(list)
    for event in seen.events:
        if event.event is actors.SessionDown:
            downs[event.session].append(event.reason)
    for name in seen.sessions:
        reasons = downs[name]
        if len(reasons) != 1:
            yield f"{name} has {len(reasons)} SessionDown events"
        elif bool(reasons[0]) != (name in seen.revoked):
            yield f"{name} is down for {reasons[0]!r}, revoked: {name in seen.revoked}"


def the_others_work_again(seen: Seen) -> Iterator[str]:
    """Once the trouble is over, each session that wasn't revoked sends."""
    asked = {record.session: record for record in seen.records if record.kind == LAST}
    for name in seen.sessions:
        if name in seen.revoked:
            continue
        if name not in asked:
            yield f"{name} was not asked for its last send"
        elif asked[name].outcome != DONE:
            yield f"{name}: its last send ended with {asked[name].outcome} {asked[name].reason}"


def one_operation_at_a_time(seen: Seen) -> Iterator[str]:
    """On one client."""
    for session, count in Counter(seen.overlaps).items():
        yield f"{session} ran two operations at once on one client, {count} times"


def nothing_failed_inside(seen: Seen) -> Iterator[str]:
    """No error in the log, of the library or of asyncio."""
    yield from seen.errors


def the_registry_is_empty(seen: Seen) -> Iterator[str]:
    """Every task that the library started has ended."""
    yield from (f"still registered: {name}" for name in seen.registered)


def no_task_is_left(seen: Seen) -> Iterator[str]:
    """Neither the library's nor Telethon's."""
    yield from (f"still running: {name}" for name in seen.tasks)


def no_descriptor_is_left(seen: Seen) -> Iterator[str]:
    """As many as before."""
    if seen.after.descriptors > seen.before.descriptors:
        yield f"{seen.after.descriptors} descriptors are open, {seen.before.descriptors} before"


def no_memory_is_left(seen: Seen) -> Iterator[str]:
    """No object of the library, no client, and not much of anything else."""
    for name, count in (seen.after.objects - seen.before.objects).items():
        yield f"{count} more {name} than before"
    if (grown := seen.after.memory - seen.before.memory) > MEMORY:
        yield f"memory has grown by {grown / 1024 / 1024:.0f} MiB"


Invariant = Callable[[Seen], Iterator[str]]
INVARIANTS: tuple[Invariant, ...] = (
    every_operation_has_one_outcome,
    no_message_is_there_twice,
    what_was_reported_sent_is_there,
    what_was_reported_not_sent_is_not_there,
    nothing_is_there_that_nobody_sent,
    a_monitor_reports_in_order_and_ends_once,
    revoked_sessions_are_down_and_no_other,
    the_others_work_again,
    one_operation_at_a_time,
    nothing_failed_inside,
    the_registry_is_empty,
    no_task_is_left,
    no_descriptor_is_left,
    no_memory_is_left,
)


def violations(seen: Seen) -> Mapping[str, list[str]]:
    """Return every invariant, in plain words, with what breaks it."""
    return {check.__name__.replace("_", " "): list(check(seen)) for check in INVARIANTS}


def _sends(seen: Seen) -> Iterator[Record]:
    return (record for record in seen.records if record.text)


def _name(record: Record) -> str:
    return f"{record.kind} {record.number} of {record.session}"
