"""The kit: starting, being refused, ending, and the records it gives."""

from __future__ import annotations

import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from actors.testing import Loopback, LoopbackFailed, Rpc, loopback as start


def _eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def test_a_session_config_leads_to_this_server_and_shows_no_secret(telegram: Loopback) -> None:
    """Name, address and string are those of the server; repr hides the string and the key."""
    config = telegram.add_session("anna")
    assert (config.name, config.server) == ("anna", telegram.address)
    assert config.session not in repr(config)
    assert "PUBLIC KEY" in telegram.address.public_key
    assert "PUBLIC KEY" not in repr(config) + repr(telegram)


def test_two_sessions_of_one_account_have_different_keys(telegram: Loopback) -> None:
    """Names differ, account is the same."""
    first, second = telegram.add_session("ben"), telegram.add_session("ben-2", account="ben")
    assert first.session != second.session
    assert {first.name, second.name} == {"ben", "ben-2"}


def test_posts_are_held_with_author_time_and_order(telegram: Loopback) -> None:
    """Of private chats and of channels, made-up past included."""
    before = datetime.now(UTC).replace(microsecond=0)
    telegram.add_account("cora")
    telegram.add_channel("board", members=["cora", "dirk"], messages=2)
    telegram.post_many("dirk", ["one", "two"], author="cora")
    assert telegram.post("board", "three", author="dirk") == 3
    private = telegram.messages("dirk")
    assert [(m.id, m.chat, m.sender, m.text, m.out) for m in private] == [
        (1, "cora", "cora", "one", False),
        (2, "cora", "cora", "two", False),
    ]
    assert before <= private[0].date <= datetime.now(UTC)
    assert [m.text for m in telegram.channel_messages("board")] == ["board 1", "board 2", "three"]
    assert [m.sender for m in telegram.channel_messages("board", limit=1)] == ["dirk"]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"error": "PEER_FLOOD", "silence": True},
        {"delay": 1.0, "drop": "after"},
        {"delay": -1.0},
        {"drop": "sideways"},
        {"silence": True, "code": 400},
        {"silence": True, "times": 0},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_at_once(telegram: Loopback, arguments: dict[str, Any]) -> None:
    """ValueError, and nothing is scripted."""
    with pytest.raises(ValueError, match="="):
        telegram.fail("messages.sendMessage", **arguments)


@pytest.mark.parametrize(
    "command",
    [
        lambda telegram: telegram.disconnect("nobody"),
        lambda telegram: telegram.post("nowhere", "hi"),
        lambda telegram: telegram.fail("*", account="nobody", silence=True),
        lambda telegram: telegram.add_channel("empty", members=[]),
        lambda telegram: telegram.add_account("x y", phone="12"),
        lambda telegram: telegram.code("31612345678"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why(
    telegram: Loopback, command: Callable[[Loopback], object]
) -> None:
    """LoopbackFailed with a sentence; the server stays up."""
    with pytest.raises(LoopbackFailed, match=r"\w+ \w+ \w+"):
        command(telegram)
    assert telegram.connections(telegram.add_session(f"up-{time.monotonic_ns()}").name) == 0


def test_a_taken_name_is_refused(telegram: Loopback) -> None:
    """Accounts and channels share the usernames."""
    telegram.add_account("taken")
    with pytest.raises(LoopbackFailed, match="already"):
        telegram.add_account("taken")
    with pytest.raises(LoopbackFailed, match="username"):
        telegram.add_channel("Taken", members=["someone"])


def test_many_threads_share_one_kit(telegram: Loopback) -> None:
    """Every one of 400 commands from 8 threads gets its own answer."""
    telegram.add_channel("crowd", members=["speaker"])
    ids: list[int] = []

    def speak() -> None:
        ids.extend(telegram.post("crowd", "hi") for _ in range(50))

    threads = [threading.Thread(target=speak) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ids) == list(range(1, 401))


def test_a_call_is_its_name_and_knows_when() -> None:
    """So that lists of calls compare with lists of names."""
    call = Rpc.of("messages.sendMessage", 12.5)
    assert (call, call.at) == ("messages.sendMessage", 12.5)


def test_a_server_that_cannot_start_says_so_with_its_stderr() -> None:
    """A port that is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(LoopbackFailed, match=r"did not start \(exit code 1\)(?s:.*)cannot listen on") as caught:
            start(port=taken.getsockname()[1])
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301  our own bytes


def test_a_server_that_does_not_start_in_time_is_given_up() -> None:
    """And no process is left."""
    with pytest.raises(LoopbackFailed, match=r"within 0\.01 s"):
        start(timeout=0.01)


def test_after_the_end_every_command_fails_clearly_and_closing_again_is_fine() -> None:
    """No hang, no odd socket error."""
    telegram = start()
    telegram.close()
    telegram.close()
    with pytest.raises(LoopbackFailed):
        telegram.connections("anyone")


PARENT = """
import sys
from actors.testing import loopback
telegram = loopback()
print(telegram.pid, telegram.address.port, flush=True)
sys.stdin.read()
"""


def test_the_server_dies_with_its_parent_even_when_that_is_killed() -> None:
    """SIGKILL leaves the parent no time to say goodbye."""
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:  # noqa: S603  our own code
        assert parent.stdout is not None
        port = int(parent.stdout.readline().split()[1])
        socket.create_connection(("127.0.0.1", port)).close()
        parent.send_signal(signal.SIGKILL)
        parent.wait()

    def gone() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return True
        except ConnectionResetError:
            return False  # it is just going
        return False

    _eventually(gone)


def test_a_person_gets_the_address_and_the_public_key_and_ctrl_c_ends_it() -> None:
    """`python -m actors loopback` without the kit's options."""
    command = [sys.executable, "-m", "actors", "loopback", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603  our own code
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        rest, problems = process.communicate(timeout=10)
    assert "127.0.0.1:" in lines[0]
    assert "BEGIN RSA PUBLIC KEY" in "".join(lines) + rest
    assert (process.returncode, problems) == (0, "")


@pytest.mark.parametrize("module", ["actors.testing", "actors.testing.plugin"])
def test_the_kit_is_light_to_import(module: str) -> None:
    """Neither Telethon nor Pykka nor the server comes along: pytest loads the plugin in every run."""
    heavy = {"telethon", "pykka", "cryptg", "typer", "actors.testing.server"}
    code = f"import sys, {module}; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  our own code
    assert done.stdout.strip() == "[]"


def test_the_log_holds_no_secret(telegram: Loopback) -> None:
    """No phone number, no text."""
    telegram.add_account("shy", phone="31699887766")
    telegram.post("shy", "for your eyes only", author="shy")
    assert "31699887766" not in telegram.stderr()
    assert "for your eyes only" not in telegram.stderr()
