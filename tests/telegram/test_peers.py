"""The directory of peers."""

from __future__ import annotations

import pytest
from telethon import types

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


def test_an_id_of_its_own_means_the_user_and_a_marked_one_says_what_it_is() -> None:
    """Users and channels are numbered apart."""
    peers = directory(NEWS, BOB, GROUP)
    assert [peers.by_id(number).kind for number in (7, -1_000_000_000_007, -9, 9)] == [
        "user",
        "channel",
        "chat",
        "chat",
    ]


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


def test_a_doubted_peer_keeps_its_id_and_loses_its_names() -> None:
    """The next resolve by name asks Telegram."""
    peers = directory(BOB)
    peers.doubt(peers.by_id(7))
    assert (peers.by_name("bob_by"), peers.by_id(7).access_hash) == (None, 70)


def test_empty_ones_are_passed_over() -> None:
    """Telegram sends them for what is gone."""
    assert len(directory(types.UserEmpty(1), types.ChatEmpty(2), None)) == 0
