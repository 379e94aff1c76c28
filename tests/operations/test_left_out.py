"""Rows that the server leaves out of pages: a page that is short, or shows nothing, ends no list."""

from __future__ import annotations

import json
from pathlib import Path

import pykka
import pytest
from telethon import functions, types

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received

NEWEST, OLDEST = actors.HistoryOrder.NEWEST_FIRST, actors.HistoryOrder.OLDEST_FIRST
ORDERS = pytest.mark.parametrize("order", [NEWEST, OLDEST])
HISTORY = "messages.getHistory"


def ids(scraped: actors.ScrapedMessages) -> list[int]:
    """Return the ids of what was scraped, oldest first."""
    return sorted(message.id for message in scraped.messages)


def without(hidden: range | list[int], count: int = 500) -> list[int]:
    """Return the ids of what is left of a channel's past."""
    return [number for number in range(1, count + 1) if number not in set(hidden)]


HIDDEN = {
    "one of the first page": [450],
    "one of the last page": [50],
    "one in each page, and both ends": [1, 150, 250, 350, 450, 500],
    "a whole window": range(201, 301),
    "more than two windows": range(120, 350),
    "the newest window": range(401, 501),
    "the oldest window": range(1, 101),
    "all": range(1, 501),
}


@ORDERS
@pytest.mark.parametrize("search", ["", "news"])
@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=list(HIDDEN))
def test_a_history_is_read_to_its_end_whatever_is_left_out_of_its_pages(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder, search: str, hidden: list[int]
) -> None:
    """In both orders, with words and without; what the server doesn't show isn't lacking."""
    telegram.add_channel("news", messages=500, members=["alice"])
    telegram.hide("news", hidden)
    scraped = alice.ask(actors.ScrapeHistory("news", limit=1000, order=order, search=search), timeout=20)
    assert ids(scraped) == without(hidden)
    assert (scraped.complete, scraped.reason, scraped.count) == (True, "", len(without(hidden)))


@ORDERS
def test_all_of_an_author_is_found_although_a_page_lacks_one(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder
) -> None:
    """By messages.search; in a private chat the history."""
    telegram.add_channel("news", messages=500, members=["alice", "bob"])
    hers = list(range(1, 501, 2))
    telegram.hide("news", [hers[20], hers[-20]])
    scraped = alice.ask(actors.ScrapeHistory("news", limit=1000, author="alice", order=order), timeout=20)
    assert (ids(scraped), scraped.complete) == ([n for n in hers if n not in (hers[20], hers[-20])], True)


def test_an_export_holds_everything_that_is_shown(telegram: Loopback, alice: actors.SessionRef, tmp_path: Path) -> None:
    """And goes on from there."""
    telegram.add_channel("news", messages=500, members=["alice"])
    hidden = [30, *range(200, 320), 499]
    telegram.hide("news", hidden)
    path = tmp_path / "news.jsonl"
    exported = alice.ask(actors.ExportHistory("news", path), timeout=20)
    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == without(hidden)
    assert (exported.count, exported.complete, exported.reason) == (500 - len(hidden), True, "")
    new = telegram.post_many("news", ["one", "two"])
    telegram.hide("news", new[:1])
    assert alice.ask(actors.ExportHistory("news", path), timeout=20).count == 1


@ORDERS
def test_a_history_that_shows_nothing_for_long_is_not_called_complete(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder
) -> None:
    """As one whose past is hidden from the account: it is asked for a few times more, and what is known is said."""
    telegram.add_channel("news", messages=2000, members=["alice"])
    hidden = range(201, 1801)
    telegram.hide("news", hidden)
    asked = actors.ScrapeHistory("news", limit=None, to=(reader := Collector.start()), order=order)
    scraped = alice.ask(asked, timeout=20)
    assert (scraped.count, scraped.complete) == (200, False)
    assert scraped.reason == "the server counts 2,000 messages and shows none of those that come next"
    assert telegram.calls("alice").count(HISTORY) <= 13
    first = [message.id for page in received(reader) for message in page.messages]
    assert first == (list(range(2000, 1800, -1)) if order is NEWEST else list(range(1, 201)))
    reader.stop()


@ORDERS
def test_a_history_takes_no_more_requests_than_it_has_pages(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder
) -> None:
    """One more where the last page is full; one more where something was left out of the last one."""
    telegram.add_channel("news", messages=1000, members=["alice"])
    telegram.add_channel("other", messages=950, members=["alice"])
    telegram.add_account("bob")
    telegram.post_many("alice", ["hello"] * 950, author="bob")
    for chat, hidden, most in (("news", [], 11), ("other", [], 10), ("bob", [], 10), ("other", [3, 949], 11)):
        telegram.hide(chat, hidden, account="alice")
        telegram.forget_calls("alice")
        assert alice.ask(actors.ScrapeHistory(chat, limit=5000, order=order), timeout=20).complete
        assert telegram.calls("alice").count(HISTORY) <= most


