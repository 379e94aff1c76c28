"""Who may do what, decided purely: every role against every kind of chat."""

from __future__ import annotations

import pytest

from actors.testing.server.world.parties import Account, Admin, Ban, Channel, Chat, Group
from actors.testing.server.world.roles import ban_of, is_denied, may, outranks

CREATOR, ADMIN, OTHER, MEMBER, OUTSIDER = [Account(number, f"a{number}", None) for number in range(1, 6)]
MEMBERS = {account.id: 0 for account in (CREATOR, ADMIN, OTHER, MEMBER)}


def _with_roles(chat: Chat) -> Chat:
    chat.members.update(MEMBERS)
    chat.admins[ADMIN.id] = Admin(frozenset({"ban_users", "post_messages"}), by=CREATOR.id, date=0)
    chat.admins[OTHER.id] = Admin(frozenset({"change_info"}), by=ADMIN.id, date=0)
    return chat


def _channel(*, broadcast: bool) -> Channel:
    return Channel(id=10, title="c", username=None, broadcast=broadcast, creator=CREATOR.id, date=0)


CHATS = {
    "group": _with_roles(Group(id=9, title="g", creator=CREATOR.id, date=0)),
    "supergroup": _with_roles(_channel(broadcast=False)),
    "channel": _with_roles(_channel(broadcast=True)),
}


@pytest.mark.parametrize("chat", CHATS)
def test_the_creator_may_everything_and_an_outsider_nothing(chat: str) -> None:
    """Whatever kind of chat it is."""
    for right in ("ban_users", "pin_messages", "invite_users", "add_admins"):
        assert may(CHATS[chat], CREATOR, right)
        assert not may(CHATS[chat], OUTSIDER, right)


@pytest.mark.parametrize(
    ("chat", "right", "member", "admin"),
    [
        ("group", "pin_messages", True, True),
        ("group", "ban_users", False, True),
        ("supergroup", "invite_users", True, True),
        ("supergroup", "pin_messages", False, False),
        ("supergroup", "ban_users", False, True),
        ("channel", "invite_users", False, False),
        ("channel", "post_messages", False, True),
    ],
)
def test_members_may_what_all_may_and_administrators_what_they_were_given(
    chat: str, right: str, member: bool, admin: bool
) -> None:
    """A new supergroup keeps pins and its name to its administrators."""
    assert (may(CHATS[chat], MEMBER, right), may(CHATS[chat], ADMIN, right)) == (member, admin)


def test_rank_goes_by_who_promoted_whom() -> None:
    """Nobody is above the creator; an administrator is above its own ones and above members."""
    chat = CHATS["supergroup"]
    assert not outranks(chat, ADMIN, CREATOR)
    assert outranks(chat, ADMIN, OTHER)
    assert not outranks(chat, OTHER, ADMIN)
    assert outranks(chat, OTHER, MEMBER)
    assert outranks(chat, CREATOR, ADMIN)


@pytest.mark.parametrize(("until", "now", "denied"), [(0, 10**9, True), (50, 49, True), (50, 50, False)])
def test_a_ban_ends_at_its_time_or_never(until: int, now: int, denied: bool) -> None:
    """0 is for ever."""
    channel = _channel(broadcast=False)
    channel.bans[MEMBER.id] = Ban(frozenset({"send_messages"}), by=CREATOR.id, date=0, until=until)
    assert is_denied(channel, MEMBER, "send_messages", now) is denied
    assert (ban_of(channel, MEMBER, now) is not None) is denied
