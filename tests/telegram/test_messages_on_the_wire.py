"""Messages as a server gives them, field by field; the same by history and by update."""

from __future__ import annotations

import dataclasses
import io

from telethon import functions

from actors.model.content import Media, TextEntity

from .conftest import Desk, messages_of, online, run, until


def test_a_message_is_the_same_by_update_and_by_history(desk: Desk) -> None:
    """Formatted, answered, forwarded, with a file: whoever backfills a gap must not see something else."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        async with online(alice) as client, online(bob) as other:
            heard = messages_of(client)
            writer = other.telethon
            first = await writer.send_message(name, "\N{GRINNING FACE} **bold** [here](https://example.org)")
            await writer.send_message(name, "an answer", reply_to=first.id)
            await writer.forward_messages(name, first.id, name)
            file = io.BytesIO(b"x" * 1234)
            file.name = "report.pdf"
            await writer.send_file(name, file, caption="a file", force_document=True)
            await until(lambda: len(heard) == 4)
            channel, person = await client.resolve(name), await client.resolve(bob.name)
            page = await client.history(channel, limit=4)
            unanswered = [dataclasses.replace(message, replies=None) for message in page.messages]
            assert heard == unanswered[::-1]
            formatted, answer, forwarded, document = heard
            assert formatted.text == "\N{GRINNING FACE} bold here"
            assert formatted.entities == (TextEntity("bold", 2, 4), TextEntity("text_url", 7, 4, "https://example.org"))
            assert {message.sender for message in heard} == {person}
            assert (answer.reply_to, answer.thread_id) == (first.id, first.id)
            assert forwarded.forward is not None
            assert (forwarded.forward.from_id, forwarded.forward.date) == (person.id, formatted.date)
            assert document.media is not None
            assert document.media.id is not None
            assert document.media == Media("document", 1234, "report.pdf", "application/pdf", id=document.media.id)
            assert page.messages[-1].replies == 1

    run(test())


def test_a_service_message_is_named_and_a_pinned_one_is_marked(desk: Desk) -> None:
    """The title of a channel changes, and a message of it is pinned."""

    async def test() -> None:
        config = desk.config()
        name = desk.channel(config.name, messages=1)
        async with online(config) as client:
            channel = await client.telethon.get_input_entity(name)
            await client.telethon(functions.channels.EditTitleRequest(channel, "Another title"))
            await client.telethon(functions.messages.UpdatePinnedMessageRequest(channel, 1))
            page = await client.history(await client.resolve(name), limit=9)
            services = [message.service for message in page.messages]
            assert "ChatEditTitle" in services
            assert services[-1] is None
            assert [message.id for message in page.messages if message.pinned] == [1]

    run(test())
