"""The directory of peers."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from telethon import types

from actors.model.content import Peer
from actors.model.errors import InvalidInput
from actors.telegram.peers import PeerDirectory, checked_username

BOB = types.User(7, access_hash=70, first_name="Bob", username="Bob_by")
NEWS = types.Channel(7, "News", types.ChatPhotoEmpty(), None, access_hash=71, username="news", broadcast=True)
GROUP = types.Chat(9, "Group", types.ChatPhotoEmpty(), 2, None, 1)


def directory(*entities: object) -> PeerDirectory:
    """Return a directory that has met these."""
    peers = PeerDirectory()
    peers.learn(entities)
    return peers


def test_a_peer_is_found_by_name_whatever_the_case() -> None:
    """Telegram's usernames have none."""
    found = directory(BOB).by_name(checked_username(" @BOB_BY"))
    assert found is not None
    assert (found.kind, found.id, found.access_hash, found.username, found.title) == ("user", 7, 70, "Bob_by", "Bob")


def test_a_marked_id_says_what_it_is() -> None:
    """Users, groups and channels are numbered apart."""
    peers = directory(NEWS, BOB, GROUP)
    assert [peers.by_id(number).kind for number in (-1_000_000_000_007, -9, 9)] == ["channel", "chat", "chat"]


def test_a_number_that_several_have_means_nobody() -> None:
    """Who it meant would change as soon as another one with it turned up."""
    peers = directory(NEWS)
    assert peers.by_id(7).kind == "channel"
    peers.learn([BOB])
    with pytest.raises(InvalidInput, match=r"7 is the id of a user and a channel .* -1000000000007 for the channel"):
        peers.by_id(7)
    assert peers.by_id(-1_000_000_000_007).kind == "channel"


def test_a_number_means_nobody_when_somebody_with_it_was_mentioned() -> None:
    """A member of a club who came `min` is who answers to this id there, and no channel is written to instead."""
    peers = directory(NEWS)
    assert peers.by_id(7).kind == "channel"
    peers.learn([types.User(7, access_hash=1, min=True, first_name="Bob")])
    with pytest.raises(InvalidInput, match="a user and a channel"):
        peers.by_id(7)


@pytest.mark.parametrize(
    "entity",
    [
        types.User(8, access_hash=1, min=True, username="bob_by"),
        types.User(8, usernames=[types.Username("other", active=True), types.Username("Bob_By", active=True)]),
    ],
    ids=["min", "no hash"],
)
def test_a_name_that_another_is_seen_with_who_can_not_be_addressed_is_resolved_anew(entity: types.User) -> None:
    """It is no longer who had it before."""
    peers = directory(BOB)
    peers.learn([entity])
    assert peers.by_name("bob_by") is None


def test_a_name_that_an_unknown_user_takes_is_resolved_anew() -> None:
    """Telegram tells of people of whom the account knows no more."""
    peers = directory(BOB)
    peers.rename(8, [types.Username("bob_by", active=True)], "Carol")
    assert peers.by_name("bob_by") is None


def test_a_min_user_is_not_remembered() -> None:
    """Its access hash can't be used."""
    peers = directory(types.User(7, min=True, access_hash=1, username="bob"))
    assert len(peers) == 0
    with pytest.raises(InvalidInput):
        peers.by_id(7)


def test_a_min_user_does_not_replace_what_is_known() -> None:
    """It comes with messages of people who are known well."""
    peers = directory(BOB, types.User(7, min=True, access_hash=1, username="bob"))
    assert peers.by_id(7).access_hash == 70


def test_somebody_only_mentioned_has_a_name_and_cannot_be_addressed() -> None:
    """A `min` user's access hash is no good; what it is called is."""
    peers = directory(types.User(7, min=True, access_hash=1, first_name="Bob", username="bob"))
    mentioned = peers.known(7)
    assert mentioned is not None
    assert (mentioned.title, mentioned.username, mentioned.access_hash) == ("Bob", "bob", 0)
    assert (peers.by_name("bob"), peers.known(8)) == (None, None)
    with pytest.raises(InvalidInput):
        peers.by_id(7)
    peers.learn([BOB])
    assert peers.known(7) == peers.by_id(7)


def test_an_old_name_stands_for_nobody_once_the_peer_has_a_new_one() -> None:
    """Somebody else may take it."""
    peers = directory(BOB, types.User(7, access_hash=70, username="robert"))
    assert (peers.by_name("bob_by"), peers.by_id(7).username) == (None, "robert")
    assert peers.by_name("robert") == peers.by_id(7)


