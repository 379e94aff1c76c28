"""No monitor is deaf: what isn't told is polled, what can't be heard is refused, and what is lost later is said."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import pykka
import pytest
from telethon import functions, types

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received

POLL = "updates.getChannelDifference"


def texts(ref: pykka.ActorRef[Collector]) -> list[str]:
    """Return what a collector was told."""
    return [event.message.text for event in received(ref) if isinstance(event, actors.MessageReceived)]


def said(ref: pykka.ActorRef[Collector], expected: list[str]) -> bool:
    """Say whether a collector was told just this."""
    return texts(ref) == expected


def gaps(ref: pykka.ActorRef[Collector]) -> list[actors.MonitorGap]:
    """Return the gaps that a collector was told of."""
    return [event for event in received(ref) if isinstance(event, actors.MonitorGap)]


@pytest.fixture
def unjoined(telegram: Loopback) -> Loopback:
    """A public channel that alice hasn't joined, whose pushes are lost: polls alone bring its news."""
    telegram.add_channel("news", members=["bob"], messages=3, broadcast=True)
    telegram.add_account("alice")
    telegram.poll_timeout(1)
    telegram.fail("push", account="alice", silence=True)
    return telegram


def polls(telegram: Loopback) -> list[float]:
    """Return when alice has polled."""
    return [call.at for call in telegram.calls("alice") if call == POLL]


