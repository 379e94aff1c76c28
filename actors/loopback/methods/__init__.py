"""The RPCs that the loopback answers, in small files by area. `invoke` finds the one that a request asks for.

Importing this package registers them all.
"""

from actors.loopback.methods import auth, channels, help, history, sending, updates, users  # noqa: A004  `help` is Telegram's name of the area
from actors.loopback.methods.registry import Call, invoke

__all__ = ["Call", "auth", "channels", "help", "history", "invoke", "sending", "updates", "users"]
