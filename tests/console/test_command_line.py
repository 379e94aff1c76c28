"""`python -m actors loopback ...` against a server that runs: the same commands as the kit's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import IO

import pytest
from typer.testing import CliRunner

from actors.console.app import app

pytestmark = pytest.mark.xdist_group("command line")  # what they share is made once


class _Server:
    """A server run from the command line, and subcommands told where it is by the environment."""

    def __init__(self, process: subprocess.Popen[str], output: IO[str]) -> None:
        address = json.loads(output.readline())
        self.process = process
        self.token: str = address["token"]
        where = {"ACTORS_LOOPBACK_CONTROL_PORT": str(address["control_port"]), "ACTORS_LOOPBACK_TOKEN": self.token}
        self._environment = {**where, "NO_COLOR": "1", "COLUMNS": "200"}

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a subcommand and return what it printed."""
        done = CliRunner().invoke(app, ["loopback", *arguments], env=self._environment)
        assert done.exit_code == code, done.output
        return done.output


@pytest.fixture(scope="module")
def server() -> Iterator[_Server]:
    """One server for this module."""
    command = [sys.executable, "-m", "actors", "loopback", "--port", "0", "--json", "--until-eof"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  our own code
        assert process.stdin is not None
        assert process.stdout is not None
        yield _Server(process, process.stdout)
        process.stdin.close()
        process.wait(10)


def test_a_post_is_made_and_its_id_printed(server: _Server) -> None:
    """Commands that have no subcommand of their own go through `do`."""
    server.run("do", "add_account", '{"name": "bob"}')
    assert server.run("post", "bob", "hello bob", "--author", "bob") == "1\n"
    (message,) = json.loads(server.run("do", "messages", '{"account": "bob"}'))
    assert message["text"] == "hello bob"
    assert server.run("calls", "--account", "bob") == ""


def test_faults_are_scripted_and_healed(server: _Server) -> None:
    """With the options of the kit's `fail`."""
    server.run("fail", "messages.*", "--error", "FLOOD_WAIT_3", "--times", "2", "--chance", "0.5", "--seed", "1")
    server.run("fail", "ping", "--silence")
    server.run("fail", "users.getUsers", "--delay", "0.5", "--jitter", "0.1")
    server.run("heal")
    server.run("do", "restart", '{"down_for": 0}')


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("post", "nowhere", "hi"), 1, "there is no account 'nowhere'"),
        (("fail", "*"), 1, "exactly one of error, silence, delay, drop, answer and newer"),
        (("do", "save"), 1, "no state file"),
        (("do", "save", "[1]"), 2, "a JSON object"),
        (("do", "no_such_command"), 1, "no_such_command"),
        (("calls", "--token", "wrong"), 1, "the loopback has ended"),
        (("calls", "--control-port", "1"), 1, "refused"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    server: _Server, arguments: tuple[str, ...], code: int, reason: str
) -> None:
    """On stderr, with an exit code; the token isn't shown."""
    output = server.run(*arguments, code=code)
    assert reason in output
    assert server.token not in output
    assert "Traceback" not in output
