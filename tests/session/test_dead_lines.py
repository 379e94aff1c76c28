"""Lines that swallow what is sent over them and stay open: they are noticed by that, and made anew."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import pykka
import pytest

import actors
from actors.operations.parts import PART
from actors.testing import Loopback
from tests.session.lines import Sender, try_lines
from tests.support import Collector, eventually, quick_system, received

WATCHFUL = actors.HealthPolicy(probe_after=1.0, proof=0.5)
"""A quiet line is asked after a second; Telethon's own pings are no help here, they come once a minute."""

AT_ONCE = 5.0
"""Seconds in which a post is heard over a line that lives, whatever else the machine does."""

BRIEF = {"sending": actors.DEFAULT_POLICIES["sending"].with_(attempt_timeout=0.5)}


@pytest.fixture
def system() -> Iterator[actors.System]:
    """A system that waits half a second for the answer to a send."""
    with quick_system(policies=BRIEF) as system:
        yield system


@pytest.fixture
def alice(telegram: Loopback, system: actors.System) -> actors.SessionRef:
    """A session with somebody to write to, whose line was used."""
    telegram.add_account("bob")
    alice = system.start_session(telegram.add_session("alice").with_(health=actors.HealthPolicy(proof=0.5)))
    alice.ask(actors.SendMessage("bob", "before"))
    return alice


def was_made_anew(alice: actors.SessionRef) -> None:
    """Assert that its connection was, once, and that its client is the same."""
    eventually(lambda: alice.status().connects == 2)
    assert (alice.status().connects, alice.status().restarts) == (2, 0)


@contextmanager
def narrow_line(config: actors.SessionConfig, *, speed: int) -> Iterator[actors.SessionConfig]:
    """Give the config of the same account behind a line that carries so many bytes a second to the server."""
    server = config.server
    assert server is not None
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)  # what isn't read yet waits with the sender
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def carry(source: socket.socket, target: socket.socket, pause: float) -> None:
            with suppress(OSError):  # the other direction has ended
                while data := source.recv(8192):
                    target.sendall(data)
                    time.sleep(len(data) * pause)
            for end in (source, target):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

        def accept() -> None:
            near, _ = listener.accept()
            with near, socket.create_connection((server.host, server.port)) as far:
                back = threading.Thread(target=carry, args=(far, near, 0.0))
                back.start()
                carry(near, far, 1 / speed)
                back.join()

        line = threading.Thread(target=accept)
        line.start()
        port = listener.getsockname()[1]
        yield config.with_(server=actors.ServerAddress(host="127.0.0.1", port=port, public_key=server.public_key))
        line.join()


def texts(telegram: Loopback) -> list[str]:
    """Return what bob has."""
    return [message.text for message in telegram.messages("bob")]


def heard_by(sender: Sender, many: int) -> list[tuple[str, float]]:
    """Wait until a session was told of so many posts, and return them with their times."""
    eventually(lambda: len(sender.heard()) >= many, within=90)
    return sender.heard()


def hold_to_promise(senders: list[Sender], posts: dict[str, float], *, within: float) -> None:
    """Assert that every send is done, and every post heard once, in order, so many seconds after a death at most."""
    for sender in senders:
        for text, future in sender.futures.items():
            assert future.get(timeout=120).id, text
        heard = heard_by(sender, len(posts))
        assert [text for text, _ in heard] == list(posts), sender.name
        late = [
            text
            for text, at in heard
            if at > max([posts[text] + AT_ONCE, *(death + within for death in sender.deaths if death <= at)])
        ]
        assert late == [], sender.name
        sender.listener.stop()


@pytest.mark.slow
def test_lines_that_swallow_lose_no_send_and_no_post(telegram: Loopback, system: actors.System) -> None:
    """Both ways, one way, after a while, again and again; some sessions send, and some only listen."""

    def start(name: str) -> actors.SessionRef:
        return system.start_session(telegram.add_session(name).with_(health=WATCHFUL))

    senders, posts = try_lines(telegram, start, many=10, unit=1.5, seconds=4.0, pause=0.4)
    hold_to_promise(senders, posts, within=10)
    assert not [text for text in set(texts(telegram)) if texts(telegram).count(text) > 1], "sent twice"


