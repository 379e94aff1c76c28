"""The queue of a session by itself: what it takes in, what starts, what is held, what it shows. Time is passed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actors.runtime.mailbox import Offer
from actors.session.queue import OperationQueue, Waiting
from actors.session.queued_operation import OFFLINE, QueuedOperation, permit_key
from tests.session.entries import Scrape, Work, entry, permit, queue_of, start, starts, waiting

pytestmark = pytest.mark.usefixtures("seen_or_new")

# In and out.


def test_a_queue_accepts_as_many_of_its_users_as_it_has_room_for_and_any_of_its_sessions() -> None:
    """The bound is exact, and the session's own operations are outside it."""
    queue = queue_of(entry(1), entry(2), entry(3, own=True), capacity=2)
    assert queue.offer(entry(4)) is Offer.FULL
    assert queue.offer(entry(5, own=True)) is Offer.ACCEPTED
    assert (len(queue), starts(queue)) == (4, [1, 2, 3, 5])


def test_a_closed_queue_refuses_newcomers_and_goes_on_with_what_it_has() -> None:
    """What was accepted before still starts, and still comes back."""
    queue = queue_of(entry(1), entry(2))
    running = start(queue)
    assert running is not None
    queue.close()
    assert queue.offer(entry(3)) is Offer.CLOSED
    assert queue.offer(entry(4, own=True)) is Offer.CLOSED
    queue.give_back(running, 0.0)
    assert starts(queue) == [1, 2]


def test_what_is_given_back_takes_its_old_place_and_leaves_its_room_to_others() -> None:
    """It is before its equals that came later, and doesn't count against the capacity."""
    queue = queue_of(entry(1), entry(2), capacity=2)
    running = start(queue)
    assert running is not None
    assert queue.offer(entry(3)) is Offer.ACCEPTED
    queue.give_back(running, 0.0)
    assert queue.offer(entry(4)) is Offer.FULL
    assert waiting(queue) == [1, 2, 3]
    assert queue.withdraw(1, None) is running


@pytest.mark.parametrize(
    ("operation_id", "key", "number"),
    [
        pytest.param(1, None, 1, id="by its number"),
        pytest.param(None, "mine", 3, id="by its key, the first of those with it"),
        pytest.param(9, "mine", 3, id="by its key when no number fits"),
        pytest.param(9, None, None, id="a number that isn't there"),
        pytest.param(None, "yours", None, id="a key that isn't there"),
        pytest.param(None, None, None, id="nothing in particular"),
    ],
)
def test_withdraw_removes_the_one_that_is_meant_and_nothing_else(
    operation_id: int | None, key: str | None, number: int | None
) -> None:
    """It returns the operation, or None when there is no such one."""
    mine = [entry(2, Work(key="mine")), entry(3, Work(key="mine"), priority=5)]
    queue = queue_of(entry(1), *mine, entry(4))
    gone = queue.withdraw(operation_id, key)
    assert (gone.operation_id if gone else None) == number
    assert waiting(queue) == [one for one in [3, 1, 2, 4] if one != number]


def test_withdraw_makes_room() -> None:
    """What is withdrawn counts against the capacity no longer."""
    queue = queue_of(entry(1), capacity=1)
    queue.withdraw(1, None)
    assert queue.offer(entry(2)) is Offer.ACCEPTED


def test_clear_removes_everything_in_order() -> None:
    """Nothing is left, and all the room is free again."""
    queue = queue_of(entry(1), entry(2, priority=5), entry(3), capacity=3)
    assert [one.operation_id for one in queue.clear()] == [2, 1, 3]
    assert (len(queue), queue.clear()) == (0, ())
    assert [queue.offer(entry(number)) for number in (4, 5, 6)] == [Offer.ACCEPTED] * 3


# Turns.


