"""`reset()`: the server is as new, and no test sees anything of another; what it costs the server."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import functions, types

import actors
from actors.testing import Loopback, LoopbackFailed, loopback as start
from actors.testing.server.clock import clock
from actors.testing.server.control.registry import COMMANDS
from actors.testing.server.keys import Key
from actors.testing.server.server import Seen, Server
from tests.support import eventually
from tests.telegram.conftest import new_client, raised_by
from tests.testing.server.clients import connected, eventually as soon

pytest_plugins = ["pytester"]

GET_ME = functions.users.GetUsersRequest([types.InputUserSelf()])
PHONE = "31699887766"
BEHIND_CLOSED_DOORS = {"_secret", "server_key", "_listener", "host", "port", "state_file", "token"}
"""What two new servers differ in as well."""


def _crowd(telegram: Loopback) -> None:
    """Put something of every kind on a server."""
    telegram.add_channel("news", members=["alice", "bob"], messages=50)
    telegram.add_group("trio", members=["alice", "bob", "cid"])
    telegram.add_account("phoned", phone=PHONE)
    telegram.add_bot("a_bot")
    telegram.post("bob", "hello", author="alice")
    telegram.invite_link("news")


@pytest.mark.parametrize(
    "asks",
    [
        lambda telegram: telegram.messages("alice"),
        lambda telegram: telegram.calls("alice"),
        lambda telegram: telegram.connections("bob"),
        lambda telegram: telegram.channel_messages("news"),
        lambda telegram: telegram.post("trio", "anybody?"),
        lambda telegram: telegram.code(PHONE),
    ],
)
def test_after_a_reset_there_is_nobody_to_ask_about(telegram: Loopback, asks: Callable[[Loopback], object]) -> None:
    """Accounts, chats, codes: all are unknown."""
    _crowd(telegram)
    telegram.reset()
    with pytest.raises(LoopbackFailed, match=r"there is no|no code was sent"):
        asks(telegram)


def test_after_a_reset_every_name_is_free_and_everything_begins_at_one(telegram: Loopback) -> None:
    """Names, phone numbers, usernames, ids."""
    _crowd(telegram)
    before = telegram.add_account("last")
    telegram.reset()
    _crowd(telegram)
    assert telegram.add_account("last") == before
    assert [message.text for message in telegram.messages("bob")] == ["hello"]
    assert telegram.post("news", "the next one") == 51


async def test_a_reset_cuts_everybody_and_their_keys_are_unknown(telegram: Loopback) -> None:
    """A client that comes back is told so by the transport, as by a server that it never saw."""
    config = telegram.add_session("alice")
    async with connected(config, auto_reconnect=False) as alice:
        await alice(GET_ME)
        telegram.reset()
        await soon(lambda: not alice.is_connected())
    assert telegram.calls() == []
    telegram.add_session("alice")
    again = new_client(config)
    refused = await raised_by(again.connect())
    await again.disconnect()
    assert isinstance(refused, actors.TelegramError)
    assert refused.name == "AUTH_KEY_NOT_FOUND"
    assert telegram.calls("alice") == telegram.calls() == []


def test_after_a_reset_nothing_is_wrong_any_more(telegram: Loopback, system: actors.System) -> None:
    """Faults, limits, slow mode, slow lines, PEER_FLOOD, the clock, lost updates."""
    telegram.add_channel("news", members=["bob", "alice"])
    telegram.fail("*", error="FLOOD_WAIT_3600")
    telegram.fail("push", silence=True)
    telegram.limits(scale=1000)
    telegram.slow_mode("news", 3600)
    telegram.slow("alice", read=1, write=1)
    telegram.peer_flood("alice", after=0)
    telegram.set_clock(-86400)
    telegram.reset()
    telegram.add_channel("news", members=["bob", "alice"])
    alice = system.start_session(telegram.add_session("alice"))
    for number in range(40):
        assert alice.ask(actors.SendMessage("@bob", str(number)), timeout=5).id
    sent = [alice.ask(actors.SendMessage("@news", text), timeout=5) for text in ("one", "two")]
    assert abs(sent[-1].date.timestamp() - time.time()) < 60
    assert not alice.status().holds


def test_what_was_to_happen_later_never_does(telegram: Loopback, system: actors.System) -> None:
    """A delayed send, a delayed update, a message that is scheduled: none comes into the new world."""
    telegram.add_account("bob")
    alice = system.start_session(telegram.add_session("alice"))
    telegram.fail("messages.sendMessage", account="alice", delay=0.2, times=1)
    late = alice.ask(actors.SendMessage("@bob", "late").with_(retries=0), block=False)
    eventually(lambda: "messages.sendMessage" in telegram.calls("alice"))
    telegram.reset()
    telegram.add_account("alice")
    telegram.add_account("bob")
    assert telegram.send_scheduled() == 0
    with pytest.raises(actors.OperationError):
        late.get(timeout=20)
    assert telegram.messages("bob") == telegram.messages("alice") == []


def test_a_server_that_is_down_is_back_after_a_reset(telegram: Loopback, system: actors.System) -> None:
    """On its port, at once."""
    port = telegram.address.port
    telegram.restart(down_for=3600)
    telegram.reset()
    assert telegram.address.port == port
    assert system.start_session(telegram.add_session("alice")).ask(actors.SendMessage("me", "back"), timeout=5).id


def test_what_was_logged_before_is_not_shown(telegram: Loopback, system: actors.System) -> None:
    """`stderr()` begins anew."""
    unknown = actors.Call("odd", lambda client: client.telethon(functions.help.GetCdnConfigRequest()))
    with pytest.raises(actors.TelegramError):
        system.start_session(telegram.add_session("alice")).ask(unknown.with_(retries=0), timeout=5)
    assert "METHOD_NOT_SUPPORTED" in telegram.stderr()
    telegram.reset()
    assert telegram.stderr() == ""


def test_a_state_file_keeps_what_was_saved_until_the_next_save(tmp_path: Path) -> None:
    """A reset is of the process."""
    with start(state=tmp_path / "state") as telegram:
        telegram.add_account("kept")
        telegram.save()
        telegram.reset()
        telegram.kill()
        telegram.start()
        assert telegram.messages("kept") == []
        telegram.reset()
        telegram.save()
        telegram.kill()
        telegram.start()
        with pytest.raises(LoopbackFailed, match="there is no account"):
            telegram.messages("kept")


def _shape(value: Any) -> Any:
    """Return plain data that is equal for servers in equal states."""
    match value:
        case None | bool() | int() | float() | str() | bytes():
            return value
        case dict():
            return [(_shape(key), _shape(item)) for key, item in value.items()]
        case list() | tuple() | set() | frozenset():
            return [_shape(item) for item in value]
        case _ if callable(value) or isinstance(value, Key):
            return type(value).__name__
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    fields = {name: getattr(value, name) for name in (*slots, *getattr(value, "__dict__", ()))}
    fields.pop("_world", None)  # seen already, from the server
    return {name: _shape(item) for name, item in fields.items() if name not in BEHIND_CLOSED_DOORS}


def _fill(server: Server) -> None:
    """Have the control channel's commands put something of every kind on a server."""

    def do(command: str, **arguments: Any) -> None:
        COMMANDS[command](server, **arguments)

    do("add_session", account="alice")
    do("add_channel", name="news", members=["alice", "bob"], messages=500, broadcast=False, public=True)
    do("add_group", name="trio", members=["alice", "bob"])
    do("post_many", chat="bob", texts=["hello"] * 50, author="alice")
    do("invite_link", chat="news", limit=0, by_request=False, lifetime=None)
    do("fail", method="*", silence=True)
    do("limits", on=True, scale=2.0)
    do("slow_mode", chat="news", seconds=5)
    do("slow", account="alice", read=5.0)
    do("peer_flood", account="alice", after=1)
    do("set_clock", offset=5.0)
    server.calls["alice"].append(Seen("ping", 0.0))