@pytest.mark.gate
def test_lines_that_swallow_lose_no_send_and_no_post_by_the_default_limits(telegram: Loopback) -> None:
    """For a minute, and each post is heard within 75 s of the death of its line."""
    with actors.open_system() as system:

        def start(name: str) -> actors.SessionRef:
            return system.start_session(telegram.add_session(name))

        senders, posts = try_lines(telegram, start, many=10, unit=20.0, seconds=60.0, pause=3.0)
        hold_to_promise(senders, posts, within=75)


@pytest.mark.parametrize("what", ["all", "requests", "answers"])
def test_the_first_send_that_a_dead_line_swallows_is_done_on_the_next_one(
    telegram: Loopback, alice: actors.SessionRef, what: Any
) -> None:
    """Within its limits, though it has no retry: that it was never answered was the line's fault."""
    telegram.swallow("alice", what=what)
    sent = alice.ask(actors.SendMessage("bob", "after").with_(retries=0), timeout=20)
    assert sent.id
    assert texts(telegram) == ["before", "after"]
    was_made_anew(alice)


@pytest.mark.parametrize("kind", ["scrape", "upload", "download", "call"])
def test_whatever_a_dead_line_swallows_is_done_on_the_next_one(
    telegram: Loopback, system: actors.System, tmp_path: Path, kind: str
) -> None:
    """A call of a user's has no attempt timeout: its line is asked because it is quiet."""
    telegram.add_channel("news", members=["alice", "bob"], messages=300)
    alice = system.start_session(telegram.add_session("alice").with_(health=WATCHFUL))

    async def probe(client: actors.Client) -> None:
        await client.probe()

    (tmp_path / "file").write_bytes(Random(2).randbytes(2 * PART + 1))  # noqa: S311  noise for a test
    sent = alice.ask(actors.SendFile("@news", tmp_path / "file"), timeout=20)
    operation: actors.Operation[Any] = {
        "scrape": actors.ScrapeHistory("@news", limit=300),
        "upload": actors.SendFile("me", tmp_path / "file"),
        "download": actors.DownloadFile("@news", sent.id, tmp_path / "copy"),
        "call": actors.Call("probe", probe),
    }[kind]
    telegram.swallow("alice")
    limit = None if kind == "call" else 1.0
    alice.ask(operation.with_(attempt_timeout=limit, retries=0), timeout=20)
    was_made_anew(alice)


