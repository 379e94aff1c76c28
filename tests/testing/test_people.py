"""The kit's part for who there is: what it makes, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actors.testing import Loopback, LoopbackFailed


@pytest.fixture
def telegram(loopback: Loopback) -> Loopback:
    """A server with a club, and somebody who isn't in it."""
    loopback.add_channel("club", members=["jim"])
    loopback.add_account("kay")
    return loopback


def test_a_group_holds_a_copy_of_a_post_for_each_member_with_its_own_id(telegram: Loopback) -> None:
    """The id that post() returns is the author's."""
    telegram.add_account("ann")
    telegram.post("ann", "noise", author="ann")
    telegram.add_group("trio", members=["bob", "ann", "cid"])
    assert telegram.post("trio", "hi") == 2  # its first message says that it was made
    held = [[(m.id, m.chat, m.sender, m.out) for m in telegram.messages(name)][-1] for name in ("ann", "bob", "cid")]
    assert held == [(3, "trio", "bob", False), (2, "trio", "bob", True), (2, "trio", "bob", False)]


def test_members_come_and_go_in_groups_as_in_channels(telegram: Loopback) -> None:
    """Who has left gets no more copies."""
    telegram.add_group("tent", members=["dot", "eli"])
    telegram.add_account("fay")
    telegram.join("tent", "fay")
    telegram.leave("tent", "eli")
    telegram.post("tent", "still here?", author="fay")
    assert [m.text for m in telegram.messages("dot")] == ["still here?"]
    assert telegram.messages("eli") == []


def test_a_bot_has_a_token_of_its_own_and_no_secret_is_logged(telegram: Loopback) -> None:
    """Neither token nor password is in the server's log."""
    first, second = telegram.add_bot("one_bot"), telegram.add_bot("two_bot")
    assert first != second
    telegram.add_account("gil")
    telegram.set_password("gil", "correct horse")
    assert first not in telegram.stderr()
    assert "correct horse" not in telegram.stderr()


def test_nothing_is_scheduled_at_first(telegram: Loopback) -> None:
    """The count is what was sent."""
    assert telegram.send_scheduled() == 0


@pytest.mark.parametrize(
    "command",
    [
        lambda telegram: telegram.add_group("nobody's", members=[]),
        lambda telegram: telegram.add_group("solid", members=["hal"]) and telegram.add_group("solid", members=["hal"]),
        lambda telegram: telegram.set_password("stranger", "x"),
        lambda telegram: telegram.promote("nowhere", "stranger"),
        lambda telegram: telegram.promote("club", "kay"),
        lambda telegram: telegram.promote("club", "jim", rights=["fly"]),
        lambda telegram: telegram.invite_link("nowhere"),
        lambda telegram: telegram.deactivate("stranger"),
        lambda telegram: telegram.add_bot("twin_bot") and telegram.add_bot("twin_bot"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why(
    telegram: Loopback, command: Callable[[Loopback], object]
) -> None:
    """LoopbackFailed with a sentence."""
    with pytest.raises(LoopbackFailed, match=r"\w+ \w+ \w+"):
        command(telegram)


def test_a_post_in_a_group_by_an_outsider_is_refused(telegram: Loopback) -> None:
    """A group's messages are its members'."""
    telegram.add_group("inner", members=["ida"])
    telegram.add_account("jon")
    with pytest.raises(LoopbackFailed, match="is not in"):
        telegram.post("inner", "hello?", author="jon")
