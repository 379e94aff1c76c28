"""Telethon's cache of entities, made to keep none: the account's directory is where everything is looked up.

Telethon's own is keyed by ids without kinds: a user and a channel with the same number overwrite each other, and the
updates of the channel are asked for with the user's hash. It also keeps a hash in whose place another one was found.
`UpdateFeed` puts it into a client.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from telethon import types
from telethon._updates import Entity, EntityType
from telethon._updates.entitycache import EntityCache

from actors.telegram.peers import PeerDirectory

__all__ = ["ChannelHashes", "SelfAlone"]


class SelfAlone(EntityCache):  # type: ignore[misc]  # Telethon is untyped
    """Knows the account itself. Telethon asks the session for all others (`telegram/factory.py`, AccountSession)."""

    def extend(self, users: Iterable[Any], chats: Iterable[Any]) -> None:
        """Keep nobody: the session gets them as well."""

    def put(self, entity: Any) -> None:
        """Keep nobody: it comes from the session."""


class ChannelHashes:
    """The hashes of channels whose updates are counted, for Telethon's message box. cache: whose account it is."""

    def __init__(self, directory: PeerDirectory, cache: SelfAlone) -> None:
        self._directory = directory
        self._cache = cache

    @property
    def self_bot(self) -> bool | None:
        """Whether the account is a bot, which may ask for more at once."""
        is_bot: bool | None = self._cache.self_bot
        return is_bot

    def get(self, channel_id: int) -> Entity | None:
        """Return a channel; None for one that the account can't address."""
        channel = self._directory.by_key(types.PeerChannel(channel_id))
        return Entity(EntityType.CHANNEL, channel_id, channel.access_hash) if channel.access_hash else None
