"""`python -m actors.testing.server`: the server for programs, which the test kit starts. People use the command line.

It loads the server and nothing else, announces itself in one line of JSON, and ends when standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import logging
import sys
from pathlib import Path

from actors.testing.server.run import Address, serve
from actors.testing.server.state import BadState


def _announce(address: Address) -> None:
    print(json.dumps(dataclasses.asdict(address)), flush=True)  # noqa: T201  standard output is the interface


def main() -> int:
    """Run until the parent process is gone; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m actors.testing.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path)
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    state = options.state
    try:
        asyncio.run(serve(host=options.host, port=options.port, until_eof=True, announce=_announce, state_file=state))
    except OSError as error:
        print(f"cannot listen on {options.host}:{options.port}: {error.strerror or error}", file=sys.stderr)  # noqa: T201  standard error is for people
        return 1
    except BadState as error:
        print(error, file=sys.stderr)  # noqa: T201  standard error is for people
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