def test_a_turn_starts_the_one_whose_turn_it_is_with_its_permit_and_no_other() -> None:
    """It asks for one permit, and takes one operation out."""
    asked: list[int] = []

    def take_permit(one: QueuedOperation) -> bool:
        asked.append(one.operation_id)
        return True

    queue = queue_of(entry(1), entry(2, priority=5), entry(3, priority=5))
    started = queue.turn(0.0, ready=True, take_permit=take_permit).start
    assert started is not None
    assert (started.operation_id, asked, waiting(queue)) == (2, [2], [3, 1])


def test_a_turn_starts_what_is_due_first() -> None:
    """Half of its wait timeout has passed: that comes before every priority."""
    queue = queue_of(entry(1, priority=5), entry(2, wait=20.0))
    assert starts(queue, 9.9) == [1, 2]
    queue = queue_of(entry(1, priority=5), entry(2, wait=20.0))
    assert starts(queue, 10.0) == [2, 1]


def ripe_in_every_way() -> OperationQueue:
    """Return a queue with four operations, three of which can't wait any more in second 120."""
    overdue = entry(3, Work("write"), wait=20.0)
    queue = queue_of(overdue)
    assert start(queue) is overdue
    for one in (entry(1, wait=120.0), entry(2, Work("flooded"), wait=130.0), entry(4, wait=200.0)):
        assert queue.offer(one) is Offer.ACCEPTED
    queue.give_back(overdue, 0.0)
    queue.hold("method:flooded", "FLOOD_WAIT", 100.0, until=131.0)
    queue.hold("method:write", "PEER_FLOOD", 100.0)
    return queue


@pytest.mark.parametrize("ready", [True, False])
def test_a_turn_hands_out_what_cannot_wait_any_more_whether_something_may_start_or_not(*, ready: bool) -> None:
    """Expired, outlasted by a hold, kept beyond its deadline: each by its name, and none of them is left."""
    queue = ripe_in_every_way()
    turn = queue.turn(120.0, ready=ready, take_permit=permit)
    assert [one.operation_id for one in turn.ripe.expired] == [1]
    assert [(one.operation_id, held.reason) for one, held in turn.ripe.outlasted] == [(2, "FLOOD_WAIT")]
    assert [one.operation_id for one in turn.ripe.overdue] == [3]
    assert (turn.start.operation_id if turn.start else None) == (4 if ready else None)
    assert waiting(queue) == ([] if ready else [4])
    assert [queue.withdraw(number, None) for number in (1, 2, 3)] == [None, None, None]


def test_a_turn_in_which_nothing_may_start_asks_for_no_permit() -> None:
    """A permit is taken for what starts, and for nothing else."""

    def take_permit(one: QueuedOperation) -> bool:
        raise AssertionError(one)

    queue = queue_of(entry(1))
    assert queue.turn(0.0, ready=False, take_permit=take_permit).start is None
    assert (waiting(queue), starts(queue)) == ([1], [1])


@pytest.mark.parametrize(
    ("waits", "until", "ready", "look_again"),
    [
        pytest.param([], None, True, None, id="nothing waits"),
        pytest.param([60.0], None, True, None, id="what starts is looked at no more"),
        pytest.param([60.0], None, False, 60.0, id="the wait deadline of what stays"),
        pytest.param([60.0, 90.0], None, True, 90.0, id="of what stays alone"),
        pytest.param([60.0, 90.0], 5.0, True, 5.0, id="the end of a hold"),
        pytest.param([], 5.0, True, 5.0, id="the end of a hold of nothing"),
    ],
)
def test_a_turn_says_when_to_look_again(
    waits: list[float], until: float | None, look_again: float | None, *, ready: bool
) -> None:
    """At the earliest end of anything, once what it starts is out; None when nothing is timed."""
    queue = queue_of(*(entry(number, wait=wait) for number, wait in enumerate(waits)))
    queue.hold("method:write", "FLOOD_WAIT", 0.0, until=until)
    assert queue.turn(0.0, ready=ready, take_permit=permit).look_again == look_again


