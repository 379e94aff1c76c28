"""The server goes and comes back: restarted, killed, started from its state file."""

from __future__ import annotations

import asyncio
import pickle
import socket
import stat
import threading
import time
from pathlib import Path

import pytest
from telethon.tl import functions, types

from actors.testing import Loopback, LoopbackFailed, loopback
from actors.testing.server.state import HEADER, BadState, load
from tests.testing.server.clients import connected, eventually, heard
from tests.testing.server.pictures import named

GET_ME = functions.users.GetUsersRequest([types.InputUserSelf()])


def _refuses(telegram: Loopback) -> bool:
    try:
        socket.create_connection((telegram.address.host, telegram.address.port), 1).close()
    except ConnectionRefusedError:
        return True
    return False


async def test_a_restart_cuts_clients_who_come_back_to_what_they_left(telegram: Loopback) -> None:
    """Same port, same logins, same messages; Telethon reconnects by itself."""
    async with connected(telegram.add_session("ann-restart")) as ann:
        await ann.send_message("me", "remember this")
        telegram.restart()
        assert (await ann(GET_ME))[0].first_name == "ann-restart"
        assert [message.text async for message in ann.iter_messages("me")] == ["remember this"]


async def test_while_it_is_down_connections_are_refused_and_then_it_is_back(telegram: Loopback) -> None:
    """For as long as asked, and the difference brings what was said meanwhile."""
    async with connected(telegram.add_session("bob-restart"), connection_retries=100) as bob:
        texts = heard(bob)
        telegram.add_account("bea-restart")
        started = time.monotonic()
        telegram.restart(down_for=0.4)
        assert _refuses(telegram)
        telegram.post("bob-restart", "while you were away", author="bea-restart")
        await eventually(lambda: not _refuses(telegram))
        assert time.monotonic() - started >= 0.4
        assert await asyncio.wait_for(bob(GET_ME), 10)
        await bob.catch_up()
        await eventually(lambda: texts == ["while you were away"])


async def test_a_restart_while_it_is_down_brings_it_back_at_once(telegram: Loopback) -> None:
    """The second one counts."""
    telegram.restart(down_for=60)
    telegram.restart(down_for=60)
    assert _refuses(telegram)
    telegram.restart()
    async with connected(telegram.add_session("bea-again")) as bea:
        assert await bea(GET_ME)


async def test_a_killed_server_comes_back_with_what_was_saved(tmp_path: Path) -> None:
    """Keys, messages, files: the same session goes on, and the difference is there right away."""
    file = tmp_path / "telegram.state"
    with loopback(state=file) as telegram:
        config = telegram.add_session("cas-restart")
        telegram.add_channel("chat", members=["cas-restart", "cid-restart"], messages=20)
        async with connected(config, catch_up=True) as cas:
            texts = heard(cas)
            sent = await cas.send_file("@chat", named(b"0123456789" * 100, "kept.txt"), caption="**bold**")
            telegram.post("cas-restart", "before", author="cid-restart")
            await eventually(lambda: texts == ["before"])
            telegram.fail("push", account="cas-restart", silence=True)
            telegram.post("cas-restart", "in the gap", author="cid-restart")
            telegram.save()
            telegram.post("cas-restart", "never saved", author="cid-restart")
            telegram.kill()
            port = telegram.address.port
            telegram.start()
            assert telegram.address.port == port
            assert (await cas(GET_ME))[0].first_name == "cas-restart"
            await cas.catch_up()
            await eventually(lambda: texts == ["before", "in the gap"])
            again = await cas.get_messages("@chat", ids=sent.id)
            assert again.text == "**bold**"
            assert await cas.download_media(again, bytes) == b"0123456789" * 100
            assert [message.text for message in telegram.messages("cas-restart")] == ["before", "in the gap"]


async def test_a_server_that_ends_saves_and_the_next_one_goes_on_from_there(tmp_path: Path) -> None:
    """Even another process on another port: sessions hold, random_ids too, and no half file is left."""
    file = tmp_path / "telegram.state"
    request = functions.messages.SendMessageRequest(types.InputPeerSelf(), "once", random_id=5)
    with loopback(state=file) as telegram:
        config = telegram.add_session("dee-restart")
        async with connected(config) as dee:
            await dee(request)
    with loopback(state=file) as telegram:
        moved = telegram.add_session("dee-2", account="dee-restart")
        async with connected(moved) as dee:
            await dee(request)
        assert [message.text for message in telegram.messages("dee-restart")] == ["once"]
    assert [path.name for path in tmp_path.iterdir()] == ["telegram.state"]  # noqa: ASYNC240  a local disk
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_only_a_server_with_a_state_file_can_be_started_again() -> None:
    """A new one would know nobody."""
    with loopback() as telegram:
        telegram.kill()
        with pytest.raises(LoopbackFailed, match="state file"):
            telegram.start()


class _Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("I run code",))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"something else",
        HEADER + b"cut off",
        HEADER + pickle.dumps(_Evil()),
        HEADER + b"cactors.testing.server.tl\ngzip.open\n.",
        HEADER + b"cactors.testing.server.run\nserve\n.",
        HEADER + pickle.dumps((1, 2, 3)),
    ],
    ids=["empty", "other", "cut", "code", "a dotted way out", "a function", "no state"],
)
def test_a_file_that_is_no_state_is_refused_and_runs_nothing(
    tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """BadState; the server says so and ends."""
    file = tmp_path / "bad.state"
    file.write_bytes(data)
    with pytest.raises(BadState):
        load(file)
    assert "I run code" not in capsys.readouterr().out


def test_a_server_that_is_given_a_bad_state_does_not_start(tmp_path: Path) -> None:
    """Rather than begin anew, and overwrite it in the end."""
    file = tmp_path / "bad.state"
    file.write_bytes(b"my diary")
    with pytest.raises(LoopbackFailed, match="not written by this version"):
        loopback(state=file)
    assert file.read_bytes() == b"my diary"


def test_a_restart_ends_though_clients_go_on_knocking(telegram: Loopback) -> None:
    """Whoever is let in at the very moment is cut like all others, or the restart would wait for him."""
    host, port = telegram.address.host, telegram.address.port
    over = threading.Event()
    kept: list[socket.socket] = []

    def knock() -> None:
        while not over.is_set():
            try:
                kept.append(socket.create_connection((host, port), timeout=1))
            except OSError:
                time.sleep(0.001)

    knockers = [threading.Thread(target=knock) for _ in range(4)]
    for knocker in knockers:
        knocker.start()
    try:
        for _ in range(30):
            telegram.restart()
    finally:
        over.set()
        for knocker in knockers:
            knocker.join()
        for each in kept:
            each.close()
    telegram.add_session("alice")
