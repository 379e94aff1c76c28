"""A monitor of Saved Messages, where Telegram marks nothing as outgoing."""

from __future__ import annotations

import pykka

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received


def test_what_a_session_has_sent_to_itself_is_no_news_to_it(
    telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Neither now nor when it is read again after a reconnect; what was written elsewhere is, as in any chat."""

    def heard() -> list[tuple[str, bool]]:
        found = [event.message for event in received(collector) if isinstance(event, actors.MessageReceived)]
        return [(message.text, message.out) for message in found]

    alice = system.start_session(telegram.add_session("alice"))
    phone = system.start_session(telegram.add_session("phone", account="alice"))
    alice.ask(actors.Monitor(["me"], to=collector))
    alice.ask(actors.SendMessage("me", "from here"))
    phone.ask(actors.SendMessage("me", "from the phone"))
    eventually(heard)
    telegram.disconnect("alice")
    phone.ask(actors.SendMessage("me", "meanwhile"))
    eventually(lambda: len(heard()) >= 2)
    alice.ask(actors.SendMessage("me", "back again"))
    phone.ask(actors.SendMessage("me", "the end"))
    eventually(lambda: heard()[-1][0] == "the end")
    assert heard() == [("from the phone", True), ("meanwhile", True), ("the end", True)]


def test_saved_messages_say_what_was_written_there_and_what_was_forwarded(
    telegram: Loopback, system: actors.System
) -> None:
    """`out` is the account's own word there, whatever the server says."""
    telegram.add_channel("club", members=["alice", "bob"])
    post = telegram.post("club", "look", author="bob")
    alice = system.start_session(telegram.add_session("alice"))

    async def forward(client: actors.Client) -> None:
        await client.telethon.forward_messages("me", post, "club")

    alice.ask(actors.SendMessage("me", "note"))
    alice.ask(actors.Call("forward", forward))
    found = alice.ask(actors.ScrapeHistory("me")).messages
    assert [(message.text, message.out, message.forward is None) for message in found] == [
        ("look", False, False),
        ("note", True, True),
    ]
