"""Names and numbers that operations are given: whom they mean, and when they mean nobody or somebody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from telethon import functions, types

import actors
from actors.testing import Loopback
from tests.support import eventually

RESOLVE = "contacts.resolveUsername"


def calls(telegram: Loopback, method: str) -> int:
    """Return how often alice has called a method."""
    return [str(call) for call in telegram.calls("alice")].count(method)


def texts(telegram: Loopback, *names: str) -> list[list[str]]:
    """Return what each account was sent."""
    return [[message.text for message in telegram.messages(name)] for name in names]


def test_a_send_goes_to_who_has_the_name_now(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Telegram tells those who have a chat with its holder that it moved."""
    for name in ("bob", "eve"):
        telegram.add_account(name)
        alice.ask(actors.SendMessage(name, "hello"))
    telegram.set_username("bob", "robert")
    telegram.set_username("eve", "bob")
    sent = eventually(lambda: _sent_to(alice, "@bob", "eve"))
    assert texts(telegram, "eve")[0][-1] == sent


def _sent_to(alice: actors.SessionRef, name: str, title: str) -> str | None:
    """Send to a name once it means somebody who is called so; return the text."""

    async def means(client: actors.Client) -> str:
        return (await client.resolve(name)).title

    if alice.ask(actors.Call("look", means)) != title:
        return None
    alice.ask(actors.SendMessage(name, "for you"))
    return "for you"


@pytest.mark.parametrize(
    "make",
    [lambda _: actors.SendMessage("@bob", "again"), lambda path: actors.SendFile("@bob", path)],
    ids=["SendMessage", "SendFile"],
)
def test_a_name_that_moved_in_silence_is_no_longer_written_to(
    telegram: Loopback, system: actors.System, tmp_path: Any, make: Callable[[Any], actors.Operation[Any]]
) -> None:
    """Nobody tells strangers, so a name that wasn't seen for a while is resolved before somebody is written to."""
    (tmp_path / "file").write_bytes(b"content")
    for name in ("bob", "eve"):
        telegram.add_account(name)
    alice = system.start_session(telegram.add_session("alice").with_(names_for=0))
    alice.ask(actors.SendMessage("@bob", "hello"))
    telegram.set_username("bob", "robert", told=False)
    telegram.set_username("eve", "bob", told=False)
    alice.ask(make(tmp_path / "file"))
    assert [len(each) for each in texts(telegram, "bob", "eve")] == [1, 1]


def test_reading_goes_by_what_is_known(telegram: Loopback, system: actors.System) -> None:
    """contacts.resolveUsername is the first method to be flooded."""
    telegram.add_channel("news", members=["bob"], messages=3)
    alice = system.start_session(telegram.add_session("alice").with_(names_for=0))
    for _ in range(3):
        alice.ask(actors.ScrapeHistory("@news", limit=1))
    assert calls(telegram, RESOLVE) == 1


def test_names_are_believed_for_a_day(telegram: Loopback, alice: actors.SessionRef) -> None:
    """By default; None believes them for ever."""
    telegram.add_account("bob")
    for _ in range(3):
        alice.ask(actors.SendMessage("@bob", "hello"))
    assert calls(telegram, RESOLVE) == 1
    config = telegram.add_session("carol")
    assert config.names_for == 86_400
    assert config.with_(names_for=None).names_for is None
    with pytest.raises(actors.InvalidInput, match="names_for"):
        config.with_(names_for=-1)


