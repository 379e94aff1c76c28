"""What tests put into a mailbox, and a Hypothesis machine that holds it, or a mutant of it, against a plain list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from actors.runtime.lane import E
from actors.runtime.mailbox import Mailbox, Offer
from actors.runtime.overripe import Overripe

__all__ = ["Item", "Kind", "MailboxMachine", "Seen", "item", "mailbox_of", "order"]


@dataclass(eq=False)
class Item:
    """The least that a mailbox can hold. run: what is added to its deadline once it has started."""

    number: int
    priority: int
    due_at: float
    wait_deadline: float
    needs: set[str] = field(default_factory=set)
    is_own: bool = False
    run: float = 100.0
    sequence: int = 0
    has_started: bool = False

    @property
    def is_bounded(self) -> bool:
        """Whether it counts against the capacity."""
        return not self.has_started and not self.is_own

    @property
    def hold_deadline(self) -> float:
        """By when a hold must have ended."""
        return self.wait_deadline + (self.run if self.has_started else 0.0)


def item(
    number: int, *, priority: int = 0, at: float = 0.0, wait: float = 60.0, needs: str = "", started: bool = False
) -> Item:
    """Return one that was accepted at `at`, and is due after half of its wait."""
    return Item(number, priority, at + wait / 2, at + wait, {needs} if needs else set(), has_started=started)


class Seen(Mailbox[E]):
    """A mailbox that somebody looks at whenever something comes, so that everything in it has its place already."""

    def offer(self, entry: E) -> Offer:
        """Accept, and look."""
        offer = super().offer(entry)
        self.peek_past("", 0.0)
        return offer

    def give_back(self, entry: E) -> None:
        """Take back, and look."""
        super().give_back(entry)
        self.peek_past("", 0.0)


class Kind:
    """The kind of mailbox that tests get: the plain one, unless the fixture `seen_or_new` says otherwise."""

    mailbox: ClassVar[type[Mailbox[Any]]] = Mailbox


def mailbox_of(*items: Item, capacity: int = 100) -> Mailbox[Item]:
    """Return a mailbox with these in it, offered one after the other."""
    mailbox: Mailbox[Item] = Kind.mailbox(capacity)
    for one in items:
        assert mailbox.offer(one) is Offer.ACCEPTED
    return mailbox


def order(mailbox: Mailbox[Item], now: float) -> list[int]:
    """Take everything that can be taken, and return the numbers in order."""
    taken = []
    while (first := mailbox.peek(now)) is not None:
        assert mailbox.take(first)
        taken.append(first.number)
    return taken


class MailboxMachine(RuleBasedStateMachine):
    """Every rule is done to the mailbox and to a plain list; they must tell the same."""

    MAILBOX: ClassVar[type[Mailbox[Item]]] = Mailbox
    CAPACITY = 5
    KEYS = ("a", "b")

    def __init__(self) -> None:
        super().__init__()
        self.mailbox = self.MAILBOX(self.CAPACITY)
        self.now = 0.0
        self.number = 0
        self.closed = False
        self.waiting: list[Item] = []
        self.running: list[Item] = []
        self.held: dict[str, float | None] = {}
        self.accepted: set[int] = set()
        self.ended: list[int] = []

    def is_held(self, one: Item) -> bool:
        """Say whether it needs something that is held."""
        return any(key in self.held for key in one.needs)

    def expected_first(self) -> Item | None:
        """Return whose turn it is, by sorting."""
        runnable = [one for one in self.waiting if not self.is_held(one)]
        due = [one for one in runnable if not one.has_started and one.due_at <= self.now]
        if due:
            return min(due, key=lambda one: (one.wait_deadline, one.number))
        return min(runnable, key=lambda one: (-one.priority, one.number), default=None)

    def end(self, *gone: Item) -> None:
        """Take those out of the model that the mailbox has let go of."""
        for one in gone:
            self.waiting.remove(one)
            self.ended.append(one.number)

    @rule(
        priority=st.integers(0, 3),
        wait=st.sampled_from([5.0, 10.0, 60.0]),
        needs=st.sampled_from(["", *KEYS, "ab"]),
        own=st.booleans(),
    )
    def offer(self, priority: int, wait: float, needs: str, *, own: bool) -> None:
        """Offer a new one."""
        self.number += 1
        new = item(self.number, priority=priority, at=self.now, wait=wait)
        new.needs, new.is_own, new.run = set(needs), own, 2 * wait
        full = not own and sum(one.is_bounded for one in self.waiting) >= self.CAPACITY
        expected = Offer.CLOSED if self.closed else Offer.FULL if full else Offer.ACCEPTED
        assert self.mailbox.offer(new) is expected
        if expected is Offer.ACCEPTED:
            self.accepted.add(self.number)
            self.waiting.append(new)

    @rule()
    def take(self) -> None:
        """Start whoever's turn it is."""
        first = self.mailbox.peek(self.now)
        assert first is self.expected_first()
        if first is not None:
            assert self.mailbox.take(first)
        self.start(first)

    @rule(seconds=st.sampled_from([0.0, 0.5, 3.0, 8.0]))
    def take_next(self, seconds: float) -> None:
        """Let time pass, and start whoever's turn it is then, in one step."""
        self.let_pass(seconds)
        ripe, first = self.mailbox.take_next(self.now)
        self.end_ripe(ripe)
        assert first is self.expected_first()
        self.start(first)

    def start(self, one: Item | None) -> None:
        """Have it run, which waits no longer."""
        if one is not None:
            assert not self.mailbox.take(one)
            self.waiting.remove(one)
            one.has_started = True
            self.running.append(one)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), done=st.booleans())
    def end_or_pause(self, data: st.DataObject, *, done: bool) -> None:
        """End what runs, or put it back."""
        one = data.draw(st.sampled_from(self.running))
        self.running.remove(one)
        if done:
            self.ended.append(one.number)
        else:
            self.mailbox.give_back(one)
            self.waiting.append(one)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), counting_due=st.booleans())
    def compare(self, data: st.DataObject, *, counting_due: bool) -> None:
        """Ask whether what runs should give way."""
        one = data.draw(st.sampled_from(self.running))
        first = self.expected_first()
        expected = first is not None and (
            first.priority > one.priority or (counting_due and not first.has_started and first.due_at <= self.now)
        )
        assert self.mailbox.outranks(one, self.now, counting_due=counting_due) is expected

    @rule(seconds=st.sampled_from([0.0, 0.5, 3.0, 8.0]))
    def time_passes(self, seconds: float) -> None:
        """Let holds end, and what can't wait any more."""
        self.let_pass(seconds)
        self.end_ripe(self.mailbox.ripe(self.now))

    def let_pass(self, seconds: float) -> None:
        """Let time pass, and holds end."""
        self.now += seconds
        self.held = {key: until for key, until in self.held.items() if until is None or until > self.now}

    def end_ripe(self, ripe: Overripe[Item]) -> None:
        """End what can't wait any more, all of which the mailbox must have told."""
        late = [one for one in self.waiting if not one.has_started and one.wait_deadline <= self.now]
        assert list(ripe.expired) == sorted(late, key=lambda one: (one.wait_deadline, one.number))
        self.end(*late)
        beyond = {
            one.number
            for one in self.waiting
            if any((until := self.held.get(key)) is not None and until > one.hold_deadline for key in one.needs)
        }
        assert {one.number for one, _ in ripe.outlasted} == beyond
        assert all(held.key in one.needs and held.until == self.held[held.key] for one, held in ripe.outlasted)
        self.end(*(one for one, _ in ripe.outlasted))
        stuck = [one for one in self.waiting if one.has_started and self.is_held(one) and one.hold_deadline <= self.now]
        assert {one.number for one in ripe.overdue} == {one.number for one in stuck}
        self.end(*stuck)

    @rule(key=st.sampled_from(KEYS), seconds=st.sampled_from([1.0, 4.0, 30.0, None]))
    def hold(self, key: str, seconds: float | None) -> None:
        """Hold a key, for a while or without end."""
        until = None if seconds is None else self.now + seconds
        self.mailbox.hold(key, reason="test", until=until)
        before = self.held.get(key, 0.0)
        self.held[key] = None if until is None or before is None else max(until, before)

    @rule(key=st.sampled_from(KEYS))
    def release(self, key: str) -> None:
        """End a hold."""
        assert self.mailbox.release(key) is (key in self.held)
        self.held.pop(key, None)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """Take one out, wherever it stands."""
        one = data.draw(st.sampled_from(self.waiting))
        assert self.mailbox.take(one)
        self.end(one)

    @precondition(lambda self: self.number > 8)
    @rule()
    def close(self) -> None:
        """Refuse from now on."""
        self.mailbox.close()
        self.closed = True

    @precondition(lambda self: self.number > 10)
    @rule()
    def clear(self) -> None:
        """Take everything out, in order."""
        expected = sorted(self.waiting, key=lambda one: (-one.priority, one.number))
        assert list(self.mailbox.clear()) == expected
        self.end(*expected)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        """Every accepted one is in exactly one place."""
        places = [one.number for one in self.waiting + self.running] + self.ended
        assert sorted(places) == sorted(self.accepted)
        assert [one.number for one in self.mailbox] == [
            one.number for one in sorted(self.waiting, key=lambda one: (-one.priority, one.number))
        ]
        assert len(self.mailbox) == len(self.waiting)

    @invariant()
    def the_bound_holds(self) -> None:
        """At most `capacity` wait that are bounded."""
        assert sum(one.is_bounded for one in self.waiting) <= self.CAPACITY

    @rule()
    def ask_when_to_look_again(self) -> None:
        """At the earliest deadline, or end of a hold; not after every step, as asking puts what is new in order."""
        times = [one.wait_deadline for one in self.waiting if not one.has_started]
        times += [one.hold_deadline for one in self.waiting if one.has_started and self.is_held(one)]
        times += [until for until in self.held.values() if until is not None]
        assert self.mailbox.next_due() == min(times, default=None)

    @invariant()
    def it_tells_what_is_held(self) -> None:
        """Each key, with its end."""
        assert {held.key: held.until for held in self.mailbox.holds()} == self.held