def test_a_permit_refused_holds_its_type_and_the_next_one_is_tried() -> None:
    """Each type is asked for once; what needs the permit hears that, and its session goes on."""
    queue = queue_of(
        entry(1, Scrape(), priority=5, permits=1),
        entry(2, Scrape(), priority=5, permits=1, wait=59.0),
        entry(3),
        entry(4),
    )
    asked: list[int] = []

    def take_permit(one: QueuedOperation) -> bool:
        asked.append(one.operation_id)
        return not isinstance(one.operation, Scrape)

    started = queue.turn(7.0, ready=True, take_permit=take_permit).start
    assert started is not None
    assert (started.operation_id, asked) == (3, [1, 3])
    wanting = [queue.wanting_permit(name, 30.0) for name in ("scraping", "working")]
    assert [one.operation_id if one else None for one in wanting] == [2, None], "the one that is due"
    ((held, _),) = queue.snapshot(7.0).holds
    assert (held.key, held.reason, held.until) == ("permit:scraping", "no free scraping permit", None)
    assert queue.release(permit_key("scraping"))
    assert starts(queue, 8.0) == [1, 2, 4]


def test_a_turn_starts_nothing_when_every_permit_is_refused() -> None:
    """All of them go on waiting."""
    queue = queue_of(entry(1, Scrape(), permits=1), entry(2, Work(), permits=1))
    assert queue.turn(0.0, ready=True, take_permit=lambda _: False).start is None
    assert waiting(queue) == [1, 2]


@pytest.mark.parametrize(
    ("priority", "now", "due", "not_counting_due"),
    [
        pytest.param(6, 0.0, True, True, id="a higher priority"),
        pytest.param(5, 0.0, False, False, id="an equal"),
        pytest.param(4, 29.9, False, False, id="a lower priority, not due yet"),
        pytest.param(4, 30.0, True, False, id="a lower priority, due"),
    ],
)
def test_what_waits_outranks_what_runs_by_its_priority_or_because_it_is_due(
    priority: int, now: float, *, due: bool, not_counting_due: bool
) -> None:
    """Being due counts only when it is asked for."""
    queue = queue_of(entry(1, priority=5))
    running = start(queue)
    assert running is not None
    assert not queue.outranks(running, now, counting_due=True)
    queue.offer(entry(2, priority=priority))
    assert queue.outranks(running, now, counting_due=True) is due
    assert queue.outranks(running, now, counting_due=False) is not_counting_due


# Holds.


def test_what_is_held_starts_when_nothing_holds_it_any_more() -> None:
    """A hold ends by its time or by a release, which says whether there was a hold."""
    queue = queue_of(entry(1, Work("read write")), entry(2, Work("write")), entry(3))
    queue.hold("method:read", "FLOOD_WAIT", 0.0, until=5.0)
    queue.hold("method:write", "PEER_FLOOD", 0.0)
    assert starts(queue, 4.9) == []
    assert starts(queue, 5.0) == [3]
    assert [queue.release("method:write"), queue.release("method:write")] == [True, False]
    assert starts(queue, 5.0) == [1, 2]


def test_a_hold_binds_what_comes_later_as_well() -> None:
    """Whoever needs its key is passed over from the first moment on."""
    queue = queue_of()
    queue.hold("method:read", "FLOOD_WAIT", 0.0, until=5.0)
    queue.offer(entry(1))
    assert (starts(queue, 1.0), starts(queue, 5.0)) == ([], [1])


def test_nothing_starts_offline_and_everything_that_nothing_else_holds_does_online() -> None:
    """Being offline is a hold of everything, without an end, whatever the reasons of other holds are called."""
    queue = queue_of(entry(1, Work("write")), entry(2), entry(3, own=True))
    queue.hold("method:write", "connecting", 0.0)
    queue.go_offline("connecting", 0.0)
    assert starts(queue, 50.0) == []
    queue.go_online()
    assert starts(queue, 50.0) == [2, 3]


