"""The ways in for people: the command line. Each command is a module of its own; `python -m actors` runs it.

It is a front of the public interface and holds no logic of sessions. Nothing in the package imports it.
"""

from actors.console.app import main

__all__ = ["main"]
