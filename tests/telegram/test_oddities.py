"""Answers of constructors that nobody expects, and messages, chats and members that can't be converted."""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pykka
import pytest
from telethon import types

import actors
from actors.model.answers import RemoteFile, UploadedFile
from actors.model.content import Media, Peer
from actors.model.errors import TelegramError, Verdict
from actors.telegram.client import TelethonClient
from actors.telegram.convert_message import to_message, to_unknown_message
from actors.testing import Loopback
from tests.secretwatch import MARKER
from tests.support import Collector, eventually, received

from .conftest import Desk, online, raised_by, run

DATE = datetime(2026, 1, 2, tzinfo=UTC)
EMPTY = types.updates.DifferenceEmpty(DATE, 1)
"""An answer of no type that any of these methods has."""

Ask = Callable[[TelethonClient, Peer], Awaitable[object]]

FILE = RemoteFile("document", 1, 4096, access_hash=5)
CDN = types.upload.FileCdnRedirect(203, b"t", b"k", b"i", [])

EMPTY_VECTOR = struct.pack("<Ii", 0x1CB5C415, 0)
"""Of anything (core.telegram.org/type/Vector%20t)."""

TRUE = struct.pack("<I", 0x997275B5)
"""boolTrue (core.telegram.org/type/Bool)."""

ASKS: dict[str, tuple[Ask, list[Any]]] = {
    "messages.getHistory": (
        lambda client, chat: client.history(chat, limit=1),
        [EMPTY, types.messages.MessagesNotModified(3)],
    ),
    "messages.search": (
        lambda client, chat: client.search(chat, "word", limit=1),
        [EMPTY, types.messages.MessagesNotModified(3)],
    ),
    "messages.getDialogs": (
        lambda client, _: client.dialogs(limit=1),
        [EMPTY, types.messages.DialogsNotModified(3)],
    ),
    "messages.getPeerDialogs": (lambda client, chat: client.newest([chat]), [EMPTY]),
    "channels.getParticipants": (
        lambda client, chat: client.participants(chat, limit=1),
        [EMPTY, types.channels.ChannelParticipantsNotModified()],
    ),
    "updates.getState": (lambda client, _: client.server_time(), [types.messages.MessagesNotModified(3)]),
    "channels.getMessages": (
        lambda client, chat: client.file_of(chat, 1),
        [EMPTY, types.messages.MessagesNotModified(3)],
    ),
    "upload.getFile": (lambda client, _: client.file_part(FILE, offset=0, limit=4096), [EMPTY, CDN]),
    "upload.saveFilePart": (
        lambda client, _: client.save_part(UploadedFile(1, 1, False, "x"), 0, b"x"),
        [EMPTY],
    ),
    "messages.sendMessage": (lambda client, chat: client.send_message(chat, "x", random_id=5), [EMPTY]),
    "users.getUsers": (lambda client, _: client.probe(), [EMPTY]),
    "contacts.resolveUsername": (lambda client, _: client.resolve("somebody"), [EMPTY]),
}


@pytest.mark.parametrize("method", ASKS)
def test_an_answer_of_another_constructor_is_a_telegram_error(desk: Desk, method: str) -> None:
    """For every method of the narrow client, of the right type and of a wrong one; the next answer is read as ever."""
    ask, answers = ASKS[method]

    async def test() -> None:
        config = desk.config()
        name = desk.channel(config.name, messages=1)
        async with online(config) as client:
            chat = await client.resolve(name)
            for answer in answers:
                desk.telegram.fail(method, account=config.name, answer=bytes(answer), times=1)
                error = await raised_by(ask(client, chat))
                assert isinstance(error, TelegramError)
                assert (error.verdict, error.method, error.name) == (Verdict.UNKNOWN, method, "UNEXPECTED_ANSWER")
            assert (await client.history(chat, limit=1)).total == 1

    run(test())


@pytest.mark.parametrize(
    "method", ["contacts.resolveUsername", "messages.getPeerDialogs", "upload.saveFilePart", "users.getUsers"]
)
@pytest.mark.parametrize("answer", [TRUE, EMPTY_VECTOR], ids=["a Bool", "an empty Vector"])
def test_an_answer_without_a_type_is_one_where_the_method_has_such(desk: Desk, method: str, answer: bytes) -> None:
    """Telethon's reader makes a bool and a list of these, which have no constructor to look at."""
    ask, _ = ASKS[method]
    is_right = (method, answer) == ("upload.saveFilePart", TRUE)

    async def test() -> None:
        config = desk.config()
        name = desk.channel(config.name, messages=1)
        async with online(config) as client:
            chat = await client.resolve(name)
            desk.telegram.fail(method, account=config.name, answer=answer, times=1)
            if is_right:
                await ask(client, chat)
                return
            error = await raised_by(ask(client, chat))
            assert isinstance(error, TelegramError)
            assert (error.method, error.name) == (method, "UNEXPECTED_ANSWER")

    run(test())


