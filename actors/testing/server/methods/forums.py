"""Forum topics: opening them and listing them. Writing to one is sending.py's, and its messages are getReplies' page.

The server calls it for RPCs. https://core.telegram.org/api/forum
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.peers import my_channel, party_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.replies import told
from actors.testing.server.methods.sending import may_write, remember
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.forums import GENERAL, open_topic, topic_view
from actors.testing.server.world.membership import set_forum
from actors.testing.server.world.message_views import message_view
from actors.testing.server.world.parties import Channel
from actors.testing.server.world.party_views import faces, look
from actors.testing.server.world.roles import may

__all__: list[str] = []

PAGE = 100
TITLE_LENGTH = 128


def _forum(call: Call, peer: Any) -> Channel:
    channel = party_of(call, peer)
    if not isinstance(channel, Channel) or channel.topics is None:
        raise RpcFailure("CHANNEL_FORUM_MISSING")
    return channel


@method(functions.channels.ToggleForumRequest, bots=False)
def toggle_forum(call: Call, request: Any) -> Any:
    """Make a supergroup a forum, or an ordinary one again. Only its creator may."""
    channel = my_channel(call, request.channel)
    if channel.creator != call.account.id:
        raise RpcFailure("CHAT_ADMIN_REQUIRED")
    if channel.broadcast:
        raise RpcFailure("CHANNEL_INVALID")
    if request.enabled is not (channel.topics is None):
        raise RpcFailure("CHAT_NOT_MODIFIED")
    set_forum(call.world, channel, is_forum=request.enabled, now=call.now)
    return told(call)


@method(functions.messages.CreateForumTopicRequest)
def create_forum_topic(call: Call, request: Any) -> Any:
    """Open a topic. A random_id seen before gets the topic that it made then."""
    me, channel = call.account, _forum(call, request.peer)
    known = me.sent.get(request.random_id)
    if known is None:
        may_write(call, channel)
        if not (may(channel, me, "manage_topics") or "manage_topics" not in channel.forbidden):
            raise RpcFailure("CHAT_ADMIN_REQUIRED")
        if not request.title.strip() or len(request.title) > TITLE_LENGTH:
            raise RpcFailure("TOPIC_TITLE_EMPTY")
        known = open_topic(call.world, me, channel, request.title, now=call.now, random_id=request.random_id)
        remember(me, known)
    return told(call, types.UpdateMessageID(known.message.id, request.random_id))


def _listed(call: Call, channel: Channel, topics: dict[int, str]) -> Any:
    me = call.account
    found = [topic_view(me, channel, topic, title) for topic, title in topics.items()]
    tops = [history.messages[-1] for _, history in found if len(history)]
    users, chats = faces(call.world, me, tops)
    return types.messages.ForumTopics(
        count=len(channel.topics or {}) + 1,
        topics=[view for view, _ in found],
        messages=[message_view(me, message) for message in tops],
        chats=chats or [look(call.world, me, channel)],
        users=users,
        pts=channel.log.pts,
    )


@method(functions.messages.GetForumTopicsRequest)
def get_forum_topics(call: Call, request: Any) -> Any:
    """Answer with a page of topics, the newest first and the General one last. The offset is a topic's id."""
    channel = _forum(call, request.peer)
    topics = dict(sorted((channel.topics or {}).items(), reverse=True)) | {GENERAL: "General"}
    words = (request.q or "").casefold()
    rest = [(topic, title) for topic, title in topics.items() if words in title.casefold()]
    if request.offset_topic:
        rest = [(topic, title) for topic, title in rest if topic < request.offset_topic]
    return _listed(call, channel, dict(rest[: max(0, min(request.limit, PAGE))]))


@method(functions.messages.GetForumTopicsByIDRequest)
def get_forum_topics_by_id(call: Call, request: Any) -> Any:
    """Answer with topics by id. Those that aren't there are left out."""
    channel = _forum(call, request.peer)
    known = {GENERAL: "General", **(channel.topics or {})}
    return _listed(call, channel, {topic: known[topic] for topic in request.topics if topic in known})