@ORDERS
def test_what_moves_up_while_a_window_is_passed_over_is_not_missed(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System, order: actors.HistoryOrder
) -> None:
    """Messages that nobody sees are deleted between two windows: those behind them are then nearer."""
    telegram.add_channel("news", messages=400, members=["admin", "alice"])
    admin = system.start_session(telegram.add_session("admin"))
    hidden = range(301, 401) if order is NEWEST else range(1, 101)
    telegram.hide("news", hidden)
    telegram.fail(HISTORY, account="alice", delay=0.5)
    asked = alice.ask(actors.ScrapeHistory("news", limit=1000, order=order), block=False)
    eventually(lambda: telegram.calls("alice").count(HISTORY) >= 2)
    admin.ask(actors.Call("deleting", _delete, list(hidden)[30:70]), timeout=5)
    telegram.heal()
    scraped = asked.get(timeout=20)
    assert (ids(scraped), scraped.complete) == (without(hidden, 400), True)


async def _delete(client: actors.Client, gone: list[int]) -> None:
    await client.telethon.delete_messages("news", gone)


def test_the_newest_message_that_is_shown_is_found_behind_one_that_is_not(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """With a limit of one."""
    telegram.add_channel("news", messages=20, members=["alice"])
    telegram.hide("news", [19, 20])
    scraped = alice.ask(actors.ScrapeHistory("news", limit=1))
    assert (ids(scraped), scraped.complete, scraped.reason) == ([18], False, "the limit of 1 was reached")


# Chats and members.


@pytest.mark.parametrize("hidden", [[7], range(1, 100), range(30, 129)], ids=["one", "all but one", "the page's end"])
def test_chats_that_are_left_out_of_a_page_hide_no_other(
    telegram: Loopback, alice: actors.SessionRef, hidden: list[int]
) -> None:
    """The list goes on; the reply says that some are missing."""
    for number in range(250):
        telegram.add_channel(f"room{number}", members=["alice"], messages=1)
    whole = alice.ask(actors.ScrapeDialogs(), timeout=20)
    names = [dialog.chat.title for dialog in whole.dialogs]
    for place in hidden:
        telegram.hide_dialog(names[place], "alice")
    scraped = alice.ask(actors.ScrapeDialogs(), timeout=20)
    found = [dialog.chat.title for dialog in scraped.dialogs]
    shown = [name for place, name in enumerate(names) if place not in hidden]
    assert found == shown
    assert (scraped.complete, scraped.total) == (False, 250)
    assert f"{len(hidden)} of 250 chats" in scraped.reason


def test_a_monitor_of_all_chats_sees_those_behind_a_short_page(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """What was said in them before it began is no news."""
    for number in range(150):
        telegram.add_channel(f"room{number}", members=["bob", "alice"], messages=1)
    oldest = alice.ask(actors.ScrapeDialogs(), timeout=20).dialogs[-1].chat
    telegram.hide_dialog("room7", "alice")
    alice.ask(actors.Monitor(to=collector), timeout=20)
    assert alice.status().monitors[0].marks[oldest.key] == 1


def test_members_that_are_left_out_of_a_page_hide_no_other(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Each of the others once; the reply says that some are missing."""
    telegram.add_channel("crowd", members=["alice", *(f"member{number}" for number in range(449))])
    for number in (5, 6, 300, 448):
        telegram.hide_member("crowd", f"member{number}")
    scraped = alice.ask(actors.ScrapeParticipants("crowd"), timeout=20)
    assert len({member.id for member in scraped.participants}) == len(scraped.participants) == 446
    assert (scraped.total, scraped.complete) == (450, False)
    assert "446 of 450" in scraped.reason


@pytest.mark.parametrize(("hidden", "limit", "expected"), [([5, 6, 7], 100, 100), ([0], 1, 1), (range(150), 200, 200)])
def test_a_limit_of_members_is_met_though_some_are_left_out(
    telegram: Loopback, alice: actors.SessionRef, hidden: list[int], limit: int, expected: int
) -> None:
    """Also when nobody of the first ones is shown."""
    telegram.add_channel("crowd", members=["alice", *(f"member{number}" for number in range(449))])
    everybody = alice.ask(actors.ScrapeParticipants("crowd"), timeout=20).participants
    for place in hidden:
        telegram.hide_member("crowd", str(everybody[place].username))
    scraped = alice.ask(actors.ScrapeParticipants("crowd", limit=limit), timeout=20)
    assert list(scraped.participants) == [each for n, each in enumerate(everybody) if n not in hidden][:expected]
    assert (scraped.complete, scraped.reason) == (False, f"the limit of {limit} was reached")


def test_members_behind_a_window_that_shows_nobody_are_listed(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Behind ten such windows in a row they aren't, and the reply says so."""
    telegram.add_channel("crowd", members=["alice", *(f"member{number}" for number in range(2499))])
    everybody = alice.ask(actors.ScrapeParticipants("crowd"), timeout=20).participants
    for each in everybody[20:230]:
        telegram.hide_member("crowd", str(each.username))
    scraped = alice.ask(actors.ScrapeParticipants("crowd"), timeout=20)
    assert scraped.participants == everybody[:20] + everybody[230:]
    assert "2,290 of 2,500" in scraped.reason
    for each in everybody[230:2400]:
        telegram.hide_member("crowd", str(each.username))
    telegram.forget_calls("alice")
    scraped = alice.ask(actors.ScrapeParticipants("crowd"), timeout=20)
    assert (scraped.participants, scraped.complete) == (everybody[:20], False)
    assert scraped.reason == "the server counts 2,500 members and shows none of those that come next"
    assert telegram.calls("alice").count("channels.getParticipants") == 11


@pytest.mark.parametrize(("hidden", "limit"), [([0], 1), ([0, 10, 11, 12], 10)])
@pytest.mark.parametrize("pinned", [False, True])
def test_a_limit_of_chats_is_met_though_some_are_left_out(
    telegram: Loopback, alice: actors.SessionRef, hidden: list[int], limit: int, pinned: bool
) -> None:
    """Also when an old chat is pinned on top of them."""
    for number in range(20):
        telegram.add_channel(f"room{number}", members=["alice"], messages=1)
    whole = [each.chat for each in alice.ask(actors.ScrapeDialogs(), timeout=20).dialogs]
    if pinned:
        alice.ask(actors.Call("pin", _pin, whole[-1]))
    for place in hidden:
        telegram.hide_dialog(whole[place].title, "alice")
    shown = whole[-1:] * pinned + [chat for place, chat in enumerate(whole) if place not in hidden]
    scraped = alice.ask(actors.ScrapeDialogs(limit=limit + pinned), timeout=20)
    assert [each.chat for each in scraped.dialogs] == shown[: limit + pinned]
    assert scraped.reason == f"the limit of {limit + pinned} was reached"


async def _pin(client: actors.Client, chat: actors.Peer) -> None:
    peer = types.InputPeerChannel(chat.id, chat.access_hash)
    await client.telethon(functions.messages.ToggleDialogPinRequest(types.InputDialogPeer(peer), pinned=True))


def test_a_first_page_that_shows_pinned_chats_alone_hides_none_that_are_newer(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """The next one begins behind those that are pinned; their places on the first page are others' then."""
    for number in range(150):
        telegram.add_channel(f"room{number}", members=["alice"], messages=1)
    whole = [each.chat for each in alice.ask(actors.ScrapeDialogs(), timeout=20).dialogs]
    alice.ask(actors.Call("pin", _pin, whole[-1]))
    for chat in whole[:99]:
        telegram.hide_dialog(chat.title, "alice")
    scraped = alice.ask(actors.ScrapeDialogs(), timeout=20)
    assert [each.chat for each in scraped.dialogs] == [whole[-1], *whole[99:-1]]


def test_chats_behind_a_page_that_shows_none_are_said_to_lack(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Only a chat that is shown says where the next page begins."""
    for number in range(150):
        telegram.add_channel(f"room{number}", members=["alice"], messages=1)
    for dialog in alice.ask(actors.ScrapeDialogs(), timeout=20).dialogs[:100]:
        telegram.hide_dialog(dialog.chat.title, "alice")
    scraped = alice.ask(actors.ScrapeDialogs(), timeout=20)
    assert (scraped.dialogs, scraped.total, scraped.complete) == ((), 150, False)
    assert "150 of 150 chats" in scraped.reason
    assert "behind a page that shows none" in scraped.reason


# What monitors missed.


def texts(collector: pykka.ActorRef[Collector]) -> list[str]:
    """Return what a collector was told."""
    return [event.message.text for event in received(collector) if isinstance(event, actors.MessageReceived)]


def miss(telegram: Loopback, names: list[str], hidden: slice) -> None:
    """Let alice miss messages, some of which no page shows."""
    lost = telegram.post_many("news", names, author="bob", push=False)
    telegram.hide("news", lost[hidden])
    telegram.forget_updates("news")
    telegram.disconnect("alice")


@pytest.mark.parametrize("hidden", [slice(50, 51), slice(0, 120), slice(30, 280)])
def test_what_a_monitor_missed_is_told_although_pages_lack_some(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector], hidden: slice
) -> None:
    """One message, or whole windows, in the middle of what was missed: the others come once and in order."""
    telegram.add_channel("news", messages=3, members=["bob", "alice"])
    alice.ask(actors.Monitor(["news"], to=collector))
    names = [str(number) for number in range(300)]
    miss(telegram, names, hidden)
    expected = [name for name in names if name not in names[hidden]]
    eventually(lambda: len(texts(collector)) >= len(expected))
    telegram.post("news", "last", author="bob")
    eventually(lambda: texts(collector)[-1] == "last")
    assert texts(collector) == [*expected, "last"]


def test_a_monitor_says_what_the_history_does_not_show(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """The newest messages are known to be there; it asks for them no more, and goes on."""
    telegram.add_channel("news", messages=3, members=["bob", "alice"])
    alice.ask(actors.Monitor(["news"], to=collector))
    miss(telegram, ["shown", "not", "not"], slice(1, 3))
    (gap,) = eventually(lambda: [each for each in received(collector) if isinstance(each, actors.MonitorGap)])
    assert "message 6" in gap.reason
    telegram.post("news", "last", author="bob")
    eventually(lambda: texts(collector) == ["shown", "last"])
