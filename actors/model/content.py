"""Frozen, picklable copies of what Telegram holds: peers, messages, members, dialogs. Never a live object of Telethon.

All dates are aware UTC, and all ids are Telegram's own, positive whatever the kind of peer, but for fields that are
said to be *marked*: there a user's id is positive, a basic group's is -id, and a channel's is -1000000000000 - id, as
Telethon and bots have it. Texts, names, titles and addresses are kept out of every repr. Every class has `to_dict()`.
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
    - access_hash: valid for the account that learned it, and only for it; 0 for a basic group, and for one that the
      account has only seen mentioned: that one can't be addressed.
    - username: the main one, without @; None for none.
    - title: the group's title, or the person's name; empty when it isn't known.
    - broadcast: it is a channel where only administrators write, no supergroup.
    """

    kind: str
    id: int
    access_hash: int = field(default=0, repr=False)
    username: str | None = None
    title: str = field(default="", repr=False)
    broadcast: bool = False

    @property
    def key(self) -> str:
        """What tells it from every other chat of the account, as plain text: `channel:123`."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Account(Snapshot):
    """Who a session is logged in as: id, main username (None for none), and whether it is a bot."""

    id: int
    username: str | None
    bot: bool = False


@dataclass(frozen=True, slots=True)
class TextEntity(Snapshot):
    """A stretch of a message's text that means something: `text[offset:offset + length]`.

    - kind: Telegram's name of it in snake case: `bold`, `italic`, `underline`, `strike`, `spoiler`, `code`, `pre`,
      `blockquote`, `url`, `text_url`, `email`, `phone`, `mention`, `mention_name`, `hashtag`, `cashtag`,
      `bot_command`, `bank_card`, `custom_emoji`, and what Telegram may add.
    - offset, length: in characters of Python's str, not in Telegram's UTF-16 code units.
    - url: where a `text_url` leads.
    - user_id: whom a `mention_name` means.
    - language: of a `pre`; empty when it isn't said.
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
    """Where a forwarded message was first said.

    - date: when it was said there.
    - from_id: who said it, or the channel it was posted in, marked; None when the person hides it.
    - from_name: the name of somebody who hides the account; None otherwise.
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
    """What hangs on a message. None stands for what this kind doesn't have, or Telegram doesn't say.

    - kind: `photo`, `video`, `audio`, `voice`, `sticker`, `animation`, `document`, `contact`, `location`, `poll`,
      `webpage` (a link's preview) or `other`.
    - size: bytes of the file; of a photo, of its largest size.
    - name: the file's name.
    - mime_type: as its sender said; a photo is `image/jpeg`.
    - duration: seconds, of what can be played.
    - width, height: pixels.
    - id: the file's id at Telegram: the same file sent again has the same one.
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

    - emoji: the emoji, `custom:<document id>` for a custom one, `paid` for stars.
    - count: how many gave it.
    - chosen: this account is among them.
    """

    emoji: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Message(Snapshot):
    """One message of a chat, as one account sees it (Telegram's `message` and `messageService`).

    - id: in a channel or supergroup unique there; elsewhere unique in all private chats and groups of the account.
    - chat: where it is.
    - sender_id: who sent it, marked: a channel's or group's id when it was sent in its name; None for a channel's post.
    - date: when it was sent.
    - text: the text or caption as plain text; empty for a service message, and for media without one.
    - out: this account sent it.
    - reply_to: the id of the message it answers, None for none, for a story, and for belonging to a forum topic alone.
    - reply_to_chat_id: the chat, marked, that `reply_to` is in when it is another one.
    - thread_id: the id of the message that its thread or forum topic started with; supergroups alone have them.
    - sender: who sent it, when the account knows more than the id; None for a channel's post.
    - entities: formatting, links and mentions, by offset.
    - forward: where it was forwarded from, None when it wasn't.
    - media: what hangs on it.
    - views, forwards: how often it was seen and forwarded; None where Telegram doesn't count.
    - replies: how many answers its thread holds; None where Telegram doesn't count.
    - reactions: the kinds of reactions to it, in Telegram's order.
    - edit_date: when its text or media was last changed, None when never.
    - pinned: it is pinned in its chat.
    - silent: it was sent without a notification.
    - post_author: the signature under a channel's post, or an anonymous administrator's title.
    - grouped_id: what the messages of an album share.
    - via_bot_id: the inline bot that it was made with.
    - service: what a service message reports: Telegram's name of the action without `MessageAction`, such as
      `ChatAddUser` or `PinMessage`; None for a message that somebody wrote.
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
    """A chat in an account's list (Telegram's `dialog`).

    - chat: which one.
    - last_message: the newest message in it; None when Telegram sent none along.
    - unread_count: messages that the account hasn't read.
    - unread_mentions: those of them that mention it.
    - read_inbox_id: the newest message that the account has read.
    - read_outbox_id: the newest of its own messages that the other side has read.
    - pinned: it is pinned on top of the list.
    - unread_mark: it was marked as unread by hand.
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
