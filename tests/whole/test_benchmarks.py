"""The benchmarks' own arithmetic, and the page of their results. They are run by hand, on a quiet machine."""

from __future__ import annotations

import re

import pytest

from tests.whole.benchmarks.__main__ import GROUPS, verdict
from tests.whole.benchmarks.measure import Row, compare, row_of
from tests.whole.benchmarks.tables import CHAPTER, median_of, rewritten


def test_a_row_has_the_median_of_the_ratios_and_not_the_ratio_of_the_medians() -> None:
    """Each round is compared in itself, as the machine may be slow in one and fast in another."""
    row = row_of("it", "that", "s", [(1.0, 2.0), (30.0, 10.0), (4.0, 4.0)], bar=1.0, higher_is_better=False)
    assert (row.ours, row.theirs, row.ratio, row.is_met) == (4.0, 4.0, 1.0, True)


def test_whoever_goes_first_alternates() -> None:
    """So that neither has the advantage of a machine that has got warm, or tired."""
    order: list[str] = []

    def side(name: str) -> float:
        order.append(name)
        return 1.0

    compare("it", "that", "s", lambda: side("ours"), lambda: side("theirs"), bar=1.0, rounds=2)
    assert order == ["ours", "theirs", "theirs", "ours"]


@pytest.mark.parametrize(
    ("bar", "higher", "told"), [(1.0, False, ("<= 1", "NO")), (1.0, True, (">= 1", "yes")), (None, True, ("", ""))]
)
def test_a_bar_is_the_most_or_the_least_or_none(bar: float | None, higher: bool, told: tuple[str, str]) -> None:
    """A figure without a bar is only shown."""
    assert verdict(row_of("it", "that", "s", [(2.0, 1.0)], bar=bar, higher_is_better=higher)) == told


def test_a_row_survives_json() -> None:
    """The rows of the other actor libraries come from another process."""
    row = row_of("it", "that", "s", [(2.0, 1.0)], bar=1.0).with_calls(59, 89)
    assert Row.of_dict(row.to_dict()) == row


VERSIONS = re.findall(r"<!-- table: (\S+) -->", CHAPTER.read_text(encoding="utf-8"))


@pytest.mark.parametrize("version", VERSIONS)
def test_results_get_into_the_page(version: str) -> None:
    """In place of those of the same Python, and twice is the same as once."""
    text = CHAPTER.read_text(encoding="utf-8")
    told = {"python": f"{version}.7", "rows": [row_of("a new row", "that", "s", [(2e-4, 1e-4)], bar=1.0).to_dict()]}
    once = rewritten(text, told)
    assert "| a new row | that | s | 200 us | 100 us | 2.00 | >= 1 | yes |  |" in once
    assert rewritten(once, told) == once


def test_of_several_runs_a_row_shows_the_median_one() -> None:
    """Each row by itself, and a row that not all runs have as well."""
    runs = [
        {
            "python": "3.13.0",
            "rows": [row_of(what, "that", "s", [(ratio, 1.0)], bar=1.0).to_dict() for what, ratio in told],
        }
        for told in ([("it", 3.0), ("alone", 7.0)], [("it", 1.0)], [("it", 2.0)])
    ]
    assert [(row["what"], row["ratio"]) for row in median_of(runs)["rows"]] == [("it", 2.0), ("alone", 7.0)]


def test_the_page_names_groups_that_there_are() -> None:
    """In its command for some of them only."""
    (named,) = re.findall(r"`python -m tests.whole.benchmarks ([a-z ]+)`", CHAPTER.read_text(encoding="utf-8"))
    assert set(named.split()) <= set(GROUPS)
