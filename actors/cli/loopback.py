"""`python -m actors loopback`: runs the loopback server and says where it is. The server itself is actors/loopback/."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import sys
from typing import Annotated

import typer

from actors.loopback.run import Address, serve

__all__ = ["loopback"]


def _print_json(address: Address) -> None:
    """Tell a program: one line."""
    _say(json.dumps(dataclasses.asdict(address)))


def _print_text(address: Address) -> None:
    """Tell a person."""
    _say(f"The loopback listens on {address.host}:{address.port} (Ctrl-C ends it). Its public key:\n")
    _say(address.public_key)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  standard output is the interface, and a pipe must not hold it back


def loopback(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 0,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON, for programs.")] = False,
    until_eof: Annotated[bool, typer.Option("--until-eof", help="Stop when standard input ends.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log closed connections too.")] = False,
) -> None:
    """Run a small Telegram server for tests and demos until Ctrl-C."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    announce = _print_json if as_json else _print_text
    try:
        asyncio.run(serve(host=host, port=port, until_eof=until_eof, announce=announce))
    except OSError as error:
        typer.echo(f"cannot listen on {host}:{port}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
