"""`python -m actors loopback`: runs the loopback server, or (with a subcommand) tells a running one what to do.

The server itself is in `actors/testing/server/`. Subcommands speak to its control channel. A running server prints the
channel's address and token; they are given as options, or in the environment so that no process list shows the token.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from actors.testing.channel import ControlChannel
from actors.testing.errors import LoopbackFailed
from actors.testing.server.run import Address, serve
from actors.testing.server.state import BadState

__all__ = ["loopback"]

PORT, TOKEN = "ACTORS_LOOPBACK_CONTROL_PORT", "ACTORS_LOOPBACK_TOKEN"  # names of variables
PATIENCE = 30.0  # seconds that a server has to answer

loopback = typer.Typer(help="Run a small Telegram server for tests and demos until Ctrl-C, or steer one that runs.")
Account = Annotated[str | None, typer.Option(help="Whose calls; everybody's by default.")]
Port = Annotated[
    int, typer.Option("--control-port", envvar=PORT, help="The server's control port.", show_default=False)
]
Token = Annotated[str, typer.Option(envvar=TOKEN, help="The server's control token.", show_default=False)]


def _print_json(address: Address) -> None:
    """Tell a program, in one line of JSON."""
    _say(json.dumps(dataclasses.asdict(address)))


def _print_text(address: Address) -> None:
    """Tell a person, in sentences."""
    _say(f"The loopback listens on {address.host}:{address.port} (Ctrl-C ends it). Its public key:\n")
    _say(address.public_key)
    _say(f"To steer it from another terminal:\nexport {PORT}={address.control_port} {TOKEN}={address.token}")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  standard output is the interface, and a pipe must not hold it back


@loopback.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 0,
    state: Annotated[Path | None, typer.Option(help="Start from this file if it is there; save to it.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON, for programs.")] = False,
    until_eof: Annotated[bool, typer.Option("--until-eof", help="Stop when standard input ends.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log closed connections too.")] = False,
) -> None:
    """Run a small Telegram server for tests and demos until Ctrl-C, or steer one that runs."""
    if context.invoked_subcommand is not None:
        return
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    announce = _print_json if as_json else _print_text
    try:
        asyncio.run(serve(host=host, port=port, until_eof=until_eof, announce=announce, state_file=state))
    except OSError as error:
        typer.echo(f"cannot listen on {host}:{port}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from None
    except BadState as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _ask(port: int, token: str, command: str, **arguments: Any) -> Any:
    """Have a running server carry out a command, and return the result. Exit with the server's reason when it can't."""
    try:
        channel = ControlChannel(port, token, timeout=PATIENCE)
        try:
            return channel.ask(command, **arguments)
        finally:
            channel.close()
    except (OSError, LoopbackFailed) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@loopback.command()
def fail(  # noqa: PLR0913  one option each
    method: Annotated[str, typer.Argument(help="messages.sendMessage, messages.*, *, ping or push.")],
    port: Port,
    token: Token,
    *,
    account: Account = None,
    chat: Annotated[str | None, typer.Option(help="For which chat only.")] = None,
    error: Annotated[str | None, typer.Option(help="Answer with this RPC error, such as FLOOD_WAIT_3.")] = None,
    code: Annotated[int | None, typer.Option(help="The error's number, if not the usual one.")] = None,
    delay: Annotated[float | None, typer.Option(help="Answer this many seconds later.")] = None,
    jitter: Annotated[float, typer.Option(help="And up to so many more.")] = 0.0,
    drop: Annotated[str | None, typer.Option(help="Cut the connection: before or after doing it.")] = None,
    answer: Annotated[str | None, typer.Option(help="Answer with this TL object, in hexadecimal.")] = None,
    times: Annotated[int | None, typer.Option(help="How often; until healed by default.")] = None,
    chance: Annotated[float, typer.Option(help="How likely each call is struck, 0 to 1.")] = 1.0,
    seed: Annotated[int | None, typer.Option(help="Makes the dice repeatable.")] = None,
    silence: Annotated[bool, typer.Option(help="Never answer.")] = False,
    newer: Annotated[bool, typer.Option(help="Answer with a constructor of a newer layer.")] = False,
) -> None:
    """Script a fault."""
    outcome = {"error": error, "code": code, "silence": silence, "delay": delay, "jitter": jitter, "drop": drop}
    outcome["answer"] = answer
    outcome["newer"] = newer
    which = {"method": method, "account": account, "chat": chat, "times": times, "chance": chance, "seed": seed}
    _ask(port, token, "fail", **which, **outcome)


@loopback.command()
def heal(port: Port, token: Token, account: Account = None) -> None:
    """Forget the faults scripted for an account, or all."""
    _ask(port, token, "heal", account=account)


@loopback.command()
def post(
    chat: Annotated[str, typer.Argument(help="A channel, or an account.")],
    text: str,
    port: Port,
    token: Token,
    author: Annotated[str | None, typer.Option(help="An account; a channel's creator by default.")] = None,
) -> None:
    """Say something in a channel or to an account, and print the message's id."""
    for message_id in _ask(port, token, "post_many", chat=chat, texts=[text], author=author):
        _say(str(message_id))


@loopback.command()
def calls(
    port: Port, token: Token, account: Annotated[str | None, typer.Option(help="Strangers by default.")] = None
) -> None:
    """Print the RPCs that came from an account, one a line, oldest first."""
    for name, _ in _ask(port, token, "calls", account=account):
        _say(name)


@loopback.command(name="do")
def do(
    command: Annotated[str, typer.Argument(help="A command of the control channel, such as restart.")],
    port: Port,
    token: Token,
    arguments: Annotated[str, typer.Argument(help="Its arguments as JSON, such as '{\"down_for\": 2}'.")] = "{}",
) -> None:
    """Have any command of the control channel carried out, and print the result as JSON."""
    try:
        given = json.loads(arguments)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise typer.BadParameter("arguments are a JSON object")
    _say(json.dumps(_ask(port, token, command, **given)))
