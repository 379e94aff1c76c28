"""What the load knows of its operations: who asked for what, and how each ended. Judges nothing (invariants.py does).

Told operations have no future: they are found again by the operation id that they had when they started.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pykka

import actors
from tests.whole.chaos.subscribers import Heard

__all__ = ["DONE", "PENDING", "REFUSED", "UNKNOWN", "UNSTARTED", "Journal", "Record", "ToldSend"]

PENDING, DONE, UNKNOWN, REFUSED, UNSTARTED = "pending", "done", "OutcomeUnknown", "refused", "never started"


@dataclass(slots=True)
class Record:
    """One operation that was asked for or told.

    text: of a send, unique in the run; outcome: PENDING, DONE, REFUSED (never accepted), UNSTARTED (a told one that
    failed before it started), or the class of the error; reason: the error's own word for it; message_id: of a send
    that was reported done; answers: how many outcomes it had.
    """

    number: int
    session: str
    kind: str
    text: str = ""
    chat: str = ""
    told: bool = False
    outcome: str = PENDING
    reason: str = ""
    message_id: int = 0
    operation_id: int = 0
    returned: bool = False
    answers: int = 0

    def note(self, reply: Any) -> None:
        """Note a good end."""
        self.answers += 1
        self.outcome = DONE
        if isinstance(reply, actors.SentMessage):
            self.message_id = reply.id

    def fail(self, error: BaseException) -> None:
        """Note a bad end. The error itself isn't kept: its traceback holds on to what must be gone."""
        self.answers += 1
        self.outcome = type(error).__name__
        self.reason = str(getattr(error, "name", "") or getattr(error, "reason", ""))
        if isinstance(error, actors.MailboxFull | pykka.ActorDeadError):
            self.outcome, self.reason = REFUSED, type(error).__name__


@dataclass(frozen=True, slots=True)
class ToldSend(actors.SendMessage):
    """A send that nobody waits for; it leaves word in its record when it starts and when it has its reply."""

    record: Record = field(kw_only=True, repr=False)

    async def run(self, client: actors.Client, context: actors.OperationContext) -> actors.SentMessage:
        """Send."""
        self.record.operation_id = context.operation_id
        sent = await actors.SendMessage.run(self, client, context)
        self.record.returned = True
        self.record.message_id = sent.id
        return sent


class Journal:
    """All records of a run, in the order in which they were made.

    overlaps: sessions, one for each time that two operations ran on one client; strangers: how many failures a
    session published that belong to no told operation.
    """

    def __init__(self, seed: int) -> None:
        self.records: list[Record] = []
        self.overlaps: list[str] = []
        self.strangers: Counter[str] = Counter()
        self._seed = seed
        self._busy: Counter[tuple[str, int]] = Counter()

    def open(self, session: str, kind: str, *, chat: str = "", told: bool = False) -> Record:
        """Begin a record."""
        record = Record(len(self.records) + 1, session, kind, chat=chat, told=told)
        if chat:
            record.text = f"chaos {self._seed} message {record.number}"
        self.records.append(record)
        return record

    def resolve(self, events: Iterable[Heard]) -> None:
        """Give told operations their outcomes: the reply that they had, or what the session published.

        What failed before it started has no id that the teller knows: of those only their number is known.
        """
        failed: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for event in events:
            if event.event is actors.OperationFailed:
                failed[event.session, event.subject].append(event.reason)
        unstarted = []
        for record in self.records:
            if not record.told or record.outcome == REFUSED:
                continue
            if not record.operation_id:
                unstarted.append(record)
                continue
            reasons = failed.pop((record.session, record.operation_id), [DONE] if record.returned else [])
            record.answers = len(reasons)
            record.outcome = reasons[0] if reasons else PENDING
        anonymous = Counter(session for (session, _), reasons in failed.items() for _ in reasons)
        for record in unstarted:
            if anonymous[record.session] > 0:
                anonymous[record.session] -= 1
                record.answers, record.outcome = 1, UNSTARTED
        self.strangers = +anonymous

    def counts(self) -> Counter[str]:
        """Return how many operations ended each way."""
        return Counter(record.outcome for record in self.records)

    def follow(self, record: Record, future: actors.ActorFuture[Any]) -> None:
        """Note the outcome of what was asked when it comes."""

        def ended(future: actors.ActorFuture[Any]) -> None:
            error = future.exception()
            if error is None:
                record.note(future.get())
            else:
                record.fail(error)

        future.add_done_callback(ended)

    def alone(self, session: str, client: actors.Client) -> Callable[[], None]:
        """Note that an operation runs on a client; return what ends that. Two on one client are an overlap."""
        key = (session, id(client.telethon))
        self._busy[key] += 1
        if self._busy[key] > 1:
            self.overlaps.append(session)

        def end() -> None:
            self._busy[key] -= 1

        return end
