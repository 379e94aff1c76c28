"""Files that hold the history of a chat, each message once. Each format is a module, chosen by the path's suffix.

They are plain blocking functions for worker threads and read nothing from Telegram. `ExportHistory` uses them.
"""

from actors.operations.formats.formats import End, Format, checked_format, format_of

__all__ = ["End", "Format", "checked_format", "format_of"]
