"""The loopback's server: a small Telegram on 127.0.0.1, with real MTProto 2.0 and made-up people. No client is in it.

Run it with `python -m actors loopback`; drive it from tests with `actors.testing.loopback()`. From the wire inwards:
wire/ turns bytes into messages, and connection.py carries them. server.py has them answered by methods/, which read and
change world/. faults.py decides what goes wrong on purpose. control/ is the test kit's way in.

It imports nothing of `actors` outside itself, and Telethon only for its TL classes (tl.py).
"""
