"""Frozen, picklable copies of what Telegram holds: peers, messages, members and dialogs.

They are never live objects of Telethon. `telegram/` makes them; operations, monitors and users read them.

All dates are aware UTC. All ids are Telegram's own, and positive for every kind of peer. A field that is said to be
*marked* is the exception: it has a user's id as it is, a basic group's as -id, and a channel's as -1000000000000 - id,
as Telethon and bots do. Texts, names, titles and addresses are kept out of every repr. Every class has `to_dict()`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from actors.model.snapshot import Snapshot

__all__ = ["Account", "Dialog", "Forward", "Media", "Message", "Participant", "Peer", "Reaction", "TextEntity"]


@dataclass(frozen=True, slots=True)
class Peer(Snapshot):
    """A user, basic group or channel, as one account may address it.

    - kind: `user`, `chat` (a basic group) or `channel` (a channel or supergroup).
    - id: Telegram's id, positive.
    - access_hash: the key to the peer. It is valid only for the account that learned it. It is 0 for a basic group, and
      for a peer that the account has only seen mentioned; such a peer can be addressed by its username alone.
    - username: the main one, without @; None when there is none.
    - title: the group's title, or the person's name; empty when it isn't known.
    - broadcast: whether it is a channel where only administrators write, and not a supergroup.
    """

    kind: str
    id: int
    access_hash: int = field(default=0, repr=False)
    username: str | None = None
    title: str = field(default="", repr=False)
    broadcast: bool = False

    @property
    def key(self) -> str:
        """The plain text that tells this chat from every other one of the account, such as `channel:123`."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Account(Snapshot):
    """The account that a session is logged in as: its id, its main username (or None), and whether it is a bot."""

    id: int
    username: str | None
    bot: bool = False


@dataclass(frozen=True, slots=True)
class TextEntity(Snapshot):
    """A stretch of a message's text that has a meaning of its own: `text[offset:offset + length]`.

    - kind: Telegram's name for it in snake case: `bold`, `italic`, `underline`, `strike`, `spoiler`, `code`, `pre`,
      `blockquote`, `url`, `text_url`, `email`, `phone`, `mention`, `mention_name`, `hashtag`, `cashtag`, `bot_command`,
      `bank_card`, `custom_emoji`, and what Telegram may add.
    - offset, length: in characters of Python's str, not in Telegram's UTF-16 code units.
    - url: where a `text_url` leads.
    - user_id: whom a `mention_name` means.
    - language: the language of a `pre`; empty when it isn't given.
    - document_id: the picture of a `custom_emoji`.
    """

    kind: str
    offset: int
    length: int
    url: str | None = field(default=None, repr=False)
    user_id: int | None = None
    language: str | None = None
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class Forward(Snapshot):
    """Where a forwarded message was written first.

    - date: when it was written there.
    - from_id: its author, or the channel it was posted in, marked; None when the author hides the account.
    - from_name: the name of an author who hides the account; None otherwise.
    - post_id: the id of the channel's post.
    - post_author: the signature under the channel's post.
    """

    date: datetime
    from_id: int | None = None
    from_name: str | None = field(default=None, repr=False)
    post_id: int | None = None
    post_author: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Media(Snapshot):
    """What is attached to a message. A field is None when this kind doesn't have it, or Telegram doesn't say.

    - kind: `photo`, `video`, `audio`, `voice`, `sticker`, `animation`, `document`, `contact`, `location`, `poll`,
      `webpage` (a link's preview), `other`, or `unknown` for a message that this version can't convert: its id, date
      and text are then all that is known of it.
    - size: bytes of the file; of a photo, bytes of its largest size.
    - name: the file's name.
    - mime_type: as the sender said; a photo is `image/jpeg`.
    - duration: seconds, for what can be played.
    - width, height: pixels.
    - id: the file's id at Telegram. The same file sent again has the same id.
    """

    kind: str
    size: int | None = None
    name: str | None = field(default=None, repr=False)
    mime_type: str | None = None
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Reaction(Snapshot):
    """One kind of reaction to a message.

    - emoji: the emoji; `custom:<document id>` for a custom one; `paid` for stars.
    - count: how many people gave it.
    - chosen: whether this account is among them; None where Telegram sent the same to everybody, and didn't say
      (`min` of core.telegram.org/constructor/messageReactions).
    """

    emoji: str
    count: int
    chosen: bool | None = False


