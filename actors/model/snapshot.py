"""Snapshots as plain data, ready for JSON.

There is no schema and no way back: who wants a snapshot whole pickles it. All frozen copies in `model/` derive from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import Any

__all__ = ["Snapshot"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen, picklable copy of something; `to_dict` gives it as plain data."""

    def to_dict(self) -> dict[str, Any]:
        """Return all fields by name, always: the keys are the names of the attributes.

        Dates become ISO 8601 with their offset, tuples become lists, enums become their values, and snapshots inside
        become dicts.
        """
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}


def _plain(value: Any) -> Any:
    match value:
        case Snapshot():
            return value.to_dict()
        case datetime():
            return value.isoformat()
        case Enum():
            return value.value
        case tuple() | list():
            return [_plain(each) for each in value]
        case Mapping():
            return {_plain(key): _plain(each) for key, each in value.items()}
        case _:
            return value
