"""What the loopback knows: accounts, chats, messages and update logs. It is pure and synchronous: no sockets, no clock.

The methods and the control channel change it; `world.py` is the place to start.
"""
