"""Writes the lists in docs/loopback.md: `python -m tests.testing.server.write_docs`. The prose is by hand."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from pathlib import Path

from actors.testing import Loopback
from actors.testing.server.control import channel as control, commands
from actors.testing.server.control.registry import COMMANDS
from actors.testing.server.limits import BOTS, PEOPLE, Per, Rule
from actors.testing.server.methods.registry import HANDLERS
from actors.testing.server.service import SERVICES
from actors.testing.server.tl import method_name

__all__ = ["CHAPTER", "rewritten"]

CHAPTER = Path(__file__).parents[3] / "docs" / "loopback.md"
REGISTERED = (commands, control)  # imported, they have registered every command
SCOPES = {Per.ACCOUNT: "account", Per.PERSON: "person written to", Per.GROUP: "group", Per.CHAT: "chat"}
PERIODS = {1.0: "second", 60.0: "minute", 3600.0: "hour", 86400.0: "day"}


def _first_sentence(thing: object) -> str:
    """Return the summary of a docstring."""
    return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")


def _rpcs() -> str:
    areas: defaultdict[str, list[str]] = defaultdict(list)
    for request, handler in HANDLERS.items():
        name = method_name(request)
        areas[name.partition(".")[0]].append(f"- `{name}`: {_first_sentence(handler)}")
    parts = [f"{len(HANDLERS)} methods."]
    for area in sorted(areas):
        parts += [f"\n**{area}**\n", *sorted(areas[area])]
    names = sorted(kind.__name__.removesuffix("Request") for kind in SERVICES)
    parts.append(f"\nMTProto's own messages: {', '.join(f'`{name}`' for name in names)}.")
    return "\n".join(parts)


def _kit() -> str:
    found = [(name, thing) for name, thing in inspect.getmembers(Loopback) if not name.startswith("_")]
    lines = []
    for name, thing in found:
        if isinstance(thing, property):
            lines.append(f"- `telegram.{name}`: {_first_sentence(thing)}")
        else:
            names = [one.name for one in inspect.signature(thing).parameters.values() if one.name != "self"]
            lines.append(f"- `telegram.{name}({', '.join(names)})`: {_first_sentence(thing)}")
    return "\n".join(lines)


def _commands() -> str:
    lines = []
    for name in sorted(COMMANDS):
        names = [one for one in inspect.signature(COMMANDS[name]).parameters if one != "server"]
        lines.append(f"- `{name}` ({', '.join(names) or 'no arguments'}): {_first_sentence(COMMANDS[name])}")
    return "\n".join(lines)


def _limit(who: str, rule: Rule) -> str:
    period = PERIODS.get(rule.seconds, f"{rule.seconds:g} s")
    penalty = f"; beyond that shut out for {rule.penalty / 3600:g} h" if rule.penalty is not None else ""
    methods = ", ".join(f"`{method}`" for method in sorted(rule.methods))
    return f"| {who} | {methods} | {rule.count} per {period}{penalty} | {SCOPES[rule.per]} |"


def _limits() -> str:
    head = ["| who | methods | how many | counted by |", "|---|---|---|---|"]
    return "\n".join(head + [_limit("people", rule) for rule in PEOPLE] + [_limit("bots", rule) for rule in BOTS])


LISTS = {"rpcs": _rpcs, "kit": _kit, "commands": _commands, "limits": _limits}


def rewritten(text: str) -> str:
    """Return the chapter with each list between its marks as the code has it now."""
    for name, write in LISTS.items():
        begin, end = f"<!-- {name}: generated -->", f"<!-- {name}: end -->"
        whole = f"{begin}\n{write()}\n{end}"
        text, count = re.subn(f"{begin}.*?{end}", lambda _, whole=whole: whole, text, flags=re.DOTALL)  # type: ignore[misc]  # re gives a match
        if count != 1:
            raise SystemExit(f"{CHAPTER} has {count} places for the list {name!r}")
    return text


def main() -> None:
    """Rewrite the chapter."""
    CHAPTER.write_text(rewritten(CHAPTER.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
