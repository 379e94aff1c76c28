"""One account: the session actor and its parts. Not many accounts (`fleet/`), and not Telethon (`telegram/`).

`actor.py` owns the parts and handles messages; `queue.py` holds what waits, `slot.py` what runs, `connection.py` the
client, `monitoring/` what is listened to. `ref.py` is what others hold of it.
"""
