"""An ask of an async handler, beside the same in an earlier state of this library, on the Python that runs this.

For Pythons that the other libraries don't run on. The earlier state is a checkout, given as `--before FOLDER`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.whole.benchmarks.measure import Row, compare
from tests.whole.benchmarks.stage import SIZES

__all__ = ["rows"]

HERE = Path(__file__).parents[3]
BAR = 1.25

PROGRAM = """
import asyncio, time
from actors.runtime import AsyncioActor, LoopHost, PriorityActor, hosted

class Echo({base}):
    async def on_receive(self, message):
        return message

async def rate(asks):
    with hosted(LoopHost.on_running_loop()):
        ref = Echo.start()
    await ref.ask(0, block=False)
    begun = time.process_time()
    for number in range(asks):
        await ref.ask(number, block=False)
    return asks / (time.process_time() - begun)

print(asyncio.run(rate(5000)))
"""


def rate_in(checkout: Path, base: str) -> Callable[[], float]:
    """Return how to measure asks a second of CPU, with the library of a checkout."""

    def measure() -> float:
        command = [sys.executable, "-c", PROGRAM.format(base=base)]
        environment = {**os.environ, "PYTHONPATH": str(checkout)}
        run = subprocess.run(command, env=environment, cwd=checkout, capture_output=True, text=True, check=True)  # noqa: S603
        return float(run.stdout)

    return measure


def rows() -> Iterator[Row]:
    """Yield a row for each kind of actor; say so and yield none when there is nothing to compare with."""
    if SIZES.before is None:
        print("no --before FOLDER: the comparison with an earlier state is left out")
        return
    earlier = SIZES.before.resolve()
    for base in ("AsyncioActor", "PriorityActor"):
        ours, theirs = rate_in(HERE, base), rate_in(earlier, base)
        yield compare(f"ask of an async handler, {base}, rate", "the state before", "1/s", ours, theirs, bar=BAR)