def test_a_number_that_a_user_and_a_channel_share_is_refused(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Nothing is sent; before somebody with the same number turned up, it was clear."""
    number = telegram.add_account("twin")
    telegram.add_channel("news", members=["alice"], number=number)
    alice.ask(actors.ScrapeHistory("@news", limit=1))
    alice.ask(actors.SendMessage(number, "to the channel"))
    alice.ask(actors.SendMessage("@twin", "hello"))
    telegram.forget_calls("alice")
    with pytest.raises(actors.InvalidInput, match="a user and a channel") as caught:
        alice.ask(actors.SendMessage(number, "to whom?"))
    assert caught.value.field == "peer"
    assert telegram.calls("alice") == []
    alice.ask(actors.SendMessage(-1_000_000_000_000 - number, "to the channel, too"))
    said = [message.text for message in telegram.channel_messages("news")]
    assert said == ["to the channel", "to the channel, too"]
    assert texts(telegram, "twin") == [["hello"]]


@pytest.mark.parametrize("how", ["min", "no hash"])
@pytest.mark.parametrize("spelling", ["@bob", "id", "Peer"])
def test_who_comes_along_without_a_good_hash_can_be_addressed_as_before(
    telegram: Loopback, alice: actors.SessionRef, how: Any, spelling: str
) -> None:
    """What was known stays known."""
    telegram.add_channel("club", members=["alice", "bob"])
    bob = alice.ask(actors.SendMessage("@bob", "hello")).chat
    club = alice.ask(actors.ScrapeHistory("@club", limit=1)).chat
    telegram.veil("bob", how)
    telegram.veil("club", how)
    telegram.post("club", "hi", author="bob")
    assert alice.ask(actors.ScrapeHistory(club, limit=1)).messages[0].text == "hi"
    peers: dict[str, Any] = {"@bob": "@bob", "id": bob.id, "Peer": bob}
    telegram.forget_calls("alice")
    alice.ask(actors.SendMessage(peers[spelling], "again"))
    assert [str(call) for call in telegram.calls("alice")] == ["messages.sendMessage"]


def test_a_peer_of_another_account_without_a_username_is_lost(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef
) -> None:
    """The error says what is wrong, and what to do."""
    telegram.add_channel("den", members=["eve"], public=False)
    eve = system.start_session(telegram.add_session("eve"))
    (den,) = eve.ask(actors.Call("look", _chats_with("den", telegram)))
    with pytest.raises(actors.PeerLost, match="it has no username to find it by; give a username, or read a chat"):
        alice.ask(actors.ScrapeHistory(den, limit=1))


def _chats_with(title: str, telegram: Loopback) -> Callable[[actors.Client], Any]:
    telegram.post(title, "hello")

    async def look(client: actors.Client) -> list[actors.Peer]:
        return [dialog.chat for dialog in (await client.dialogs(limit=10)).dialogs]

    return look


def test_a_name_of_its_own_that_an_account_gave_up_is_somebody_elses(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """Also when a raw request did that: its answer is the user as it is."""

    async def rename(client: actors.Client) -> None:
        await client.telethon(functions.account.UpdateUsernameRequest("alicia"))

    telegram.add_account("dave")
    alice.ask(actors.SendMessage("@alice", "to myself"))
    alice.ask(actors.Call("rename", rename))
    telegram.set_username("dave", "alice", told=False)
    alice.ask(actors.SendMessage("@alice", "to dave"))
    assert texts(telegram, "dave") == [["to dave"]]


def test_a_user_in_a_raw_request_is_never_a_channel_with_that_number(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """Telethon takes a PeerUser for what it says, and asks the session for that."""
    number = telegram.add_channel("news", messages=1, members=["bob", "alice"])
    alice.ask(actors.ScrapeHistory("@news", limit=1))

    async def send(client: actors.Client) -> None:
        await client.telethon.send_message(types.PeerUser(number), "for a user")

    with pytest.raises(actors.TelegramError, match="USER_ID_INVALID"):
        alice.ask(actors.Call("raw", send))
    assert len(telegram.channel_messages("news", limit=10)) == 1


@pytest.mark.parametrize("peer", [None, 1.5, b"bob"])
def test_what_is_no_peer_is_refused_by_the_client_too(alice: actors.SessionRef, peer: Any) -> None:
    """It says so, and asks nobody."""

    async def resolve(client: actors.Client) -> None:
        await client.resolve(peer)

    with pytest.raises(actors.InvalidInput, match="peer"):
        alice.ask(actors.Call("look", resolve))
