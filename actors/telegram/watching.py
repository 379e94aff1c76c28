"""What monitors ask of Telegram before they begin: how the account stands to a chat, and where its updates go on from.

It tells nothing: updates come by `updates.py`. `TelethonClient` has this module mixed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from telethon import functions, types

from actors.model.answers import ChatAccess
from actors.model.content import Peer
from actors.telegram import convert
from actors.telegram.access import LEFT, why_unheard
from actors.telegram.reading import ReadRequests

__all__ = ["WatchRequests"]


class WatchRequests(ReadRequests):
    """The part of the narrow client that monitors need besides reading."""

    async def access(self, peers: Sequence[Peer]) -> Mapping[str, ChatAccess]:
        """Return how the account stands to up to 100 chats, by the chats' keys, and count the channels' updates."""
        if self.is_bot:
            return await self._access_of_bot(peers)
        answers = await self._peer_dialogs(peers)
        chats = _by_key([chat for answer in answers for chat in answer.chats])
        found: dict[str, ChatAccess] = {}
        for dialog in self._counted(answers):
            peer = self._directory.by_key(dialog.peer)
            found[peer.key] = access = _access(chats.get(peer.key), dialog.top_message)
            if access.pollable and not dialog.pts:
                await self._count_channel(peer)
        for peer in peers:
            if peer.kind == "channel" and peer.key not in found:  # Telegram has no dialog for it
                found[peer.key] = _access(_by_key(await self._count_channel(peer)).get(peer.key), None)
        return found

    async def _access_of_bot(self, peers: Sequence[Peer]) -> Mapping[str, ChatAccess]:
        """Return what a bot may know: it hears of chats that it is in, and polls none."""
        groups = [peer for peer in peers if peer.kind == "chat"]
        chats: list[Any] = []
        if groups:
            chats += (await self._invoke(functions.messages.GetChatsRequest([peer.id for peer in groups]))).chats
        for peer in peers:
            if peer.kind == "channel":
                chats += await self._count_channel(peer)
        known = _by_key(chats)
        return {peer.key: ChatAccess(unheard=why_unheard(known.get(peer.key))) for peer in peers}

    async def _count_channel(self, channel: Peer) -> list[Any]:
        """Count a channel's updates from now on (channels.getFullChannel), and return the chats in the answer."""
        asked = convert.to_input_channel(self._directory.refreshed(channel))
        answer = await self._invoke(functions.channels.GetFullChannelRequest(asked), channel)
        self._feed.count_from(channel.id, answer.full_chat.pts)
        return list(answer.chats)

    def poll(self, channels: Sequence[Peer], wanted: Callable[[Peer], bool]) -> None:
        """Ask for the news of channels that the account isn't in, as often as the server says, while wanted."""
        self._feed.poll(channels, wanted)


def _by_key(chats: Sequence[Any]) -> dict[str, Any]:
    """Return TL chats by the keys of their peers."""
    return {peer.key: chat for chat in chats if (peer := convert.to_peer(chat)) is not None}


def _access(chat: Any, newest: int | None) -> ChatAccess:
    unheard = why_unheard(chat)
    return ChatAccess(newest, unheard, pollable=unheard == LEFT and isinstance(chat, types.Channel))
