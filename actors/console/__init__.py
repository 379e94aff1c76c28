"""People's way in: the command line. Each command is a module of its own."""

from actors.console.app import main

__all__ = ["main"]
