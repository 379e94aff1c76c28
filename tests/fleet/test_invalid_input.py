"""What a system can't do anything with is refused by name, before anything is done; in either face."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received
from tests.wrong import COUNTS, TEXTS, TIMES, Make, refused, rows

CONFIG = actors.SessionConfig(name="alice", api_id=1, api_hash="0f", session="x")
START = partial(actors.StartSession, config=CONFIG)
DEAF: list[Any] = [None, "x", {}, print, 1]
NO_EVENTS: list[Any] = [None, "x", actors.SessionOnline, {actors.SessionOnline}, [list], ["SessionOnline"], [None]]


@pytest.mark.parametrize(
    ("make", "field", "value"),
    [
        *rows(START, config=[None, 1, {"name": "alice"}], timeout=[0, *TIMES]),
        *rows(actors.GetSession, name=[None, {}, *TEXTS]),
        *rows(actors.RestartSession, name=[None, {}, *TEXTS]),
        *rows(actors.StopSession, name=[None, {}, *TEXTS], drain=TIMES),
        *rows(actors.GetTimeline, operation_id=[None, {}, *COUNTS]),
        *rows(actors.Shutdown, timeout=[0, *TIMES]),
        *rows(actors.Subscribe, to=DEAF),
        *rows(actors.Unsubscribe, to=DEAF),
        *rows(actors.open_system, policies=[[], 0, {"sending": 1}, {1: actors.OperationPolicy()}], backoff=[0, "x"]),
        *rows(actors.open_system, restarts=["x", False], brake=[[1], 0], loop_factory=[1, "x"], drain=TIMES),
        *rows(actors.SupervisorActor.start, config=[5, {}, CONFIG]),
    ],
)
def test_a_request_that_can_not_work_is_refused_by_its_name(make: Make, field: str, value: object) -> None:
    """When it is made: no message leaves, no actor starts."""
    refused(partial(make, **{field: value}), field)


FACES: list[tuple[Callable[[Any], Any], str]] = [
    (lambda system: system.start_session(None), "config"),
    (lambda system: system.start_session(1), "config"),
    (lambda system: system.start_session(CONFIG, timeout="x"), "timeout"),
    (lambda system: system.session({}), "name"),
    (lambda system: system.restart_session(None), "name"),
    (lambda system: system.stop_session("alice", drain="x"), "drain"),
    (lambda system: system.why({}), "operation_id"),
    (lambda system: system.subscribe(print), "to"),
    (lambda system: system.unsubscribe(None), "to"),
    (lambda system: system.shutdown(timeout=10**400), "timeout"),
]


@pytest.mark.parametrize(("call", "field"), FACES)
def test_either_face_of_a_system_refuses_it_too(call: Callable[[Any], Any], field: str) -> None:
    """And lives on."""

    async def main() -> None:
        async with actors.open_system() as system:
            with pytest.raises(actors.InvalidInput) as caught:
                await call(system)
            assert caught.value.field == field
            assert (await system.status()).sessions == {}

    asyncio.run(main())
    with actors.open_system() as system:
        refused(lambda: call(system), field)
        assert system.status().sessions == {}


@pytest.mark.parametrize("only", NO_EVENTS)
def test_what_is_no_class_of_events_is_not_subscribed_to(collector: pykka.ActorRef[Collector], only: Any) -> None:
    """Instead of spoiling what is published to others."""
    refused(lambda: actors.Subscribe(collector, only), "only")


def test_a_list_of_classes_of_events_is_as_good_as_a_tuple(
    telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Nothing else comes."""
    request = actors.Subscribe(collector, [actors.SessionDown, actors.SessionOnline])
    assert request.only == (actors.SessionDown, actors.SessionOnline)
    system.supervisor.ask(request)
    system.start_session(telegram.add_session("alice"))
    system.restart_session("alice")
    system.stop_session("alice")
    kinds = [actors.SessionOnline, actors.SessionOnline, actors.SessionDown]
    eventually(lambda: [type(event) for event in received(collector)] == kinds)


def test_a_loop_factory_that_could_not_be_used_is_refused() -> None:
    """On a loop that runs already there is nothing for it to make; and what it makes must be a loop."""
    made: list[asyncio.AbstractEventLoop] = []

    def factory() -> asyncio.AbstractEventLoop:
        made.append(asyncio.new_event_loop())
        return made[-1]

    async def main() -> None:
        with pytest.raises(actors.InvalidInput, match="loop_factory"):
            await actors.open_system(loop_factory=factory).__aenter__()

    asyncio.run(main())
    assert made == []
    refused(lambda: actors.open_system(loop_factory=object).__enter__(), "loop_factory")  # type: ignore[arg-type]
    with actors.open_system(loop_factory=factory) as system:
        assert system.status().sessions == {}
    assert len(made) == 1


def test_a_login_is_free_again_whatever_its_start_raised() -> None:
    """A program's maker of clients may raise anything; the second try isn't told that the first one owns the login."""

    def no_clients(config: actors.SessionConfig) -> Any:
        raise LookupError(config.name)

    with actors.open_system():
        supervisor = actors.SupervisorActor.start(clients=no_clients)
        for _ in range(2):
            with pytest.raises(actors.SessionStartFailed) as caught:
                supervisor.ask(START())
            assert caught.value.reason == "LookupError"
            assert isinstance(caught.value.__cause__, LookupError)
        supervisor.stop()
