"""Forums: supergroups with topics. It is pure: it changes the world and fills its outbox. Posting is in posting.py.

A topic is a thread that starts with a service message, whose id is the topic's. What is in no topic is in the General
one, whose id is 1, whatever message has that id (https://core.telegram.org/api/forum#forum-topics).
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.tl import types
from actors.testing.server.world.membership import set_forum
from actors.testing.server.world.mentions import unread
from actors.testing.server.world.messages import History
from actors.testing.server.world.parties import Account, Channel
from actors.testing.server.world.posting import Draft, Posted, post
from actors.testing.server.world.world import World

__all__ = ["GENERAL", "open_topic", "topic_view"]

GENERAL = 1
BLUE = 0x6FB9F0


def open_topic(world: World, author: Account, channel: Channel, title: str, *, now: int, random_id: int = 0) -> Posted:
    """Open a topic in a supergroup. That makes it a forum."""
    set_forum(world, channel, is_forum=True, now=now)
    if channel.last_id < GENERAL:
        channel.next_id()  # on Telegram that is the message which says that the chat was made
    action = types.MessageActionTopicCreate(title, BLUE)
    posted = post(world, author, channel, Draft("", random_id, action=action), now=now)
    if channel.topics is not None:
        channel.topics[posted.message.id] = title
    return posted


def topic_view(viewer: Account, channel: Channel, topic: int, title: str) -> tuple[Any, History]:
    """Return a topic as TL, and the messages in it."""
    if topic == GENERAL:
        history = channel.history.only(
            lambda message: not message.in_topic and message.id not in (channel.topics or {})
        )
    else:
        history = channel.history.only(
            lambda message: message.id == topic or (message.in_topic and message.top == topic)
        )
    read = viewer.channels.get(channel.id, 0)
    first = history.messages[0] if len(history) else None
    creator = channel.creator if first is None or topic == GENERAL else first.sender
    view = types.ForumTopic(
        id=topic,
        date=channel.date if first is None else first.date,
        peer=types.PeerChannel(channel.id),
        title=title,
        icon_color=BLUE,
        top_message=history.ids[-1] if len(history) else 0,
        read_inbox_max_id=read,
        read_outbox_max_id=channel.outbox.get(viewer.id, 0),
        unread_count=history.unread_after(read),
        unread_mentions_count=len(unread(viewer, channel.id, history)),
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        from_id=types.PeerUser(creator),
        notify_settings=types.PeerNotifySettings(),
        my=creator == viewer.id or None,
    )
    return view, history
