"""The public test kit: a real Telegram server for your tests, without an account and without mocks.

    from actors.testing import loopback

    with loopback() as telegram:
        bob = telegram.add_session("bob")

It is light to import: the server runs in a process of its own (`testing/process.py`), and the kit drives it over a
socket (`testing/kit.py`, `testing/channel.py`). With pytest, the fixture `loopback` (`testing/plugin.py`) gives each
test a server.
"""

from actors.testing.kit import Loopback, LoopbackFailed, loopback
from actors.testing.records import Rpc, StoredMessage

__all__ = ["Loopback", "LoopbackFailed", "Rpc", "StoredMessage", "loopback"]
