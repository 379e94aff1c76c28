"""The adapter between the library and Telethon, which nobody else imports.

It makes clients that speak in snapshots and raise ActorsErrors alone; `factory.py` makes
them for the fleet.
"""