def test_a_public_channel_that_was_not_joined_is_polled_no_faster_than_the_server_says(
    unjoined: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Each post once, in order; status says that it is polled."""
    alice.ask(actors.Monitor(["@news"], to=collector))
    for number in range(3):
        unjoined.post("news", str(number), author="bob")
        eventually(partial(said, collector, [str(one) for one in range(number + 1)]))
    eventually(lambda: len(polls(unjoined)) >= 4)
    assert all(later - earlier > 0.9 for earlier, later in pairwise(polls(unjoined)))
    assert alice.status().monitors[0].polled == ("news",)


def test_who_polls_is_told_by_telegram_meanwhile(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """No need to wait for the next poll."""
    telegram.add_channel("news", members=["bob"], messages=3)
    telegram.poll_timeout(1000)
    alice.ask(actors.Monitor(["@news"], to=collector))
    eventually(lambda: polls(telegram))
    telegram.post("news", "at once", author="bob")
    eventually(lambda: texts(collector) == ["at once"])


@pytest.mark.parametrize("trouble", ["cut", "restart"])
def test_polls_go_on_through_a_cut_and_a_restart_and_end_with_the_monitor(
    unjoined: Loopback,
    alice: actors.SessionRef,
    system: actors.System,
    collector: pykka.ActorRef[Collector],
    trouble: str,
) -> None:
    """What was posted meanwhile comes too; at most one more poll follows the end."""
    monitoring = alice.ask(actors.Monitor(["@news"], to=collector))
    if trouble == "cut":
        unjoined.disconnect("alice")
    else:
        system.restart_session("alice")
    unjoined.post("news", "meanwhile", author="bob")
    eventually(lambda: texts(collector) == ["meanwhile"], within=20)
    unjoined.post("news", "after", author="bob")
    eventually(lambda: texts(collector) == ["meanwhile", "after"])
    alice.ask(actors.StopMonitor(monitoring.id))
    seen = len(polls(unjoined))
    unjoined.add_channel("other", members=["bob"], messages=1)
    alice.ask(actors.Monitor(["@other"], to=collector))  # its polls tell the time
    eventually(lambda: len(polls(unjoined)) >= seen + 4)
    unjoined.post("news", "unheard", author="bob")
    unjoined.post("other", "heard", author="bob")
    eventually(lambda: texts(collector)[2:] == ["heard"])
    assert len(alice.ask(actors.Call("counted", _counted))) == 1
    system.restart_session("alice")
    assert len(alice.ask(actors.Call("counted", _counted))) == 1


async def _counted(client: actors.Client) -> list[int]:
    """Return the channels whose updates Telethon counts: sooner or later it asks for the differences of each."""
    return [entry for entry in client.telethon._message_box.map if isinstance(entry, int)]


def test_a_poll_that_telegram_refuses_ends_the_part_of_the_channel_with_a_gap(
    unjoined: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """It was made private, or the account was banned."""
    alice.ask(actors.Monitor(["@news"], to=collector))
    unjoined.fail(POLL, account="alice", error="CHANNEL_PRIVATE", code=406, times=1)
    (gap,) = eventually(lambda: gaps(collector))
    assert (gap.chat is not None and gap.chat.username, "CHANNEL_PRIVATE" in gap.reason) == ("news", True)
    assert alice.status().monitors[0].unheard == ("news",)


def test_a_poll_that_fails_is_made_again_and_loses_nothing(
    unjoined: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """A cut makes it at once; else it is made a minute later."""
    unjoined.fail(POLL, account="alice", error="FLOOD_WAIT_2", times=1)
    alice.ask(actors.Monitor(["@news"], to=collector))
    eventually(lambda: polls(unjoined))
    unjoined.post("news", "late", author="bob")
    unjoined.disconnect("alice")
    eventually(lambda: texts(collector) == ["late"], within=20)
    assert gaps(collector) == []


async def _dialogs(client: actors.Client) -> tuple[actors.Dialog, ...]:
    return (await client.dialogs(limit=10)).dialogs


def test_a_private_channel_that_the_account_is_not_in_is_refused_with_what_to_do(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """The error names the one of the chats."""
    for name in ("open", "secret"):
        telegram.add_channel(name, members=["bob", "alice"], messages=1, public=name == "open")
    secret = next(one.chat for one in alice.ask(actors.Call("x", _dialogs)) if one.chat.title == "secret")
    telegram.leave("secret", "alice")
    with pytest.raises(actors.InvalidInput) as caught:
        alice.ask(actors.Monitor(["@open", secret], to=collector))
    assert caught.value.field == "chats[1]"
    assert "join it first" in caught.value.problem
    assert alice.status().monitors == ()


async def _ban(client: actors.Client, chat: str, name: str) -> None:
    rights = types.ChatBannedRights(None, view_messages=True)
    await client.telethon(functions.channels.EditBannedRequest(chat, name, rights))


async def _delete(client: actors.Client, chat: str) -> None:
    await client.telethon(functions.channels.DeleteChannelRequest(chat))


@pytest.mark.parametrize("how", ["left", "banned", "deleted"])
@pytest.mark.parametrize("chats", [["@news", "@other"], []], ids=["named chats", "all chats"])
def test_a_channel_that_is_lost_while_connected_is_told_once_as_a_gap(
    telegram: Loopback,
    alice: actors.SessionRef,
    system: actors.System,
    collector: pykka.ActorRef[Collector],
    how: str,
    chats: list[str],
) -> None:
    """To the subscriber and to the event stream; not again after a cut; other chats go on."""
    for name in ("news", "other"):
        telegram.add_channel(name, members=["bob", "alice"], messages=2)
    bob = system.start_session(telegram.add_session("bob"))
    events = Collector.start()
    system.subscribe(events, actors.MonitorGap)
    alice.ask(actors.Monitor(chats, to=collector, kinds=[actors.NewMessage, actors.DeletedMessages]))
    if how == "left":
        telegram.leave("news", "alice")
    elif how == "banned":
        bob.ask(actors.Call("ban", _ban, "news", "alice"))
    else:
        bob.ask(actors.Call("delete", _delete, "news"))
    (gap,) = eventually(lambda: gaps(collector))
    assert (gap.chat is not None and gap.chat.username) == "news"
    assert how in gap.reason or how == "left"
    assert alice.status().monitors[0].unheard == (("news",) if chats else ())
    telegram.disconnect("alice")
    telegram.post("other", "on it goes", author="bob")
    eventually(lambda: texts(collector)[-1:] == ["on it goes"], within=20)
    assert gaps(collector) == [gap]
    assert [(one.chat, one.reason) for one in gaps(events)] == [(gap.chat, gap.reason)]
    events.stop()


def test_a_basic_group_that_the_account_was_removed_from_is_told_as_a_gap(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """After what was said there before."""
    telegram.add_group("family", members=["bob", "alice"])
    family = eventually(lambda: [one.chat for one in alice.ask(actors.Call("x", _dialogs))] or _greet(telegram))[0]
    alice.ask(actors.Monitor([family], to=collector))
    telegram.post("family", "farewell", author="bob")
    telegram.leave("family", "alice")
    (gap,) = eventually(lambda: gaps(collector))
    assert gap.chat == family or (gap.chat is not None and gap.chat.key == family.key)
    assert texts(collector)[0] == "farewell"


def _greet(telegram: Loopback) -> list[actors.Peer]:
    telegram.post("family", "hello", author="bob")
    return []


def test_a_channel_that_is_joined_again_brings_what_was_said_meanwhile(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """As far as the account may read it."""
    telegram.add_channel("news", members=["bob", "alice"], messages=2, broadcast=True)
    alice.ask(actors.Monitor(["@news"], to=collector))
    telegram.leave("news", "alice")
    eventually(lambda: gaps(collector))
    telegram.post("news", "meanwhile", author="bob")
    telegram.join("news", "alice")
    eventually(lambda: texts(collector) == ["meanwhile"])
    telegram.post("news", "again", author="bob")
    eventually(lambda: texts(collector) == ["meanwhile", "again"])
    assert alice.status().monitors[0].unheard == ()


async def _leave(client: actors.Client, chat: str) -> None:
    await client.telethon(functions.channels.LeaveChannelRequest(chat))


async def _join(client: actors.Client, chat: str) -> None:
    await client.telethon(functions.channels.JoinChannelRequest(chat))


def test_a_channel_that_the_session_itself_leaves_is_told_as_a_gap(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Telegram says it in the answer alone."""
    telegram.add_channel("news", members=["bob", "alice"], messages=2)
    alice.ask(actors.Monitor(["@news"], to=collector))
    alice.ask(actors.Call("leave", _leave, "news"))
    (gap,) = eventually(lambda: gaps(collector))
    assert gap.chat is not None
    assert gap.chat.username == "news"


def test_a_channel_that_is_polled_and_then_joined_is_polled_no_more(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Its posts come as anybody's."""
    telegram.add_channel("news", members=["bob"], messages=2, broadcast=True)
    telegram.poll_timeout(1)
    alice.ask(actors.Monitor(["@news"], to=collector))
    eventually(lambda: polls(telegram))
    alice.ask(actors.Call("join", _join, "news"))
    eventually(lambda: alice.ask(actors.Call("look", _polled)) == 0)
    telegram.post("news", "hello", author="bob")
    eventually(lambda: texts(collector) == ["hello"])
    assert gaps(collector) == []


async def _polled(client: actors.Client) -> int:
    return len(client._feed._polls.channels())  # type: ignore[attr-defined]
