"""Snapshots as plain data, ready for JSON. No schema and no way back: pickle keeps a snapshot whole."""

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
        """Return the fields by name, all of them and always: the keys are the attributes.

        Dates become ISO 8601 with their offset, tuples lists, enums their values, and snapshots inside dicts.
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