def test_every_active_username_stands_for_its_peer() -> None:
    """A channel may have several."""
    names = [types.Username("first", active=True), types.Username("second", active=True), types.Username("old")]
    peers = directory(types.User(7, access_hash=70, usernames=names))
    assert peers.by_name("first") == peers.by_name("second") == peers.by_id(7)
    assert peers.by_name("old") is None


@pytest.mark.parametrize("none", [None, 0])
def test_one_without_a_hash_leaves_the_known_one_as_it_is(none: int | None) -> None:
    """Telegram sends such in updates; what it is called by now is taken over."""
    news = types.Channel(7, "News!", types.ChatPhotoEmpty(), None, access_hash=none, username="news")
    peers = directory(BOB, NEWS, types.User(7, access_hash=none, first_name="Robert", username="Bob_by"), news)
    bob, channel = peers.by_name("bob_by"), peers.by_name("news")
    assert bob is not None
    assert channel is not None
    assert [(peer.access_hash, peer.title) for peer in (bob, channel)] == [(70, "Robert"), (71, "News!")]


def test_one_that_never_had_a_hash_is_only_mentioned() -> None:
    """It can't be addressed."""
    peers = directory(types.User(7, first_name="Bob", username="bob"))
    assert (len(peers), peers.by_name("bob"), peers.known(7)) == (0, None, Peer("user", 7, username="bob", title="Bob"))


def named(*names: str, off: tuple[str, ...] = (), main: str | None = None) -> types.User:
    """Return the user 7 with these usernames, of which some are switched off."""
    several = [types.Username(name, active=name not in off) for name in (*names, *off)]
    return types.User(7, access_hash=70, first_name="Bob", username=main, usernames=several or None)


@pytest.mark.parametrize(
    "after",
    [
        named("one"),
        named("one", off=("two",)),
        named(main="one"),
        types.User(7, access_hash=70, deleted=True),
        types.User(7, first_name="Bob", username="one"),
        types.User(8, access_hash=80, username="Two"),
    ],
    ids=["one fewer", "switched off", "one alone", "deleted", "without a hash", "somebody else's"],
)
def test_a_name_that_is_seen_no_more_stands_for_nobody(after: types.User) -> None:
    """Whatever shows other names than before makes the old one be resolved anew."""
    peers = directory(named("one", "two"), after)
    held = peers.by_name("two")
    assert held is None or held.id == after.id == 8
    assert peers.known(7) is not None


def test_a_name_has_one_holder() -> None:
    """Who had it before is known by what is left."""
    peers = directory(named("two", "one"), types.User(8, access_hash=80, username="Two"))
    before, after = peers.known(7), peers.known(8)
    assert before is not None
    assert after is not None
    assert (before.username, after.username) == ("one", "Two")
    peers.learn([named("two", "one")])
    assert (peers.by_name("two"), peers.known(8)) == (peers.known(7), Peer("user", 8, 80))


def test_a_name_that_is_listed_twice_is_one() -> None:
    """Telegram's usernames have no case."""
    peers = directory(named("One", "one", main="one"))
    assert peers.by_name("one") == peers.by_id(7) == Peer("user", 7, 70, "one", "Bob")
    peers.learn([named("two")])
    assert (peers.by_name("one"), peers.by_name("two")) == (None, peers.by_id(7))


def test_an_update_of_names_moves_them() -> None:
    """It comes as updateUserName, and the same entity as before may come after it."""
    peers = directory(BOB)
    peers.rename(7, [types.Username("robert", active=True), types.Username("bob_by", active=False)], "Robert")
    assert (peers.by_name("bob_by"), peers.by_name("robert")) == (None, Peer("user", 7, 70, "robert", "Robert"))
    peers.rename(8, [types.Username("nobody", active=True)], "Never met")
    assert peers.by_name("nobody") is None
    peers.learn([BOB])
    assert (peers.by_name("robert"), peers.by_id(7).username) == (None, "Bob_by")


def test_a_name_that_was_not_seen_for_a_day_is_no_good_to_write_to() -> None:
    """Reading goes by it; whatever shows it again makes it as good as new."""
    now = [0.0]
    peers = PeerDirectory(now=lambda: now[0])
    peers.learn([BOB])
    for day, seen_again in ((1.0, False), (2.0, True), (2.9, False), (3.0, False)):
        now[0] = day * 86_400
        if seen_again:
            peers.learn([types.User(7, min=True, access_hash=1, username="Bob_by")])
            assert peers.by_name("bob_by", to_write=True) is None
            peers.learn([BOB])
        assert peers.by_name("bob_by") is not None
        assert (peers.by_name("bob_by", to_write=True) is not None) == (day in (2.0, 2.9))


