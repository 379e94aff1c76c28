"""Chance, jitter, lost and late updates, slow lines: what goes wrong by degrees."""

from __future__ import annotations

import asyncio
import time
from random import Random
from typing import Any

import pytest
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback, LoopbackFailed
from actors.testing.server.faults import Delay, Fail, Fault, Faults
from tests.testing.server.clients import connected, eventually, heard
from tests.testing.server.pictures import named

GET_ME = functions.users.GetUsersRequest([types.InputUserSelf()])


async def _refused(client: Any, count: int) -> list[bool]:
    results = await asyncio.gather(*[client._sender.send(GET_ME) for _ in range(count)], return_exceptions=True)
    return [isinstance(result, errors.RpcCallFailError) for result in results]


async def test_chance_strikes_some_calls_and_the_same_ones_with_the_same_seed(telegram: Loopback) -> None:
    """A third of them, about."""
    async with connected(telegram.add_session("ann-trouble")) as ann:
        runs = []
        for seed in (1, 1, 2):
            telegram.fail("users.getUsers", account="ann-trouble", error="RPC_CALL_FAIL", chance=0.3, seed=seed)
            runs.append(await _refused(ann, 90))
            telegram.heal("ann-trouble")
        assert runs[0] == runs[1] != runs[2]
        assert 10 <= sum(runs[0]) <= 45


def test_a_call_that_is_spared_is_not_counted() -> None:
    """times=3 strikes three times, whatever the chance."""
    faults = Faults()
    faults.add(Fault(Fail("A", 400), "*", times=3, chance=0.1))
    outcomes = [faults.decide(None, "users.getUsers", None) for _ in range(2000)]
    assert len([outcome for outcome in outcomes if outcome is not None]) == 3


def test_jitter_is_drawn_anew_for_each_call_within_its_bounds() -> None:
    """From the delay up to the delay and the jitter."""
    faults = Faults()
    faults.add(Fault(Delay(1.0, jitter=0.5), "*"))
    delays = [faults.decide(None, "users.getUsers", None) for _ in range(50)]
    seconds = [delay.seconds for delay in delays if isinstance(delay, Delay)]
    assert len(set(seconds)) == 50
    assert 1.0 <= min(seconds) < max(seconds) <= 1.5


def test_a_method_can_be_a_whole_area_and_an_update_is_never_meant_by_chance() -> None:
    """`messages.*` is not `users.getUsers`; `*` is no push."""
    faults = Faults()
    faults.add(Fault(Fail("A", 400), "messages.*"))
    assert faults.decide("a", "messages.getHistory", None) == Fail("A", 400)
    assert faults.decide("a", "users.getUsers", None) is None
    faults.add(Fault(Fail("B", 400), "*"))
    assert faults.decide("a", "push", None) is None


async def test_a_lost_update_is_made_good_by_the_difference(telegram: Loopback) -> None:
    """The client notices the gap with the next one, and asks."""
    async with connected(telegram.add_session("bob-trouble")) as bob:
        texts = heard(bob)
        telegram.add_account("bea-trouble")
        telegram.post("bob-trouble", "zero", author="bea-trouble")
        await eventually(lambda: texts == ["zero"])
        telegram.fail("push", account="bob-trouble", silence=True, times=2)
        telegram.post_many("bob-trouble", ["one", "two"], author="bea-trouble")
        telegram.post("bob-trouble", "three", author="bea-trouble")
        await eventually(lambda: len(texts) == 4)
        assert texts == ["zero", "one", "two", "three"]
        assert "updates.getDifference" in telegram.calls("bob-trouble")


async def test_a_late_update_comes_after_its_delay_and_a_cut_one_with_the_next_connection(telegram: Loopback) -> None:
    """Delay and drop work on pushes too."""
    async with connected(telegram.add_session("cas-trouble")) as cas:
        texts = heard(cas)
        telegram.post("cas-trouble", "at once", author=telegram.add_session("cid-trouble").name)
        await eventually(lambda: texts == ["at once"])
        telegram.fail("push", account="cas-trouble", delay=0.2, times=1)
        started = time.monotonic()
        telegram.post("cas-trouble", "late", author="cid-trouble")
        await eventually(lambda: texts[1:] == ["late"])
        assert time.monotonic() - started >= 0.2
        telegram.fail("push", account="cas-trouble", drop="before", times=1)
        telegram.post("cas-trouble", "lost", author="cid-trouble")
        assert await cas(GET_ME)
        await cas.catch_up()
        await eventually(lambda: texts[1:] == ["late", "lost"])