@dataclass(frozen=True, slots=True)
class Message(Snapshot):
    """One message of a chat, as one account sees it (Telegram's `message` and `messageService`).

    - id: unique in its channel or supergroup; elsewhere unique in all private chats and basic groups of the account.
    - chat: the chat that it is in.
    - sender_id: its sender, marked. It is a channel's or group's id when the message was sent in that name, as a
      channel's posts and those of anonymous administrators are; None where Telegram doesn't say.
    - date: when it was sent.
    - text: the text or caption as plain text; empty for a service message, and for media without a caption.
    - out: whether this account sent it; in Saved Messages, whether it was written there and not forwarded there.
    - reply_to: the id of the message that it answers. None when it answers none, answers a story, or only belongs to a
      forum topic.
    - reply_to_chat_id: the chat of `reply_to`, marked, when that is another chat.
    - thread_id: the id of the message that its thread or forum topic started with. Only supergroups have threads, and
      private chats with some bots have topics. What is in a forum's General topic is in none.
    - forum_topic: whether `thread_id` is a forum topic's, and not that of a thread of answers.
    - sender: its sender, when the account knows more than the id.
    - entities: formatting, links and mentions, by offset.
    - forward: where it was forwarded from; None when it wasn't.
    - media: what is attached to it.
    - views, forwards: how often it was seen and forwarded; None where Telegram doesn't count.
    - replies: how many answers its thread holds; None where Telegram doesn't count.
    - reactions: the kinds of reactions to it, in Telegram's order.
    - edit_date: when its text or media last changed; None when they never did.
    - pinned: whether it is pinned in its chat.
    - silent: whether it was sent without a notification.
    - post_author: the signature under a channel's post, or an anonymous administrator's title.
    - grouped_id: the id that the messages of one album share.
    - via_bot_id: the inline bot that made it.
    - service: what a service message reports: Telegram's name of the action without `MessageAction`, such as
      `ChatAddUser` or `PinMessage`; `unknown` for one that this version can't convert; None for a message that
      somebody wrote.
    - migrated_to: the supergroup that this basic group has become, as this account may address it, in the service
      message that reports it (`ChatMigrateTo`); nothing comes in the group after it.
    """

    id: int
    chat: Peer
    sender_id: int | None
    date: datetime
    text: str = field(repr=False)
    out: bool = False
    reply_to: int | None = None
    reply_to_chat_id: int | None = None
    thread_id: int | None = None
    forum_topic: bool = False
    sender: Peer | None = None
    entities: tuple[TextEntity, ...] = ()
    forward: Forward | None = None
    media: Media | None = None
    views: int | None = None
    forwards: int | None = None
    replies: int | None = None
    reactions: tuple[Reaction, ...] = ()
    edit_date: datetime | None = None
    pinned: bool = False
    silent: bool = False
    post_author: str | None = field(default=None, repr=False)
    grouped_id: int | None = None
    via_bot_id: int | None = None
    service: str | None = None
    migrated_to: Peer | None = None


@dataclass(frozen=True, slots=True)
class Participant(Snapshot):
    """A member of a channel or supergroup. role: `creator`, `admin`, `member`, `banned` or `left`."""

    id: int
    username: str | None
    name: str = field(repr=False)
    role: str = "member"
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Dialog(Snapshot):
    """A chat in an account's list of chats (Telegram's `dialog`).

    - chat: which chat it is.
    - last_message: the newest message in it; None when Telegram sent none along.
    - unread_count: how many messages the account hasn't read.
    - unread_mentions: how many of those mention the account.
    - read_inbox_id: the newest message that the account has read.
    - read_outbox_id: the newest of its own messages that the other side has read.
    - pinned: whether it is pinned on top of the list.
    - unread_mark: whether it was marked as unread by hand.
    - folder_id: 1 in the archive, 0 outside.
    """

    chat: Peer
    last_message: Message | None
    unread_count: int = 0
    unread_mentions: int = 0
    read_inbox_id: int = 0
    read_outbox_id: int = 0
    pinned: bool = False
    unread_mark: bool = False
    folder_id: int = 0
