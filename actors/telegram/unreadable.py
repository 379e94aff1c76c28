"""What Telegram sends of a newer layer: it is passed over, counted and told, and the rest of its packet is read.

Telethon drops a whole packet that holds a constructor it doesn't know, the answers in it included; and a difference
with one makes it disconnect, for ever, as the next connection asks for the same difference. Here the update state moves
on to where the server says it is. A push that can't be read makes the client ask for the difference, which brings what
else was in it. Used by `UpdateFeed` (updates.py), for one client.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Any

from telethon import functions, types
from telethon.crypto import AES
from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl.core import GzipPacked, MessageContainer, TLMessage

__all__ = ["Unreadables"]

AGAIN = 10.0
"""Seconds between two differences that are asked for, however many packets can't be read."""

_HEAD = struct.Struct("<qqqii")
"""Salt, session, message id, sequence number, length (core.telegram.org/mtproto/description, Encrypted Message)."""

_PART = struct.Struct("<qii")
"""Message id, sequence number, length: before each message of a container."""

_CONTAINER = struct.pack("<I", MessageContainer.CONSTRUCTOR_ID)


class Unreadables:
    """Notes what can't be read. told(channel id, packets, lost) tells it; lost: whether updates are gone with it.

    question: what is put among the client's updates to have the difference asked for. The message box says when it has
    taken that (`asked`), and when every difference was answered then (`at_rest`).
    """

    def __init__(self, client: Any, told: Callable[[int | None, int, bool], object]) -> None:
        self.question = types.UpdatesTooLong()
        self.asked = False
        self._client = client
        self._told = told
        self._packets = 0
        self._is_asking = False
        self._asked_at = -AGAIN
        self._call, client._call = client._call, self._difference
        state, handlers = client._sender._state, client._sender._handlers
        self._decrypt, state.decrypt_message_data = state.decrypt_message_data, self._read
        self._unzip = handlers[GzipPacked.CONSTRUCTOR_ID]
        handlers[GzipPacked.CONSTRUCTOR_ID] = self._unpack

    # Packets.

    def _read(self, body: bytes) -> Any:
        """Decrypt a packet and read it, as far as that is possible."""
        try:
            return self._decrypt(body)
        except TypeNotFoundError:
            self._note()
            return self._readable_part(body)

    def _readable_part(self, body: bytes) -> Any:
        """Acknowledge a packet that Telethon has checked, and return what can be read of it, None for nothing."""
        sender = self._client._sender
        state = sender._state
        plain = AES.decrypt_ige(body[24:], *state._calc_key(state.auth_key.key, body[8:24], False))
        _, _, message_id, sequence, length = _HEAD.unpack_from(plain)
        state._recent_remote_ids.append(message_id)
        state._highest_remote_id = message_id
        content = plain[_HEAD.size : _HEAD.size + length]
        if not content.startswith(_CONTAINER):
            sender._pending_ack.add(message_id)
            return None
        messages = []
        (count,), at = struct.unpack_from("<i", content, 4), 8
        for _ in range(count):
            part_id, part_sequence, size = _PART.unpack_from(content, at)
            at += _PART.size
            try:
                obj = BinaryReader(content[at : at + size]).tgread_object()
            except TypeNotFoundError:
                sender._pending_ack.add(part_id)
            else:
                messages.append(TLMessage(part_id, part_sequence, obj))
            at += size
        return TLMessage(message_id, sequence, MessageContainer(messages))

    async def _unpack(self, message: Any) -> None:
        """Read what comes compressed."""
        try:
            await self._unzip(message)
        except TypeNotFoundError:
            self._note()

    def _note(self) -> None:
        self._packets += 1
        if not self._is_asking:
            self._is_asking = True
            loop = asyncio.get_running_loop()
            loop.call_at(max(loop.time(), self._asked_at + AGAIN), self._ask)

    def _ask(self) -> None:
        self._is_asking = False
        self._asked_at = asyncio.get_running_loop().time()
        self._client._updates_queue.put_nowait(self.question)

    def at_rest(self) -> None:
        """Tell what no difference has told: it is in no count of updates, and was known of by its packet alone."""
        self.asked = False
        if self._packets:
            self._tell(None, lost=False)

    def _tell(self, channel_id: int | None, *, lost: bool) -> None:
        packets, self._packets = max(1, self._packets), 0
        self._told(channel_id, packets, lost)

    # Differences.

    async def _difference(self, sender: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Make a request of Telethon's own; for a difference that can't be read, go on from where the server is."""
        try:
            return await self._call(sender, request, *args, **kwargs)
        except TypeNotFoundError:
            match request:
                case functions.updates.GetDifferenceRequest():
                    return await self._past_difference(sender)
                case functions.updates.GetChannelDifferenceRequest():
                    return await self._past_channel_difference(sender, request)
            raise

    async def _past_difference(self, sender: Any) -> Any:
        """Take over the server's state (updates.getState), or stay where we are if that can't be read either."""
        box = self._client._message_box
        try:
            state = await self._call(sender, functions.updates.GetStateRequest())
        except TypeNotFoundError:
            state = None
        self._tell(None, lost=True)
        if state is None:
            return types.updates.DifferenceEmpty(box.date, box.seq)
        box.set_state(state, reset=False)
        return types.updates.DifferenceEmpty(state.date, state.seq)

    async def _past_channel_difference(self, sender: Any, request: Any) -> Any:
        """Take over the channel's pts (channels.getFullChannel), or stay where we are if that can't be read either."""
        self._tell(request.channel.channel_id, lost=True)
        try:
            full = await self._call(sender, functions.channels.GetFullChannelRequest(request.channel))
        except TypeNotFoundError:
            return types.updates.ChannelDifferenceEmpty(request.pts, final=True)
        return types.updates.ChannelDifferenceEmpty(full.full_chat.pts, final=True)
