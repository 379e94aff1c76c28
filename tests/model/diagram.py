"""Writes the state diagram in docs/sessions.md from the table of steps: `python -m tests.model.diagram`."""

from __future__ import annotations

from pathlib import Path

from actors.model.phases import STEPS, Phase

__all__ = ["CHAPTER", "rewritten"]

CHAPTER = Path(__file__).parents[2] / "docs" / "sessions.md"
BEGIN, END = "<!-- diagram -->\n", "<!-- end -->"


def diagram() -> str:
    """Return the table as a Mermaid state diagram."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {Phase.OFFLINE.value}"]
    lines += [f"    {phase.value} --> {after.value}: {signal.value}" for (phase, signal), after in STEPS.items()]
    lines += [f"    {phase.value} --> [*]" for phase in (Phase.STOPPED, Phase.DEAD)]
    return "\n".join([*lines, "```\n"])


def rewritten() -> str:
    """Return the chapter with the diagram as it should be."""
    before, _, rest = CHAPTER.read_text(encoding="utf-8").partition(BEGIN)
    return before + BEGIN + diagram() + END + rest.partition(END)[2]


if __name__ == "__main__":
    CHAPTER.write_text(rewritten(), encoding="utf-8")
