"""Reading histories, members and dialogs: which messages, in which order, and what is said of what is missing."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

import actors
from actors.testing import Loopback
from tests.support import eventually

NEWEST, OLDEST = actors.HistoryOrder.NEWEST_FIRST, actors.HistoryOrder.OLDEST_FIRST
ORDERS = pytest.mark.parametrize("order", [NEWEST, OLDEST])
NAIVE = datetime(2026, 1, 2, tzinfo=UTC).replace(tzinfo=None)


def ids(scraped: actors.ScrapedMessages) -> list[int]:
    """Return the ids of what was scraped, in its order."""
    return [message.id for message in scraped.messages]


def in_order(order: actors.HistoryOrder, expected: list[int]) -> list[int]:
    """Return ids, oldest first, as a scrape in this order has them."""
    return expected if order is OLDEST else expected[::-1]


# Which messages.


@ORDERS
def test_every_message_between_two_ids_is_read_once_and_in_order(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder
) -> None:
    """Over several pages, in both orders."""
    telegram.add_channel("news", messages=250, members=["alice"])
    for low, high, expected in (
        (0, 0, range(1, 251)),
        (40, 201, range(41, 201)),
        (249, 0, range(250, 251)),
        (0, 1, range(0)),
        (250, 0, range(0)),
    ):
        asked = actors.ScrapeHistory("news", limit=1000, order=order, min_id=low, max_id=high)
        scraped = alice.ask(asked, timeout=20)
        assert ids(scraped) == in_order(order, list(expected))
        assert (scraped.complete, scraped.count) == (True, len(expected))
    assert ids(alice.ask(actors.ScrapeHistory("news", limit=0, order=order))) == []


@pytest.mark.parametrize(("order", "expected"), [(NEWEST, list(range(250, 120, -1))), (OLDEST, list(range(1, 131)))])
def test_a_limit_ends_a_scrape_in_the_middle_of_a_page(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder, expected: list[int]
) -> None:
    """And the reply says that there is more."""
    telegram.add_channel("news", messages=250, members=["alice"])
    scraped = alice.ask(actors.ScrapeHistory("news", limit=130, order=order), timeout=20)
    assert (ids(scraped), scraped.complete, scraped.count) == (expected, False, 130)


@ORDERS
@pytest.mark.parametrize("search", ["", "news"])
def test_dates_bound_a_scrape_on_both_sides(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder, search: str
) -> None:
    """Both included, by the messages' own dates; with words, by the search's."""
    telegram.add_channel("news", messages=250, members=["alice"])
    everything = alice.ask(actors.ScrapeHistory("news", limit=300, order=OLDEST), timeout=20).messages
    since, until = everything[19].date, everything[220].date
    expected = [message.id for message in everything if since <= message.date <= until]
    assert len(expected) > 100
    for begin, end in ((since, until), (since - timedelta(seconds=0.5), until + timedelta(seconds=0.5))):
        asked = actors.ScrapeHistory("news", limit=300, order=order, since=begin, until=end, search=search)
        scraped = alice.ask(asked, timeout=20)
        assert (ids(scraped), scraped.complete) == (in_order(order, expected), True)


@ORDERS
def test_dates_without_messages_give_none(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder
) -> None:
    """Before the first, and after the last."""
    telegram.add_channel("news", messages=30, members=["alice"])
    long_ago, some_day = datetime(2015, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
    assert ids(alice.ask(actors.ScrapeHistory("news", until=long_ago, order=order))) == []
    assert ids(alice.ask(actors.ScrapeHistory("news", since=some_day, order=order))) == []
    assert len(ids(alice.ask(actors.ScrapeHistory("news", since=long_ago, until=some_day, order=order)))) == 30


@ORDERS
def test_a_search_finds_words_and_authors_page_by_page(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder
) -> None:
    """Telegram searches; each match comes once, in order."""
    telegram.add_channel("news", members=["alice", "bob"])
    for number in range(130):
        telegram.post_many("news", [f"red {number}"], author="alice")
    his = telegram.post_many("news", [f"red by bob {number}" for number in range(120)], author="bob")
    red = alice.ask(actors.ScrapeHistory("news", limit=500, search="red", order=order), timeout=20)
    assert ids(red) == in_order(order, list(range(1, 251)))
    by_bob = alice.ask(actors.ScrapeHistory("news", limit=500, author="bob", order=order), timeout=20)
    assert ids(by_bob) == in_order(order, his)
    both = alice.ask(actors.ScrapeHistory("news", search="7", author="bob", min_id=his[9], max_id=his[50], order=order))
    assert ids(both) == in_order(order, [his[17], his[27], his[37], his[47]])


@ORDERS
def test_the_messages_of_a_private_chat_are_read_among_those_of_others(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder
) -> None:
    """Their ids have gaps: an account numbers all its chats together."""
    telegram.add_account("bob")
    telegram.add_account("carol")
    for _ in range(120):
        telegram.post_many("alice", ["one"], author="bob")
        telegram.post_many("alice", ["two"], author="carol")
    expected = [message.id for message in telegram.messages("alice") if message.text == "one"]
    scraped = alice.ask(actors.ScrapeHistory("bob", limit=500, order=order), timeout=20)
    assert (ids(scraped), scraped.complete) == (in_order(order, expected), True)


@ORDERS
def test_an_author_is_heeded_in_a_private_chat_too(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder
) -> None:
    """Where Telegram itself ignores it."""
    telegram.add_account("bob")
    for _ in range(120):
        telegram.post_many("alice", ["his"], author="bob")
        telegram.post_many("bob", ["hers"], author="alice")
    for author, text in (("me", "hers"), ("bob", "his")):
        scraped = alice.ask(actors.ScrapeHistory("bob", limit=500, author=author, order=order), timeout=20)
        assert {message.text for message in scraped.messages} == {text}
        assert (scraped.count, scraped.complete) == (120, True)


# While the chat changes.


def between_two_pages(telegram: Loopback, change: Callable[[], object], seen: int) -> None:
    """Let something happen once alice has asked for a number of pages; her next one waits for it."""
    eventually(lambda: telegram.calls("alice").count("messages.getHistory") >= seen)
    change()
    telegram.heal()


@pytest.mark.parametrize(
    ("order", "expected"), [(NEWEST, list(range(350, 0, -1))), (OLDEST, list(range(1, 701)))], ids=["newest", "oldest"]
)
def test_messages_that_come_meanwhile_neither_repeat_nor_hide_others(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder, expected: list[int]
) -> None:
    """Newest first they are out of its way; oldest first it reaches them."""
    telegram.add_channel("news", messages=350, members=["alice"])
    telegram.fail("messages.getHistory", delay=0.3)
    asked = alice.ask(actors.ScrapeHistory("news", limit=1000, order=order), block=False)
    between_two_pages(telegram, lambda: telegram.post_many("news", ["late"] * 350), 2)
    assert ids(asked.get(timeout=20)) == expected


@ORDERS
def test_messages_that_are_deleted_meanwhile_hide_no_other(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder
) -> None:
    """Neither those that were read nor those that were still to come."""
    telegram.add_channel("news", messages=350, members=["admin", "alice"])
    config = telegram.add_session("admin")
    read, unread = range(251, 351), range(51, 101)
    gone = [*(read if order is NEWEST else range(1, 101)), *(unread if order is NEWEST else range(251, 301))]
    telegram.fail("messages.getHistory", account="alice", delay=0.5)

    def delete() -> None:
        with actors.open_system() as other:
            other.start_session(config).ask(actors.Call("deleting", _delete, "news", gone), timeout=10)

    asked = alice.ask(actors.ScrapeHistory("news", limit=1000, order=order), block=False)
    between_two_pages(telegram, delete, 2)
    found = ids(asked.get(timeout=20))
    assert found == in_order(order, sorted(found))
    left = {message.id for message in telegram.channel_messages("news")}
    assert left <= set(found)
    assert len(left) == 350 - len(gone)


async def _delete(client: actors.Client, chat: str, gone: list[int]) -> None:
    await client.telethon.delete_messages(chat, gone)


# Going on.


@ORDERS
@pytest.mark.parametrize("search", ["", "news"])
def test_a_cancelled_scrape_goes_on_from_its_checkpoint(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder, search: str
) -> None:
    """What it had and what the second one reads are everything, once; the checkpoint survives pickling."""
    telegram.add_channel("news", messages=500, members=["alice"])
    telegram.fail("messages.*", account="alice", delay=0.1)
    asked = actors.ScrapeHistory("news", limit=450, order=order, search=search)
    future = alice.ask(asked, block=False)
    method = "messages.search" if search else "messages.getHistory"
    eventually(lambda: telegram.calls("alice").count(method) >= 3)
    future.cancel()
    with pytest.raises(actors.OperationCancelled) as caught:
        future.get(timeout=5)
    telegram.heal()
    checkpoint = pickle.loads(pickle.dumps(caught.value.checkpoint))  # noqa: S301  our own
    first = [message.id for message in caught.value.partial]
    assert 0 < len(first) == checkpoint.done < 450
    rest = alice.ask(actors.ScrapeHistory("news", limit=450, order=order, search=search, resume=checkpoint), timeout=20)
    expected = list(range(1, 501))[::-1][:450] if order is NEWEST else list(range(1, 451))
    assert (first + ids(rest), rest.count) == (expected, 450)


def test_a_flood_wait_of_searches_does_not_hold_a_plain_scrape(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Each pages by one method, and only that one's waits hold it."""
    telegram.add_channel("news", messages=10, members=["alice"])
    telegram.fail("messages.search", error="FLOOD_WAIT_30", times=1)
    searching = alice.ask(actors.ScrapeHistory("news", search="news"), block=False)
    eventually(lambda: alice.status().holds)
    assert len(alice.ask(actors.ScrapeHistory("news"), timeout=5).messages) == 10
    searching.cancel()