def test_names_may_be_good_for_ever_or_never() -> None:
    """As the session's config says."""
    for names_for, is_good in ((None, True), (0.0, False)):
        peers = PeerDirectory(names_for=names_for, now=lambda: 1e9)
        peers.learn([BOB])
        assert (peers.by_name("bob_by", to_write=True) is not None) == is_good


def test_who_was_only_mentioned_may_be_found_by_a_username() -> None:
    """By an id that nobody has who can be addressed."""
    peers = directory(types.User(7, min=True, access_hash=1, username="bob"), types.User(8, min=True, access_hash=1))
    assert (peers.mentioned(7), peers.mentioned(8), peers.mentioned(9)) == (Peer("user", 7, 0, "bob"), None, None)
    peers.learn([NEWS])
    assert peers.mentioned(7) is None


def test_a_group_that_migrated_has_a_successor() -> None:
    """Its own entity says so, and has the hash of the supergroup."""
    peers = directory(GROUP)
    assert peers.successor(peers.by_id(-9)) is None
    moved = types.Chat(
        9, "Group", types.ChatPhotoEmpty(), 0, None, 2, deactivated=True, migrated_to=types.InputChannel(10, 100)
    )
    peers.learn([moved])
    assert peers.successor(peers.by_id(-9)) == Peer("channel", 10, 100, title="Group")
    peers.learn([types.Channel(10, "Group", types.ChatPhotoEmpty(), None, access_hash=100, username="group")])
    assert peers.successor(Peer("chat", 9)) == Peer("channel", 10, 100, "group", "Group")


# Bounds.


def people(*ids: int) -> list[types.User]:
    """Return users who can be addressed."""
    return [types.User(number, access_hash=number * 10, username=f"user{number}") for number in ids]


def test_who_was_only_seen_is_dropped_before_whom_somebody_asked_for() -> None:
    """The longest unseen first; by its name it can be found again."""
    peers = PeerDirectory(most=4)
    peers.learn(people(1, 2, 3, 4))
    peers.by_name("user1")
    peers.by_key(types.PeerUser(2))
    peers.learn([types.User(3, access_hash=31, username="user3")])
    peers.learn(people(5, 6))
    assert [number for number in range(1, 7) if peers.known(number) is not None] == [1, 2, 5, 6]
    assert peers.by_name("user3") is None
    with pytest.raises(InvalidInput, match="has not met id 3"):
        peers.by_id(3)
    peers.learn(people(3))
    assert peers.by_id(3).access_hash == 30


def test_when_all_were_asked_for_the_longest_unseen_goes() -> None:
    """There is always a bound, and always room for the next."""
    peers = PeerDirectory(most=4)
    for number in range(1, 9):
        peers.learn(people(number))
        assert peers.by_id(number).id == number
    assert [number for number in range(1, 9) if peers.known(number) is not None] == [5, 6, 7, 8]


@given(st.lists(st.tuples(st.sampled_from(["see", "mention", "ask", "name"]), st.integers(1, 12)), max_size=60))
def test_the_directory_stays_within_its_bounds_and_no_name_leads_astray(steps: list[tuple[str, int]]) -> None:
    """Whatever comes in whatever order: a name that is known leads to somebody who has it."""
    peers = PeerDirectory(most=5, mentions=3)
    for step, number in steps:
        match step:
            case "see":
                peers.learn(people(number))
            case "mention":
                peers.learn([types.User(number, min=True, access_hash=1, username=f"user{number}")])
            case "ask":
                peers.by_name(f"user{number}")
            case _:
                peers.learn([types.User(number, access_hash=number * 10, username=f"user{number % 3}")])
        assert len(peers) <= 5
        assert sum(peers.known(each) is not None for each in range(1, 13)) <= 5 + 3
        for each in range(13):
            holder = peers.by_name(f"user{each}")
            assert holder is None or (holder.username, holder.access_hash) == (f"user{each}", holder.id * 10)


def test_empty_ones_are_passed_over() -> None:
    """Telegram sends them for what is gone."""
    assert len(directory(types.UserEmpty(1), types.ChatEmpty(2), None)) == 0
