"""What happens in the chats of an account: Telegram's updates, as snapshots.

They are not the events that monitors send to their subscribers. A client calls back with these (`Client.on_update`),
and monitors choose among them. After a reconnect some updates may come again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from actors.model.content import Message, Peer, Reaction
from actors.model.snapshot import Snapshot

__all__ = [
    "AccessChanged",
    "DeletedMessages",
    "EditedMessage",
    "Gap",
    "MemberJoined",
    "MemberLeft",
    "NewMessage",
    "News",
    "ReactionsChanged",
    "Unreadable",
    "Update",
]


@dataclass(frozen=True, slots=True)
class NewMessage(Snapshot):
    """A new message came. Service messages are among them."""

    message: Message


@dataclass(frozen=True, slots=True)
class EditedMessage(Snapshot):
    """A message has changed. When `message.edit_date` is None, its buttons or counts changed, not its text or media."""

    message: Message


@dataclass(frozen=True, slots=True)
class DeletedMessages(Snapshot):
    """Messages were deleted. chat: the channel or supergroup; None for private chats and basic groups.

    Telegram doesn't say which private chat or basic group it was: ids are unique in all of them together.
    """

    chat: Peer | None
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReactionsChanged(Snapshot):
    """The reactions to a message changed; these are the ones it has now.

    Telegram tells it while the account is online, and doesn't tell it afterwards.
    """

    chat: Peer
    message_id: int
    reactions: tuple[Reaction, ...]


@dataclass(frozen=True, slots=True)
class MemberJoined(Snapshot):
    """Somebody has joined a group, supergroup or channel.

    - user_id: who joined.
    - date: when they joined.
    - by: the user who added them, or whose invite link or consent let them in. None when they came by themselves, or
      Telegram doesn't say.

    Groups and supergroups tell all their members. A channel, and a very large supergroup, tells only those bots that
    are administrators.
    """

    chat: Peer
    user_id: int
    date: datetime
    by: int | None = None


@dataclass(frozen=True, slots=True)
class MemberLeft(Snapshot):
    """Somebody is no longer in a group, supergroup or channel.

    - user_id: who left.
    - date: when they left.
    - by: the user who removed them; None when nobody did.

    Telegram tells the same accounts as for `MemberJoined`.
    """

    chat: Peer
    user_id: int
    date: datetime
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Gap(Snapshot):
    """Updates were lost, or may have been, and won't come any more. Who wants them reads the history.

    - chat: the channel or supergroup that lost them; None for all private chats and basic groups together. Each channel
      has gaps of its own.
    - last_pts: where the account stood in Telegram's count of updates before; None when that isn't known.
    """

    chat: Peer | None
    last_pts: int | None = None


@dataclass(frozen=True, slots=True)
class AccessChanged(Snapshot):
    """The account's place in a group, supergroup or channel changed: it is told of what happens there, or no more.

    lost: why it is told no more; empty while it is.
    """

    chat: Peer
    lost: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable(Snapshot):
    """Telegram sent what this version of the library can't read: something of a newer layer.

    - chat: the channel or supergroup that it was about; None when that isn't known.
    - count: how many packets it was in.
    - lost: whether updates were lost with it, as for `Gap`.
    """

    chat: Peer | None = None
    count: int = 1
    lost: bool = False


News: TypeAlias = NewMessage | EditedMessage | DeletedMessages | ReactionsChanged | MemberJoined | MemberLeft
"""What a monitor can be asked to tell."""

Update: TypeAlias = News | Gap | AccessChanged | Unreadable
