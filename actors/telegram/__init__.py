"""The adapter between the library and Telethon, which nobody else imports.

It makes clients that speak in snapshots and raise ActorsErrors alone; the sessions get `telethon_factory`.
"""

from actors.telegram.client import TelethonClient
from actors.telegram.factory import telethon_factory

__all__ = ["TelethonClient", "telethon_factory"]
