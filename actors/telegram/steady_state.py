"""The state of a client's MTProto session: Telethon's, but by a clock that nobody sets, and with files as they are.

Message ids are times, and a message whose time can't be is ignored (core.telegram.org/mtproto/security_guidelines,
Checking msg_id). Telethon takes both from the wall clock, and puts itself right before the first message alone: once
somebody has set that clock, it throws away all that comes, on a connection that looks well. `TelethonClient` uses it.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from telethon.crypto import AES
from telethon.network.mtprotostate import MTProtoState

from actors.telegram.sender import Departing

__all__ = ["ClockMoved", "SteadyState", "be_steady"]

_steady: Callable[[], float] = time.monotonic
if hasattr(time, "clock_gettime"):
    # Linux halts its monotonic clock while the machine is suspended, and has another one; macOS doesn't.
    _steady = partial(time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

_DENSE = 64 * 1024
"""Bytes from which a request can only be a part of a file."""

_MESSAGE_HEAD = struct.Struct("<qii")
"""Message id, sequence number, length (core.telegram.org/mtproto/description, Encrypted Message)."""

_MESSAGE_ID_AT = 16
"""Where a decrypted message has its id: behind the salt and the session id."""


class ClockMoved(ConnectionError, BufferError):
    """The time of a message can't be: the server's clock has moved, or ours. Telethon reconnects for a BufferError."""


class SteadyState(MTProtoState):  # type: ignore[misc]  # Telethon is untyped
    """What Telethon keeps of an MTProto session. Whatever is done to the wall clock, its own clock goes on evenly.

    When the time of a message can't be, all the same, the session is given up: what was ignored, the difference
    brings. A session's first message sets the clock; nobody can have recorded it, since the session's id is new.
    """

    @property
    def time_offset(self) -> int:
        """The seconds by which the server is ahead of the wall clock as it is set now."""
        return round(self._ahead + _steady() - time.time())

    @time_offset.setter
    def time_offset(self, seconds: float) -> None:
        self._ahead = seconds + time.time() - _steady()

    def _get_new_msg_id(self) -> int:
        now = self._ahead + _steady()
        message_id = int(now) << 32 | int(now % 1 * 1e9) << 2
        self._last_msg_id: int = max(message_id, self._last_msg_id + 4)
        return self._last_msg_id

    def decrypt_message_data(self, body: bytes) -> Any:
        """Return the message in a packet, None for one that came before; raises ClockMoved, and what Telethon does."""
        message = super().decrypt_message_data(body)
        if message is not None or (sent := self._id_in(body)) in self._recent_remote_ids:
            return message
        if self._highest_remote_id:
            raise ClockMoved
        self.update_time_offset(sent)
        return super().decrypt_message_data(body)

    def _id_in(self, body: bytes) -> int:
        """Return the id of a message that is known to be the server's."""
        key, vector = self._calc_key(self.auth_key.key, body[8:24], client=False)
        plain = AES.decrypt_ige(body[24:], key, vector)
        return int.from_bytes(plain[_MESSAGE_ID_AT : _MESSAGE_ID_AT + 8], "little", signed=True)

    def write_data_as_message(
        self, buffer: Any, data: bytes, content_related: bool, *, after_id: int | None = None
    ) -> int:
        """Write a message and return its id; whoever waits for it to leave is told. Parts of files aren't compressed.

        Telethon tries to gzip every request, on the event loop. A part of 512 KiB takes 10 ms, ten times what its
        encryption takes, and most files are dense already.
        """
        if isinstance(data, Departing):
            data.leaving()
        if len(data) < _DENSE or not content_related or after_id is not None:
            return int(super().write_data_as_message(buffer, data, content_related, after_id=after_id))
        message_id = self._get_new_msg_id()
        buffer.write(_MESSAGE_HEAD.pack(message_id, self._get_seq_no(content_related), len(data)))
        buffer.write(data)
        return message_id


def be_steady(sender: Any) -> None:
    """Give a sender that has sent nothing yet such a state."""
    sender._state = sender._send_queue._state = SteadyState(sender.auth_key, loggers=sender._loggers)
