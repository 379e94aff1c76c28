"""Settings that can't work are refused when they are made, by the name of the field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

import actors
from actors.model.checks import check_moment, check_sent_date
from actors.model.policies import Overrides
from tests.secretwatch import MARKER
from tests.wrong import ANYTHING, COUNTS, TEXTS, TIMES, Make, fields_of, refusal, refused, rows

SESSION = partial(actors.SessionConfig, name="alice", api_id=1, api_hash="0f", session="")
ADDRESS = partial(actors.ServerAddress, host="127.0.0.1", port=443, public_key="PEM")
ROW = actors.OperationPolicy()
MAKERS: list[Make] = [
    SESSION,
    ADDRESS,
    actors.SystemConfig,
    actors.OperationPolicy,
    Overrides,
    actors.DeliveryPolicy,
    actors.RestartPolicy,
    actors.FleetBrake,
    actors.Backoff,
    actors.HealthPolicy,
]
CELLS = fields_of(*MAKERS)


async def later(**_: Any) -> None:
    """Make nothing that could be used at once."""


class Later:
    """Makes nothing that could be used at once, either."""

    async def __call__(self, **_: Any) -> None:
        """Make it."""


HOST = "127.0.0.1"
NAMED = {"proxy_type": "HTTP", "addr": HOST, "port": 8080, "rdns": False, "username": "ann", "password": None}
PROXIES: list[Any] = [
    *["socks5", "socks5://127.0.0.1:1080", 1, True, (), [], {}],
    *[("socks5",), ("socks5", HOST), ("socks5", HOST, 1080, True, "ann", "secret", "more")],
    *[(kind, HOST, 1080) for kind in ("gopher", "", 0, 4, True, None, b"socks5", actors.Verdict.UNKNOWN, ["socks5"])],
    *[("socks5", address, 1080) for address in ("", None, *TEXTS)],
    *[("socks5", HOST, port) for port in (0, 65536, None, "1080", *COUNTS)],
    *[("socks5", HOST, 1080, *rest) for rest in ((None,), ("yes",), (True, 5), (True, "ann", 5))],
    *[{"addr": HOST}, {**NAMED, "secret": "x"}, {**NAMED, "port": "8080"}, {1: 2}],
]

WRONG = [
    *rows(SESSION, name=["", " ", None, *TEXTS], api_id=[0, 2**31, None, *COUNTS], api_hash=["", None, *TEXTS]),
    *rows(SESSION, session=[None, *TEXTS], server=["127.0.0.1:1", 1], proxy=PROXIES),
    *rows(SESSION, device_model=["", *TEXTS], app_version=["", *TEXTS], labels=[1, None, {"a": 1}, {1: "a"}]),
    *rows(SESSION, policies=[1, None, [], {"sending": 5}, {1: ROW}], capacity=[0, None, *COUNTS]),
    *rows(SESSION, due_after=[2, *TIMES], health=[1, True], client_factory=[1, "x", later, partial(later), Later()]),
    *rows(ADDRESS, host=["", None, *TEXTS], port=[0, 65536, None, *COUNTS], public_key=["", None, *TEXTS]),
    *rows(actors.SystemConfig, policies=[1, None, [], {"sending": 1}, {1: ROW}], start_timeout=[0, None, *TIMES]),
    *rows(actors.SystemConfig, stop_timeout=[0, None, *TIMES], drain=[None, *TIMES], traces=[None, *COUNTS]),
    *rows(actors.SystemConfig, connect_timeout=[0, None, *TIMES], disconnect_timeout=[0, None, *TIMES]),
    *rows(actors.SystemConfig, cancel_grace=[0, None, *TIMES], stuck_after=[0, None, *TIMES]),
    *rows(actors.SystemConfig, backoff=[0, "x", None], restarts=["x", actors.Backoff()], brake=[[1], None]),
    *rows(actors.OperationPolicy, priority=[None, True, 1.5, "high"], retries=[None, *COUNTS], permits=[0, *COUNTS]),
    *rows(actors.OperationPolicy, wait_timeout=[0, None, *TIMES], run_timeout=[0, None, *TIMES]),
    *rows(actors.OperationPolicy, setup_timeout=[0, *TIMES], attempt_timeout=[0, *TIMES]),
    *rows(Overrides, priority=[True, "high"], wait_timeout=[0, *TIMES], run_timeout=[0, *TIMES], retries=COUNTS),
    *rows(Overrides, attempt_timeout=[0, *TIMES]),
    *rows(actors.DeliveryPolicy, window=[0, None, *COUNTS], queue=[0, None, *COUNTS], overflow=["drop newest", None]),
    *rows(actors.RestartPolicy, limit=[None, *COUNTS], within=[0, None, *TIMES], backoff=["x", None, 1]),
    *rows(actors.FleetBrake, share=[None, 2, *TIMES], at_least=[0, None, *COUNTS], within=[0, None, *TIMES]),
    *rows(actors.FleetBrake, rate=[0, None, *TIMES]),
    *rows(actors.Backoff, base=[0, None, *TIMES], factor=[0, None, 1001, *TIMES], cap=[0, None, *TIMES]),
    *rows(actors.HealthPolicy, probe_after=[0, None, *TIMES], proof=[0, None, *TIMES]),
    *rows(actors.HealthPolicy, silence=[0, None, *TIMES], timeout=[0, None, *TIMES]),
]


@pytest.mark.parametrize(("make", "field", "value"), WRONG)
def test_a_setting_that_can_not_work_is_refused_by_its_name(make: Make, field: str, value: object) -> None:
    """Whatever it is: of the wrong class, out of range, or no number that can be waited for."""
    refused(partial(make, **{field: value}), field)


@settings(max_examples=500)
@given(cell=st.sampled_from([row.values for row in CELLS]), value=ANYTHING)
def test_a_setting_is_taken_or_refused_by_its_name_whatever_it_is_given(cell: tuple[Make, str], value: Any) -> None:
    """For all fields of all settings: no other error, and none that is only seen later."""
    make, field = cell
    error = refusal(partial(make, **{field: value}))
    assert error is None or field in str(error)


@pytest.mark.parametrize(("make", "field"), CELLS)
def test_no_error_shows_a_text_that_was_given_by_mistake(make: Make, field: str) -> None:
    """Settings are mixed up easily, and some are secrets."""
    for value in (MARKER, f"{MARKER} \ud800", MARKER.encode(), [MARKER], {1: MARKER}):
        assert MARKER not in str(refusal(partial(make, **{field: value})))


@pytest.mark.parametrize(
    "make",
    [
        lambda: SESSION(capacity=1, due_after=0, health=None, labels={"team": ""}, policies={"sending": ROW}),
        lambda: SESSION(due_after=1, proxy=("socks5", "localhost", 1), device_model="Grüße", client_factory=dict),
        lambda: SESSION(due_after=None, proxy=NAMED, api_id=2**31 - 1, server=ADDRESS(port=65535)),
        lambda: actors.SystemConfig(drain=0, traces=0, start_timeout=1, stop_timeout=10**9, policies={}),
        lambda: actors.OperationPolicy(priority=-5, wait_timeout=1, run_timeout=0.001, retries=0, permits=1),
        lambda: actors.OperationPolicy(setup_timeout=None, attempt_timeout=None, permits=None),
        lambda: actors.DeliveryPolicy(window=1, queue=1, overflow=actors.Overflow.END),
        lambda: actors.RestartPolicy(limit=0),
        lambda: [actors.FleetBrake(share=share, at_least=1) for share in (0, 0.5, 1)],
        lambda: actors.Backoff(base=1, factor=1000, cap=10**9).delay(10**6, chance=0.5),
        lambda: actors.open_system(policies=None, backoff=None, restarts=None, brake=None, loop_factory=None),
    ],
)
def test_what_is_just_possible_is_taken(make: Callable[[], object]) -> None:
    """The edges, None where it means something, and whole numbers for seconds."""
    make()


@given(st.datetimes(), st.integers(-14 * 60, 14 * 60))
def test_a_date_can_be_sent_when_telegram_has_a_number_for_it(naive: datetime, minutes: int) -> None:
    """For all dates of Python's, in all time zones; each of them stands for a moment, which bounds may be."""
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    since_1970 = int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    refused(partial(check_moment, "since", naive), "since")
    check_moment("since", moment)
    if -(2**31) <= since_1970 < 2**31:
        check_sent_date("since", moment)
    else:
        refused(partial(check_sent_date, "since", moment), "since")
