"""What happens in the chats of an account, as snapshots: Telegram's updates. Not the events that monitors send.

A client calls back with these (`Client.on_update`); monitors choose among them. After a reconnect some may come again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from actors.model.content import Message, Peer, Reaction
from actors.model.snapshot import Snapshot

__all__ = [
    "DeletedMessages",
    "EditedMessage",
    "Gap",
    "MemberJoined",
    "MemberLeft",
    "NewMessage",
    "ReactionsChanged",
    "Update",
]


@dataclass(frozen=True, slots=True)
class NewMessage(Snapshot):
    """A message has come, service messages among them."""

    message: Message


@dataclass(frozen=True, slots=True)
class EditedMessage(Snapshot):
    """A message has changed. With `message.edit_date` None it is not the text or media, but buttons or counts."""

    message: Message


@dataclass(frozen=True, slots=True)
class DeletedMessages(Snapshot):
    """Messages are gone. chat: the channel or supergroup; None for private chats and basic groups.

    Telegram doesn't say which of those it was: their ids are unique in all of them together.
    """

    chat: Peer | None
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReactionsChanged(Snapshot):
    """A message has these reactions now. Telegram tells it while the account is online, and not afterwards."""

    chat: Peer
    message_id: int
    reactions: tuple[Reaction, ...]


@dataclass(frozen=True, slots=True)
class MemberJoined(Snapshot):
    """Somebody is in a group, supergroup or channel now.

    - user_id: who.
    - date: since when.
    - by: the user who added them, or whose invite link or consent let them in; None when they came by themselves, or
      Telegram doesn't say.

    Groups and supergroups tell their members; a channel, and a very large supergroup, only bots that are
    administrators.
    """

    chat: Peer
    user_id: int
    date: datetime
    by: int | None = None


@dataclass(frozen=True, slots=True)
class MemberLeft(Snapshot):
    """Somebody is no longer in a group, supergroup or channel. by: the user who threw them out, None for nobody.

    Otherwise as `MemberJoined`.
    """

    chat: Peer
    user_id: int
    date: datetime
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Gap(Snapshot):
    """Updates were lost, or may have been, and won't come any more: read the history to have what was said.

    - chat: the channel or supergroup they are of; None for those of all private chats and basic groups. Channels have
      gaps of their own.
    - last_pts: where the account stood in Telegram's count of them before; None when that isn't known.
    """

    chat: Peer | None
    last_pts: int | None = None


Update: TypeAlias = NewMessage | EditedMessage | DeletedMessages | ReactionsChanged | MemberJoined | MemberLeft | Gap