def test_an_account_that_the_server_does_not_describe_is_asked_for_again(telegram: Loopback) -> None:
    """An empty answer proves nothing; that a login is over is said by a 401."""
    with actors.open_system(backoff=actors.Backoff(base=0.1)) as system:
        alice = system.start_session(telegram.add_session("alice"))
        telegram.fail("users.getUsers", account="alice", answer=EMPTY_VECTOR, times=1)
        telegram.forget_calls("alice")
        telegram.disconnect("alice")
        eventually(lambda: [str(call) for call in telegram.calls("alice")].count("users.getUsers") > 1)
        assert alice.ask(actors.SendMessage("me", "still here"), timeout=10).id


def odd_message(number: int, **changes: Any) -> types.Message:
    """Return a message that can't be converted: its first entity begins far before its text."""
    fields: dict[str, Any] = {
        "peer_id": types.PeerUser(7),
        "date": DATE,
        "message": f"🙂 {MARKER}",
        "entities": [types.MessageEntityBold(-(2**31), 1)],
    }
    return types.Message(id=number, **{**fields, **changes})


def test_the_odd_message_of_these_tests_can_not_be_converted() -> None:
    """Or they would say nothing."""
    with pytest.raises(IndexError):
        to_message(odd_message(1), Peer("user", 7), me=1)


def put_odd_message(telegram: Loopback, chat: str, channel_id: int, number: int) -> None:
    """Let a message of a channel's show as one that can't be converted."""
    telegram.disguise(chat, number, bytes(odd_message(number, peer_id=types.PeerChannel(channel_id))))


def is_unknown(message: actors.Message, number: int) -> bool:
    """Say whether a message is what is left of that one."""
    return (message.id, message.date, message.media) == (number, DATE, Media("unknown"))


@pytest.mark.parametrize("order", list(actors.HistoryOrder))
def test_one_odd_message_does_not_fail_a_page(
    telegram: Loopback, alice: actors.SessionRef, caplog: pytest.LogCaptureFixture, order: actors.HistoryOrder
) -> None:
    """It has its place in it, by its id and date; it is counted, and the log has nothing of what it says."""
    channel_id = telegram.add_channel("news", messages=250, members=["alice"])
    put_odd_message(telegram, "news", channel_id, 120)
    scraped = alice.ask(actors.ScrapeHistory("news", limit=300, order=order), timeout=20)
    assert sorted(message.id for message in scraped.messages) == list(range(1, 251))
    (unknown,) = [message for message in scraped.messages if message.media is not None]
    assert is_unknown(unknown, 120)
    assert MARKER in unknown.text
    assert alice.status().unconverted == 1
    assert "Message could not be converted: IndexError" in caplog.text
    assert MARKER not in caplog.text


def test_what_is_left_of_a_service_message_is_an_unknown_service() -> None:
    """And no message that somebody wrote."""
    peer, action = types.PeerUser(7), types.MessageActionPinMessage()
    odd = types.MessageService(id=2, peer_id=peer, date=DATE, action=action, out=True)
    chat = Peer("user", 7)
    assert to_unknown_message(odd, chat, me=1) == actors.Message(2, chat, None, DATE, "", out=True, service="unknown")


def test_an_odd_message_is_told_to_monitors_and_costs_no_other(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Whether it comes with a difference or is read from the history; the count outlives the client."""
    channel_id = telegram.add_channel("news", messages=3, members=["bob", "alice"])
    alice.ask(actors.Monitor(["news"], to=collector))
    odd = telegram.post("news", "odd", author="bob", push=False)
    put_odd_message(telegram, "news", channel_id, odd)
    telegram.post("news", "after", author="bob")

    def told() -> list[actors.Message]:
        return [event.message for event in received(collector) if isinstance(event, actors.MessageReceived)]

    eventually(lambda: len(told()) == 2)
    assert is_unknown(told()[0], odd)
    assert told()[1].text == "after"
    system.restart_session("alice")
    eventually(lambda: alice.status().restarts == 1 and alice.status().phase is actors.Phase.ONLINE)
    assert alice.status().unconverted == 1


def test_an_odd_last_message_does_not_fail_the_list_of_chats(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Its chat is there, with what is left of it."""
    for name in ("one", "two"):
        channel_id = telegram.add_channel(name, messages=1, members=["alice"])
    put_odd_message(telegram, "two", channel_id, 1)
    scraped = alice.ask(actors.ScrapeDialogs())
    assert (len(scraped.dialogs), scraped.complete) == (2, True)
    (last,) = [dialog.last_message for dialog in scraped.dialogs if dialog.chat.title == "two"]
    assert last is not None
    assert is_unknown(last, 1)