@pytest.mark.parametrize("reasons", [["connecting"], ["connecting", "connecting"], ["offline", "connecting"]])
def test_one_hold_says_why_there_is_no_connection_now(reasons: list[str]) -> None:
    """The last reason counts, and however often it was given, going online once ends it."""
    queue = queue_of(entry(1))
    for now, reason in enumerate(reasons):
        queue.go_offline(reason, float(now))
    assert [(held.key, held.reason, held.until) for held, _ in queue.snapshot(2.0).holds] == [
        (OFFLINE, "connecting", None)
    ]
    queue.go_online()
    assert (queue.snapshot(2.0).holds, starts(queue, 2.0)) == ((), [1])


@pytest.mark.parametrize(
    "end", [OperationQueue.go_online, lambda queue: queue.release(OFFLINE)], ids=["online", "release"]
)
def test_a_queue_that_goes_offline_again_holds_again(end: Callable[[OperationQueue], object]) -> None:
    """For the same reason as before, too, however the hold ended; and to go online twice is to go online once."""
    queue = queue_of(entry(1))
    end(queue)
    for _ in range(2):
        queue.go_offline("offline", 0.0)
        assert starts(queue) == []
        end(queue)
        end(queue)
    assert starts(queue) == [1]


# Looks.


def test_a_snapshot_shows_what_waits_in_order_and_what_holds_each() -> None:
    """Highest priority first, whatever is due; of what each needs those keys that are held, sorted."""
    started = entry(1, Scrape("read search"), priority=1)
    queue = queue_of(started, entry(2, Work("write")), entry(3, Scrape("read write"), priority=5), entry(4, wait=20.0))
    queue.withdraw(1, None)
    started.started_at = 0.0
    queue.give_back(started, 0.0)
    queue.hold("method:write", "PEER_FLOOD", 11.0)
    queue.hold("method:read", "FLOOD_WAIT", 11.0, until=18.0)
    queue.hold("method:forward", "FLOOD_WAIT", 11.0, until=19.0)
    waits = queue.snapshot(12.0)
    assert [(one.id, one.held_by, one.expires_in) for one in waits.first] == [
        (3, ("method:read", "method:write"), 48.0),
        (1, ("method:read",), None),
        (2, ("method:write",), 48.0),
        (4, ("method:read",), 8.0),
    ]
    assert [(held.key, held.reason, held.until, many) for held, many in waits.holds] == [
        ("method:write", "PEER_FLOOD", None, 2),
        ("method:read", "FLOOD_WAIT", 18.0, 3),
        ("method:forward", "FLOOD_WAIT", 19.0, 0),
    ]


def test_a_snapshot_tells_how_many_wait_and_the_first_thousand_in_detail() -> None:
    """A look at a long queue mustn't keep others waiting; what is held is counted among all of them."""
    queue = queue_of(*(entry(number, priority=number % 2) for number in range(2400)), capacity=2400)
    queue.hold("method:read", "FLOOD_WAIT", 0.0, until=1.0)
    waits = queue.snapshot(0.0)
    assert (waits.number, waits.holds[0][1]) == (2400, 2400)
    assert [one.id for one in waits.first] == list(range(1, 2000, 2))


def test_a_snapshot_names_what_holds_an_operation_in_alphabetical_order() -> None:
    """So that two looks at the same holds read the same."""
    queue = queue_of(entry(1, Work("a b c d e f")))
    for method in "fbdace":
        queue.hold(f"method:{method}", "FLOOD_WAIT", 0.0)
    (one,) = queue.snapshot(0.0).first
    assert one.held_by == tuple(f"method:{method}" for method in "abcdef")


def test_a_snapshot_of_an_empty_queue_is_empty_and_a_snapshot_changes_nothing() -> None:
    """A look is a look, at a queue whose holds and limits have passed as well."""
    assert queue_of().snapshot(0.0) == Waiting(0, (), ())
    queue = queue_of(entry(1))
    queue.hold("method:read", "FLOOD_WAIT", 0.0, until=5.0)
    assert queue.snapshot(100.0) == queue.snapshot(100.0)
    assert (len(queue), len(queue.snapshot(100.0).holds)) == (1, 1)
