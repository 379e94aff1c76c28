"""The long run: `python -m tests.whole.chaos [--seconds 60] [--seed N] [--sessions 50]`; exit code 1 if it broke."""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter

from rich.console import Console
from rich.table import Table

from tests.whole.chaos.mutants import MUTANTS
from tests.whole.chaos.run import Report, chaos
from tests.whole.chaos.script import script

GROUPS = {
    "send": "sends",
    "post": "sends",
    "last send": "sends",
    "told send": "told",
    "scrape": "scrapes",
    "members": "scrapes",
    "monitor": "monitors",
}
"""Columns of the table of outcomes; every other kind is a call."""

SHOWN = 10  # violations of one invariant that are printed


def main() -> int:
    """Do one run, and print what came of it."""
    options = _options()
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"seed {options.seed}, {options.seconds:g} s, {options.sessions} sessions")
    if options.show:
        for fault in script(options.seed, seconds=options.seconds, sessions=options.sessions):
            console.print(str(fault))
        return 0
    with MUTANTS[options.mutant]():
        report = chaos(options.seed, seconds=options.seconds, sessions=options.sessions, progress=console.print)
    _print(console, report)
    return 0 if report.held else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.whole.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of load and faults (default: 60)")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="of the script")  # noqa: S311  printed
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--show", action="store_true", help="print the script of faults, and do nothing")
    parser.add_argument("--mutant", choices=list(MUTANTS), default="none", help="a promise to break on purpose")
    return parser.parse_args()


def _print(console: Console, report: Report) -> None:
    faults = Table("fault", "times", title="What went wrong")
    for kind, count in report.faults.most_common():
        faults.add_row(kind, str(count))
    console.print(faults)
    console.print(_outcomes(report))
    invariants = Table("invariant", "", title=f"{report.messages} messages on the server")
    for name, broken in report.violations.items():
        invariants.add_row(name, "[red]BROKEN" if broken else "[green]held")
    console.print(invariants)
    for name, broken in report.violations.items():
        for sentence in broken[:SHOWN]:
            console.print(f"BROKEN, {name}: {sentence}", markup=False)
        if len(broken) > SHOWN:
            console.print(f"... and {len(broken) - SHOWN} more")
    memory = f"memory {report.growth / 1024 / 1024:+.0f} MiB"
    verdict = "every invariant held" if report.held else "BROKEN"
    console.print(f"seed {report.seed}: {verdict}; {memory}", markup=False)


def _outcomes(report: Report) -> Table:
    totals: Counter[tuple[str, str]] = Counter()
    for (kind, outcome), count in report.outcomes.items():
        totals[GROUPS.get(kind, "calls"), outcome] += count
        totals["all", outcome] += count
    groups = [*dict.fromkeys(GROUPS.values()), "calls", "all"]
    table = Table("outcome", *groups, title="How the operations ended")
    for outcome in sorted({outcome for _, outcome in totals}, key=lambda outcome: -totals["all", outcome]):
        table.add_row(outcome, *(str(totals[group, outcome] or "") for group in groups))
    return table


if __name__ == "__main__":
    sys.exit(main())
