"""Many accounts: the supervisor that starts, restarts and ends sessions, and the system that users open.

The one wing that names Telethon's and a session's own wing together: here the parts are put together.
"""
