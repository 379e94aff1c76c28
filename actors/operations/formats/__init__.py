"""Files that hold the history of a chat, each message once: one module a format, chosen by the path's suffix.

Plain blocking functions, for worker threads. They read nothing from Telegram: `operations/exporting.py` does.
"""

from actors.operations.formats.formats import End, Format, checked_format, format_of

__all__ = ["End", "Format", "checked_format", "format_of"]