@pytest.mark.timing
@pytest.mark.parametrize("way", ["read", "write"])
async def test_a_slow_line_takes_its_time_and_loses_nothing(telegram: Loopback, way: str) -> None:
    """100 KB at 400 KB/s; another account's line stays fast."""
    name, data = f"dee-{way}", Random(4).randbytes(100_000)  # noqa: S311  noise for a test
    async with connected(telegram.add_session(name)) as dee, connected(telegram.add_session(f"other-{way}")) as other:
        sent = await dee.send_file("me", named(data, "d.bin"), attributes=[])
        telegram.slow(name, **{way: 400_000})
        started = time.monotonic()
        if way == "read":
            assert (await dee.send_file("me", named(bytes(reversed(data)), "e.bin"))).document.size == len(data)
        else:
            assert await dee.download_media(sent, bytes) == data
        took = time.monotonic() - started
        started = time.monotonic()
        assert await other(GET_ME)
        assert time.monotonic() - started < took
        assert 0.15 <= took < 5
        telegram.heal(name)
        assert await dee.download_media(sent, bytes) == data


async def test_a_slow_line_holds_for_the_next_connection_too(telegram: Loopback) -> None:
    """Until it is healed."""
    config = telegram.add_session("eve-trouble")
    telegram.slow("eve-trouble", write=2000)
    started = time.monotonic()
    async with connected(config) as eve:
        assert await eve(GET_ME)
        assert time.monotonic() - started > 0.2
        telegram.heal()
        assert await eve(GET_ME)


@pytest.mark.parametrize(("what", "arrives"), [("all", False), ("requests", False), ("answers", True)])
async def test_a_line_that_swallows_stays_open_and_the_next_one_is_good(
    telegram: Loopback, what: Any, *, arrives: bool
) -> None:
    """What was asked on it is done, or isn't, and nobody hears of it."""
    name = f"gus-{what}"
    config = telegram.add_session(name)
    async with connected(config) as gus:
        assert await gus(GET_ME)
        telegram.forget_calls(name)
        assert telegram.swallow(name, what=what) == 1
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(gus(GET_ME), 0.3)
        assert gus.is_connected()
        assert list(map(str, telegram.calls(name))) == ["users.getUsers"] * arrives
        async with connected(config) as again:
            assert await again(GET_ME)


async def test_a_line_can_swallow_after_a_while(telegram: Loopback) -> None:
    """Until then it is as good as any."""
    async with connected(telegram.add_session("hal-trouble")) as hal:
        assert telegram.swallow("hal-trouble", after=0.3) == 1
        assert await hal(GET_ME)

        async def ask_on() -> None:
            while await asyncio.wait_for(hal(GET_ME), 0.5):
                pass

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask_on(), 5)


def test_a_line_that_swallows_nothing_makes_no_sense(telegram: Loopback) -> None:
    """ValueError before anything is sent."""
    telegram.add_session("ida-trouble")
    for options in ({"what": "nothing"}, {"after": -1.0}):
        with pytest.raises(ValueError, match="="):
            telegram.swallow("ida-trouble", **options)


@pytest.mark.parametrize(
    "command",
    [
        lambda telegram: telegram.swallow("nobody"),
        lambda telegram: telegram.slow("nobody", read=1),
        lambda telegram: telegram.slow("fay-trouble", read=0),
        lambda telegram: telegram.limits(scale=0),
        lambda telegram: telegram.slow_mode("nowhere", 3),
        lambda telegram: telegram.restart(down_for=-1),
        lambda telegram: telegram.save(),
    ],
)
def test_trouble_that_makes_no_sense_is_refused_with_a_sentence(telegram: Loopback, command: Any) -> None:
    """And changes nothing."""
    telegram.add_session("fay-trouble")
    with pytest.raises(LoopbackFailed, match=r"\w+ \w+ \w+"):
        command(telegram)


@pytest.mark.parametrize("options", [{"jitter": 1.0, "silence": True}, {"silence": True, "chance": 0.0}])
def test_a_chance_and_a_jitter_must_make_sense(telegram: Loopback, options: dict[str, Any]) -> None:
    """ValueError before anything is sent."""
    with pytest.raises(ValueError, match="="):
        telegram.fail("*", **options)
