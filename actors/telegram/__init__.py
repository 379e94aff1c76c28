"""The adapter between the library and Telethon. No other wing imports Telethon's client.

It makes clients that answer with snapshots and raise ActorsErrors alone. `telegram/factory.py` makes them for the
fleet.
"""
