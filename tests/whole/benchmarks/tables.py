"""Writes the tables of docs/performance.md from results: `python -m tests.whole.benchmarks.tables RESULTS.json ...`.

RESULTS.json is what `python -m tests.whole.benchmarks --json RESULTS.json` has written. Of several runs on one version
of Python, each row shows the run whose ratio is the median. Prose is by hand.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

__all__ = ["median_of", "rewritten"]

CHAPTER = Path(__file__).parents[3] / "docs" / "performance.md"
COLUMNS = ("what is measured", "beside", "unit", "ours", "theirs", "ratio", "bar", "met", "calls")
HEAD = "| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|\n"
SCALES = ((1.0, ""), (1e-3, "m"), (1e-6, "u"))


def figure(value: float, unit: str) -> str:
    """Return a figure with its unit, in a size that can be read."""
    if unit == "s" and value:
        scale, prefix = next((one for one in SCALES if value >= one[0]), SCALES[-1])
        return f"{value / scale:,.3g} {prefix}s"
    if unit == "bytes":
        return f"{value / 1024:,.1f} KiB"
    return f"{value:,.0f}"


def line(row: dict[str, Any]) -> str:
    """Return a row of a table."""
    sign = ">=" if row["higher_is_better"] else "<="
    bar, met = ("", "") if row["bar"] is None else (f"{sign} {row['bar']:g}", "yes" if row["is_met"] else "**no**")
    calls = "" if row["calls"] is None else "{:g} : {:g}".format(*row["calls"])
    unit = row["unit"]
    cells = (row["what"], row["beside"], unit, figure(row["ours"], unit), figure(row["theirs"], unit))
    return "| " + " | ".join((*cells, f"{row['ratio']:.2f}", bar, met, calls)) + " |"


def rewritten(text: str, told: dict[str, Any]) -> str:
    """Return the chapter with the table of one version of Python made anew."""
    version = told["python"].rpartition(".")[0]
    table = HEAD + "\n".join(line(row) for row in told["rows"])
    found = re.compile(rf"(<!-- table: {re.escape(version)} -->\n).*?(<!-- end -->)", re.DOTALL)
    text, number = found.subn(lambda match: f"{match[1]}{table}\n{match[2]}", text)
    if number != 1:
        raise SystemExit(f"{CHAPTER.name} has no place for a table of Python {version}")
    return text


def median_of(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the rows of the first run, each as it was in the run whose ratio is the median of all that have it."""
    rows = []
    for first in runs[0]["rows"]:
        name = (first["what"], first["beside"])
        same = [row for run in runs for row in run["rows"] if (row["what"], row["beside"]) == name]
        rows.append(sorted(same, key=lambda row: float(row["ratio"]))[len(same) // 2])
    return {**runs[0], "rows": rows}


def main() -> None:
    """Rewrite the chapter."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, nargs="+")
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in parser.parse_args().results]
    if len({run["python"] for run in runs}) > 1:
        parser.error("the results are of several versions of Python")
    CHAPTER.write_text(rewritten(CHAPTER.read_text(encoding="utf-8"), median_of(runs)), encoding="utf-8")


if __name__ == "__main__":
    main()
