"""`python -m tests.whole.benchmarks [GROUP ...]`: measures, prints a table, writes JSON (`--json FILE`)."""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.whole.benchmarks import (
    before,
    deadlines,
    elsewhere,
    files,
    fleet,
    growth,
    mailbox,
    scraping,
    sending,
    streaming,
    threads,
    updates,
)
from tests.whole.benchmarks.measure import Row
from tests.whole.benchmarks.stage import SIZES

GROUPS = {
    "peers": elsewhere.rows,
    "before": before.rows,
    "threads": threads.rows,
    "sending": sending.rows,
    "updates": updates.rows,
    "fleet": fleet.rows,
    "mailbox": mailbox.rows,
    "scraping": scraping.rows,
    "growth": growth.rows,
    "streaming": streaming.rows,
    "deadlines": deadlines.rows,
    "files": files.rows,
}


def verdict(row: Row) -> tuple[str, str]:
    """Return the bar of a row, and whether it is met."""
    if row.bar is None:
        return "", ""
    return f"{'>=' if row.higher_is_better else '<='} {row.bar:g}", "yes" if row.is_met else "NO"


def show(console: Console, rows: list[Row]) -> None:
    """Print the table."""
    table = Table(title=f"Python {platform.python_version()}, {platform.machine()}; medians of ratios in one run")
    for column in ("what is measured", "beside", "unit", "ours", "theirs", "ratio", "bar", "met", "calls"):
        table.add_column(column, justify="left" if column in ("what is measured", "beside") else "right")
    for row in rows:
        calls = "" if row.calls is None else "{:g} : {:g}".format(*row.calls)
        figures = (f"{row.ours:,.4g}", f"{row.theirs:,.4g}", f"{row.ratio:.2f}", *verdict(row), calls)
        table.add_row(row.what, row.beside, row.unit, *figures)
    console.print(table)


def main() -> None:
    """Measure what is asked for, everything by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[[], *GROUPS], help="groups of rows; all of them by default")
    parser.add_argument("--json", type=Path, help="where to write the results, every single ratio included")
    parser.add_argument("--sessions", type=int, default=SIZES.sessions, help="of a fleet that is started and stopped")
    parser.add_argument("--before", type=Path, help="a checkout of an earlier state, for the rows of `before`")
    arguments = parser.parse_args()
    SIZES.sessions, SIZES.before = arguments.sessions, arguments.before
    console = Console(width=160)
    measured: list[Row] = []
    for name in arguments.rows or GROUPS:
        console.print(f"measuring {name} ...")
        measured += GROUPS[name]()
    show(console, measured)
    if arguments.json is not None:
        told = {"python": platform.python_version(), "rows": [row.to_dict() for row in measured]}
        arguments.json.write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
