"""What one MTProto session has received: message ids and sequence numbers, and what is wrong with the next one.

It only decides; the connection answers. A restart forgets it, so it isn't saved with a key (state.py). Error codes:
https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from enum import IntEnum

__all__ = ["Bad", "MessageState", "Received", "clock_error"]

TOO_OLD, TOO_NEW = 300, 30  # seconds a client's message id may be off (https://core.telegram.org/mtproto/description)
REMEMBERED, FORGOTTEN = 512, 128  # ids kept of a session, and how many of the oldest go at once when there are more


class Bad(IntEnum):
    """Why a message is refused: the error codes of bad_msg_notification and bad_server_salt."""

    ID_TOO_LOW = 16
    ID_TOO_HIGH = 17
    ID_NOT_DIVISIBLE = 18
    CONTAINER_REPLAYED = 19
    TOO_OLD_TO_TELL = 20
    SEQUENCE_TOO_LOW = 32
    SEQUENCE_TOO_HIGH = 33
    SEQUENCE_ODD = 34
    SEQUENCE_EVEN = 35
    SALT = 48
    CONTAINER = 64


class MessageState(IntEnum):
    """What the server knows of a message id (msgs_state_info)."""

    UNKNOWN = 1
    NOT_RECEIVED = 2
    YET_TO_COME = 3
    RECEIVED = 4


def clock_error(message_id: int, now: int) -> Bad | None:
    """Return what is wrong with the time in a client's message id, at the server's Unix time."""
    sent = message_id >> 32
    if sent < now - TOO_OLD:
        return Bad.ID_TOO_LOW
    return Bad.ID_TOO_HIGH if sent > now + TOO_NEW else None


class Received:
    """The newest message ids of a session, rising, with their sequence numbers."""

    __slots__ = ("_floor", "_ids", "_sequences")

    def __init__(self) -> None:
        self._floor = 0  # the newest id that was forgotten
        self._ids = array("q")
        self._sequences = array("i")

    def __reduce__(self) -> tuple[type[Received], tuple[()]]:
        return Received, ()

    def __contains__(self, message_id: int) -> bool:
        place = bisect_left(self._ids, message_id)
        return place < len(self._ids) and self._ids[place] == message_id

    def problem(self, message_id: int, sequence: int, now: int) -> Bad | None:
        """Return why a new message can't be taken in at the server's Unix time; None when it can."""
        if message_id % 4:
            return Bad.ID_NOT_DIVISIBLE
        if (wrong_time := clock_error(message_id, now)) is not None:
            return wrong_time
        if message_id <= self._floor:
            return Bad.TOO_OLD_TO_TELL
        place = bisect_left(self._ids, message_id)
        if place and not _in_order(self._sequences[place - 1], sequence):
            return Bad.SEQUENCE_TOO_LOW
        if place < len(self._ids) and not _in_order(sequence, self._sequences[place]):
            return Bad.SEQUENCE_TOO_HIGH
        return None

    def add(self, message_id: int, sequence: int) -> None:
        """Remember a message."""
        place = bisect_left(self._ids, message_id)
        self._ids.insert(place, message_id)
        self._sequences.insert(place, sequence)
        if len(self._ids) > REMEMBERED:
            self._floor = self._ids[FORGOTTEN - 1]
            del self._ids[:FORGOTTEN], self._sequences[:FORGOTTEN]

    def state(self, message_id: int, now: int) -> MessageState:
        """Return what is known of a message id at the server's Unix time."""
        if message_id in self:
            return MessageState.RECEIVED
        if clock_error(message_id, now) is Bad.ID_TOO_HIGH:
            return MessageState.YET_TO_COME
        too_old = message_id <= self._floor or clock_error(message_id, now) is Bad.ID_TOO_LOW
        return MessageState.UNKNOWN if too_old else MessageState.NOT_RECEIVED


def _in_order(earlier: int, later: int) -> bool:
    """Tell whether two sequence numbers fit messages of rising ids. An odd one (to be acknowledged) comes once."""
    return earlier < later or (earlier == later and earlier % 2 == 0)
