"""The long run: `python -m tests.whole.fuzz [--examples 50000] [--seed 1]`; exit code 1 if it gave way."""

from __future__ import annotations

import argparse
import random
import time

from tests.whole.fuzz.siege import Siege, siege

EVERY = 1000  # examples between two lines of progress


def main() -> None:
    """Attack a server of our own with as many examples as asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.whole.fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))  # noqa: S311  printed, to be repeated
    options = parser.parse_args()
    started = time.monotonic()

    def progress(besieged: Siege) -> None:
        if besieged.count % EVERY == 0:
            growth = (besieged.memory() - besieged.start) / 1024
            print(
                f"{besieged.count} examples in {time.monotonic() - started:.0f} s; memory {growth:+.1f} MiB;"
                f" a healthy client waited at most {besieged.worst * 1000:.0f} ms",
                flush=True,
            )

    print(f"seed {options.seed}", flush=True)
    with siege() as besieged:
        besieged.run(options.examples, progress=progress, seed=options.seed)
        print(f"done: {besieged.count} examples, the server lives", flush=True)


if __name__ == "__main__":
    main()