async def test_a_server_after_a_reset_is_in_every_part_like_a_new_one() -> None:
    """Whatever is added to a server one day is in this comparison."""
    server = Server()
    await server.start("127.0.0.1", 0)
    try:
        _fill(server)
        used = _shape(server)
        await server.reset()
        assert _shape(server) == _shape(Server())
        assert {name for name, value in used.items() if value != _shape(server)[name]} >= {
            "keys", "world", "faults", "limits", "paces", "calls"
        }  # fmt: skip
        assert clock.offset == 0.0
    finally:
        await server.close()


@pytest.mark.timing
async def test_a_reset_takes_a_server_less_than_a_millisecond() -> None:
    """The best of ten, after what a test leaves behind, in processor time of the thread: other programs don't count."""
    server = Server()
    await server.start("127.0.0.1", 0)
    took = []
    try:
        for _ in range(10):
            _fill(server)
            before = time.thread_time()
            await server.reset()
            took.append(time.thread_time() - before)
    finally:
        await server.close()
    assert min(took) < 0.001


def test_the_fixture_gives_each_test_an_empty_server_and_a_new_one_for_one_that_ended(
    pytester: pytest.Pytester,
) -> None:
    """The plugin comes with the package; the process is the same, unless a test has ended it."""
    pytester.makepyfile(
        """
        import pytest

        pids = []

        @pytest.mark.parametrize("end", [None, "close", "kill", None, None])
        def test_one_of_many(loopback, end):
            loopback.add_account("bob")
            assert loopback.messages("bob") == []
            pids.append(loopback.pid)
            if end is not None:
                getattr(loopback, end)()

        def test_two_were_replaced():
            assert [pids.index(pid) for pid in pids] == [0, 0, 2, 3, 3]
        """
    )
    pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:xdist").assert_outcomes(passed=6)