# Members and dialogs.


def test_members_are_listed_once_and_the_reply_says_that_they_are_all(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """Over three pages."""
    telegram.add_channel("crowd", members=["alice", *(f"member{number}" for number in range(449))])
    scraped = alice.ask(actors.ScrapeParticipants("crowd"), timeout=20)
    assert len({member.id for member in scraped.participants}) == len(scraped.participants) == 450
    assert (scraped.total, scraped.complete, scraped.reason) == (450, True, "")
    some = alice.ask(actors.ScrapeParticipants("crowd", limit=220), timeout=20)
    assert len(some.participants) == 220
    assert (some.total, some.complete, some.reason) == (450, False, "the limit of 220 was reached")


def test_what_telegrams_cap_leaves_out_is_said(telegram: Loopback, alice: actors.SessionRef) -> None:
    """10,000 of 10,100: with the number, and never as if they were all."""
    telegram.add_channel("city", members=["alice", *(f"citizen{number}" for number in range(10_099))])
    scraped = alice.ask(actors.ScrapeParticipants("city"), timeout=60)
    assert len({member.id for member in scraped.participants}) == 10_000
    assert (scraped.total, scraped.complete) == (10_100, False)
    assert scraped.reason == "Telegram lists at most 10,000 members of 10,100"


def test_a_cancelled_list_of_members_goes_on_from_its_checkpoint(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Each member is in one of the two."""
    telegram.add_channel("crowd", members=["alice", *(f"member{number}" for number in range(699))])
    telegram.fail("channels.getParticipants", delay=0.1)
    future = alice.ask(actors.ScrapeParticipants("crowd"), block=False)
    eventually(lambda: telegram.calls("alice").count("channels.getParticipants") >= 2)
    future.cancel()
    with pytest.raises(actors.OperationCancelled) as caught:
        future.get(timeout=5)
    telegram.heal()
    checkpoint = pickle.loads(pickle.dumps(caught.value.checkpoint))  # noqa: S301  our own
    rest = alice.ask(actors.ScrapeParticipants("crowd", resume=checkpoint), timeout=20)
    found = [member.id for member in (*caught.value.partial, *rest.participants)]
    assert 0 < len(rest.participants) < 700
    assert (len(found), len(set(found)), rest.complete) == (700, 700, True)


def test_every_dialog_is_listed_once(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Over three pages; the newest first, and with a limit the reply says so."""
    names = [f"room{number}" for number in range(230)]
    for name in names:
        telegram.add_channel(name, members=["alice"], messages=1)
    scraped = alice.ask(actors.ScrapeDialogs(), timeout=20)
    assert sorted(str(dialog.chat.username) for dialog in scraped.dialogs) == sorted(names)
    dates = [dialog.last_message.date for dialog in scraped.dialogs if dialog.last_message is not None]
    assert dates == sorted(dates, reverse=True)
    assert (scraped.total, scraped.complete, scraped.reason) == (230, True, "")
    some = alice.ask(actors.ScrapeDialogs(limit=120), timeout=20)
    assert some.dialogs == scraped.dialogs[:120]
    assert (some.complete, some.reason) == (False, "the limit of 120 was reached")
    assert alice.ask(actors.ScrapeDialogs(folder=1)).complete


def test_a_chat_that_moves_up_meanwhile_is_missed_and_missed_aloud(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """Something is said in a chat that was still to come: it is above the place by then."""
    for number in range(150):
        telegram.add_channel(f"room{number}", members=["alice"], messages=1)
    oldest = alice.ask(actors.ScrapeDialogs(), timeout=20).dialogs[-1].chat.title
    telegram.fail("messages.getDialogs", delay=0.3)
    asked = alice.ask(actors.ScrapeDialogs(), block=False)
    eventually(lambda: telegram.calls("alice").count("messages.getDialogs") >= 4)
    telegram.post(oldest, "up")
    telegram.heal()
    scraped = asked.get(timeout=20)
    assert (len(scraped.dialogs), scraped.complete) == (149, False)
    assert scraped.reason.startswith("1 of 150 chats moved up while the list was read, or the server leaves them out")


def test_what_is_searched_for_is_not_shown() -> None:
    """It may be as private as what is found."""
    assert "planted" not in repr(actors.ScrapeHistory("news", search="planted"))
