"""Supergroups with topics: where a message goes, and what it says of that."""

from __future__ import annotations

from typing import Any

import pytest
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback, LoopbackFailed
from tests.testing.server.clients import connected


def header(message: Any) -> tuple[Any, ...] | None:
    """Return what a message's reply header says."""
    found = message.reply_to
    return None if found is None else (found.reply_to_msg_id, found.reply_to_top_id, bool(found.forum_topic))


async def test_a_message_says_in_which_topic_it_is(telegram: Loopback) -> None:
    """By what it answers; what answers nothing, or something in the General topic, is in that."""
    telegram.add_channel("forum", members=["ann", "bob"])
    topic = telegram.add_topic("forum", "cats")
    telegram.post("forum", "in it", author="bob", reply_to=topic)
    async with connected(telegram.add_session("ann")) as ann:
        assert (await ann.get_entity("forum")).forum
        general = await ann.send_message("forum", "general")
        answer = await ann.send_message("forum", "answer", reply_to=general)
        there = await ann.send_message("forum", "there", reply_to=topic)
        inside = await ann.send_message("forum", "inside", reply_to=there)
        deeper = await ann.send_message("forum", "deeper", reply_to=inside)
        found = [header(await ann.get_messages("forum", ids=m.id)) for m in (general, answer, there, inside, deeper)]
        assert found == [
            None,
            (general.id, None, False),
            (topic, None, True),
            (there.id, topic, True),
            (inside.id, topic, True),
        ]
        texts = [message.text async for message in ann.iter_messages("forum", reply_to=topic)]
        assert texts == ["deeper", "inside", "there", "in it"]
        action = (await ann.get_messages("forum", ids=topic)).action
        assert (type(action), action.title) == (types.MessageActionTopicCreate, "cats")


async def test_topics_are_opened_and_listed_by_their_members(telegram: Loopback) -> None:
    """Once for each random_id, the General one among them; not where there are none."""
    telegram.add_channel("plain", members=["ann"])
    async with connected(telegram.add_session("ann")) as ann:
        peer = await ann.get_input_entity("plain")
        with pytest.raises(errors.ChannelForumMissingError):
            await ann(functions.messages.CreateForumTopicRequest(peer, "cats", random_id=7))
        await ann(functions.channels.ToggleForumRequest(peer, enabled=True, tabs=False))
        for _ in range(2):
            made = await ann(functions.messages.CreateForumTopicRequest(peer, "cats", random_id=7))
        topic = next(each.id for each in made.updates if isinstance(each, types.UpdateMessageID))
        await ann.send_message(peer, "meow", reply_to=topic)
        await ann.send_message(peer, "general")
        page = await ann(functions.messages.GetForumTopicsRequest(peer, None, 0, 0, 10))
        listed = [(row.id, row.title, row.my) for row in page.topics]
        assert listed == [(topic, "cats", True), (1, "General", True)]
        assert [message.message for message in page.messages] == ["meow", "general"]
        one = await ann(functions.messages.GetForumTopicsByIDRequest(peer, [topic, 99]))
        assert [row.id for row in one.topics] == [topic]


def test_a_channel_has_no_topics(telegram: Loopback) -> None:
    """The command says so."""
    telegram.add_channel("news", members=["ann"], broadcast=True)
    with pytest.raises(LoopbackFailed, match="no supergroup"):
        telegram.add_topic("news", "cats")