def test_what_waits_starts_on_no_line_that_has_to_prove_itself(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Status says why it waits."""
    telegram.swallow("alice")
    first = alice.ask(actors.SendMessage("bob", "first"), block=False)
    second = alice.ask(actors.SendMessage("bob", "second"), block=False)
    holds = eventually(lambda: alice.status().holds)
    assert [(hold.key, hold.reason) for hold in holds] == [("offline", "the connection has to prove itself")]
    assert alice.status().phase is actors.Phase.ONLINE
    assert first.get(timeout=20).id < second.get(timeout=20).id
    assert texts(telegram) == ["before", "first", "second"]


def test_a_send_that_ends_by_its_run_timeout_has_the_line_prove_itself_too(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """Nobody knows what became of it; the next one is done."""
    telegram.swallow("alice", what="requests")
    with pytest.raises(actors.OutcomeUnknown):
        alice.ask(actors.SendMessage("bob", "short").with_(run_timeout=0.3), timeout=5)
    assert alice.ask(actors.SendMessage("bob", "after"), timeout=20).id
    was_made_anew(alice)


def test_a_line_that_only_brings_news_is_dead_the_other_way(telegram: Loopback, alice: actors.SessionRef) -> None:
    """The second attempt in a row that gets no answer makes it a question: bytes have come all the time."""
    telegram.add_channel("news", members=["alice", "bob"])
    over = threading.Event()

    def post() -> None:
        while not over.wait(0.1):
            telegram.post("news", "news", author="bob")

    telegram.swallow("alice", what="requests")
    busy = threading.Thread(target=post)
    busy.start()
    try:
        assert alice.ask(actors.SendMessage("bob", "after"), timeout=20).id
    finally:
        over.set()
        busy.join()
    was_made_anew(alice)
    assert texts(telegram) == ["before", "after"]


def test_a_slow_server_is_no_dead_line(telegram: Loopback, alice: actors.SessionRef) -> None:
    """It answers pings, and the send is tried again as its policy says, on the same connection."""
    telegram.fail("messages.sendMessage", account="alice", silence=True, times=2)
    assert alice.ask(actors.SendMessage("bob", "after"), timeout=20).id
    assert alice.status().connects == 1
    telegram.fail("messages.sendMessage", account="alice", silence=True)
    with pytest.raises(actors.OutcomeUnknown):
        alice.ask(actors.SendMessage("bob", "never").with_(retries=1), timeout=20)
    assert alice.status().connects == 1
    assert list(map(str, telegram.calls("alice"))).count("messages.sendMessage") == 6


def test_a_quiet_monitors_line_is_made_anew_when_no_byte_comes(
    telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Nobody sends anything; what was missed is brought, and nothing counts as a restart."""
    telegram.add_channel("news", members=["alice", "bob"])
    alice = system.start_session(telegram.add_session("alice").with_(health=WATCHFUL))
    alice.ask(actors.Monitor(["@news"], to=collector))
    telegram.swallow("alice", what="answers")
    telegram.post("news", "missed", author="bob")
    eventually(lambda: [event.message.text for event in received(collector)] == ["missed"], within=10)
    was_made_anew(alice)


def test_a_busy_session_is_never_asked(telegram: Loopback, system: actors.System) -> None:
    """An answer is a sign of life as any byte is, though no update comes."""
    telegram.add_account("bob")
    alice = system.start_session(telegram.add_session("alice").with_(health=WATCHFUL))
    telegram.fail("ping", account="alice", drop="before")  # one would be noticed
    telegram.forget_calls("alice")
    begun = time.monotonic()
    while time.monotonic() < begun + 2.5:
        alice.ask(actors.SendMessage("bob", "busy"))
        threading.Event().wait(0.1)
    assert alice.status().connects == 1
    assert "users.getUsers" not in map(str, telegram.calls("alice"))


def test_a_loop_that_was_blocked_gives_up_no_line_that_lives(telegram: Loopback, system: actors.System) -> None:
    """Its timers are due before the bytes that wait are read: the line is asked, and has its time from then on."""
    telegram.add_channel("news", members=["alice", "bob"])
    alice = system.start_session(telegram.add_session("alice").with_(health=WATCHFUL))

    async def block(client: actors.Client) -> None:
        del client
        await asyncio.sleep(0)
        time.sleep(3.0)  # noqa: ASYNC251  that is what is tried

    alice.ask(actors.Call("block", block), timeout=20)
    assert alice.ask(actors.SendMessage("me", "after"), timeout=5).id
    assert alice.status().connects == 1


def test_an_answer_that_waits_behind_a_blocked_loop_is_an_answer(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System
) -> None:
    """The attempt timeout is over when the loop goes on, and the answer is about to be read."""
    other = system.start_session(telegram.add_session("other"))
    left = threading.Event()

    async def block(client: actors.Client) -> None:
        del client
        await asyncio.to_thread(left.wait, 5)
        time.sleep(1.5)  # noqa: ASYNC251  that is what is tried

    telegram.forget_calls("alice")
    telegram.fail("messages.sendMessage", account="alice", delay=0.2, times=1)
    blocking = other.ask(actors.Call("block", block), block=False)
    sending = alice.ask(actors.SendMessage("bob", "after"), block=False)
    eventually(lambda: "messages.sendMessage" in map(str, telegram.calls("alice")))
    left.set()
    assert sending.get(timeout=10).id
    blocking.get(timeout=10)
    assert list(map(str, telegram.calls("alice"))).count("messages.sendMessage") == 1
    assert alice.status().connects == 1


@pytest.mark.slow
def test_a_slow_upload_whose_bytes_go_out_is_no_dead_line(
    telegram: Loopback, system: actors.System, tmp_path: Path
) -> None:
    """At 200 KB/s a part takes 2.6 s, in which no byte comes; the ping waits behind it."""
    (tmp_path / "file").write_bytes(Random(1).randbytes(2 * PART))  # noqa: S311  noise for a test
    config = telegram.add_session("alice").with_(health=WATCHFUL)
    with narrow_line(config, speed=200_000) as config:
        alice = system.start_session(config)
        assert alice.ask(actors.SendFile("me", tmp_path / "file").with_(attempt_timeout=15), timeout=60).id
        assert alice.status().connects == 1
        alice.stop()
