"""A small Telegram server on 127.0.0.1: real MTProto 2.0, made-up people. Not a client and not for the open internet.

Run it with `python -m actors loopback`; drive it from tests with `actors.testing.loopback()`. From the wire inwards:
framing.py, cipher.py, handshake.py and connection.py carry messages; server.py has them answered by methods/, which
read and change world/; faults.py decides what goes wrong on purpose; control.py is the test kit's way in.

It imports nothing of `actors` outside itself, and Telethon only for its TL classes (tl.py).
"""
