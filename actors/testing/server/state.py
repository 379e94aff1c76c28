"""A server's state in a file: its key, the logins and the world. The test kit restarts servers with it.

It is not a format to keep: only the version that wrote a file reads it. The file holds auth keys and messages, so only
its owner may read it. It is a pickle, and reading it allows nothing but the loopback's own classes, Telethon's TL
classes and a few containers.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from actors.testing.server.keys import KeyRing
from actors.testing.server.tl import LAYER
from actors.testing.server.wire.rsa_key import ServerKey
from actors.testing.server.world.world import World

__all__ = ["BadState", "State", "load", "save"]

HEADER = f"telegram-actors loopback 2, layer {LAYER}\n".encode()
OURS = ("actors.testing.server.", "telethon.tl.types")
CONTAINERS = frozenset(
    [
        ("builtins", "set"),
        ("builtins", "frozenset"),
        ("builtins", "bytearray"),
        ("collections", "defaultdict"),
        ("collections", "deque"),
        ("collections", "OrderedDict"),
        ("datetime", "datetime"),
        ("datetime", "timedelta"),
        ("datetime", "timezone"),
    ]
)


class BadState(Exception):
    """The file is not a state that this version wrote, or it can't be written."""


@dataclass(frozen=True, slots=True)
class State:
    """What outlives a server: its RSA key, its logins and its world."""

    server_key: ServerKey
    keys: KeyRing
    world: World


class _Reader(pickle.Unpickler):
    """A reader of pickles that finds only classes, and only ours: a file can bring data and no code."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the class of this name, for pickle. Raises BadState for any other global."""
        if (module, name) in CONTAINERS:
            return super().find_class(module, name)
        if module.startswith(OURS):
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__.startswith(OURS):
                return found
        raise BadState(f"{module}.{name} has no place in a state file")


def save(state: State, path: Path) -> None:
    """Write a state, all or nothing, so that only its owner can read it. Raises OSError."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:  # made with mode 0600
        try:
            file.write(HEADER)
            pickle.dump((state.server_key, state.keys, state.world), file, pickle.HIGHEST_PROTOCOL)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(file.name).unlink()
            raise


def load(path: Path) -> State:
    """Read a state. Raises OSError, and BadState for a file that isn't a state."""
    data = path.read_bytes()
    if not data.startswith(HEADER):
        raise BadState(f"{path} was not written by this version of the loopback")
    try:
        state = State(*_Reader(io.BytesIO(data[len(HEADER) :])).load())
        state.keys.forget_sessions()
    except BadState:
        raise
    except Exception as error:  # a damaged pickle fails in any way
        raise BadState(f"{path} is damaged ({type(error).__name__})") from error
    return state
