"""Access hashes that the server refuses: each operation finds its peer anew, and says so clearly when it can't."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pykka
import pytest

import actors
from actors.operations import DialogsPosition, HistoryPosition, ParticipantsPosition
from actors.testing import Loopback
from tests.operations.every_operation import OPERATIONS, WITHOUT_PEER, Scene, public_operations
from tests.support import Collector, eventually, received

NOWHERE: dict[type, str] = {actors.ScrapeParticipants: "bob"}
"""Chats that an operation isn't for."""

WALKS = [
    pytest.param(kind, chat, id=f"{kind.__name__} {chat}")
    for kind in OPERATIONS
    for chat in ("bob", "club")
    if NOWHERE.get(kind) != chat
]


@dataclass
class Known:
    """Who is there: alice and eve, who both know bob and the club, each by hashes of her own."""

    telegram: Loopback
    alice: actors.SessionRef
    eve: actors.SessionRef
    mine: dict[str, actors.Peer]
    foreign: dict[str, actors.Peer]
    scenes: dict[str, Scene]

    def stranger(self) -> actors.Peer:
        """Return a Peer of eve's whom alice has never met."""
        self.telegram.add_account("stranger")
        found: actors.Peer = self.eve.ask(actors.SendMessage("stranger", "hello")).chat
        return found

    def calls(self, method: str) -> int:
        """Return how often alice has called a method since her hashes went stale."""
        return [str(call) for call in self.telegram.calls("alice")].count(method)


@pytest.fixture
def known(telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector], tmp_path: Path) -> Known:
    """Everybody has met, and each chat has a file and some messages."""
    telegram.add_channel("club", members=["alice", "bob", "eve"], messages=5)
    alice = system.start_session(telegram.add_session("alice"))
    eve = system.start_session(telegram.add_session("eve"))
    scenes = {}
    for chat in ("bob", "club"):
        (tmp_path / chat).mkdir()
        scenes[chat] = Scene(tmp_path / chat, 0, collector)
        scenes[chat].file_message = alice.ask(actors.SendFile(chat, scenes[chat].a_file())).id
    mine = {chat: alice.ask(actors.SendMessage(chat, "hello")).chat for chat in scenes}
    foreign = {chat: eve.ask(actors.SendMessage(chat, "hello")).chat for chat in scenes}
    telegram.forget_calls("alice")
    return Known(telegram, alice, eve, mine, foreign, scenes)


SPELLINGS: dict[str, Callable[[Known, str], Any]] = {
    "name": lambda _, chat: f"@{chat}",
    "id": lambda known, chat: known.mine[chat].id if chat == "bob" else -1_000_000_000_000 - known.mine[chat].id,
    "Peer": lambda known, chat: known.mine[chat],
    "Peer of another account": lambda known, chat: known.foreign[chat],
}


def test_the_walk_leaves_no_operation_out() -> None:
    """A new one has to say how it is made for a chat, or why it has none."""
    assert set(OPERATIONS) | set(WITHOUT_PEER) == public_operations()
    assert not set(OPERATIONS) & set(WITHOUT_PEER)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(("kind", "chat"), WALKS)
def test_every_operation_survives_a_stale_hash(known: Known, kind: type, chat: str, spelling: str) -> None:
    """The peer is resolved anew, once, and the operation goes on."""
    peer = SPELLINGS[spelling](known, chat)
    known.telegram.rotate_hashes("alice")
    operation = OPERATIONS[kind](peer, known.scenes[chat])
    assert known.alice.ask(operation, timeout=20)
    asked_by_hash = (kind, chat) != (actors.DownloadFile, "bob")  # messages.getMessages takes none
    assert known.calls("contacts.resolveUsername") == int(asked_by_hash)
    known.alice.ask(OPERATIONS[kind](peer, known.scenes[chat]), timeout=20)
    assert known.calls("contacts.resolveUsername") == int(asked_by_hash)


@pytest.mark.parametrize(("kind", "chat"), [walk for walk in WALKS if walk.id != "DownloadFile bob"])
def test_every_operation_says_whom_it_cannot_address_any_more(known: Known, kind: type, chat: str) -> None:
    """Nobody has the username by now, so that nothing leads to a new hash."""
    known.telegram.set_username(chat, None, told=False)
    known.telegram.rotate_hashes("alice")
    with pytest.raises(actors.PeerLost, match="nobody has its username any more") as caught:
        known.alice.ask(OPERATIONS[kind](known.mine[chat], known.scenes[chat]), timeout=20)
    assert caught.value.peer in (known.mine[chat].id, -1_000_000_000_000 - known.mine[chat].id)


def positions(known: Known, peers: dict[str, actors.Peer]) -> dict[str, actors.ResumableOperation[Any]]:
    """Return operations that go on from checkpoints in which these peers are."""
    club, bob = peers["club"], peers["bob"]
    top = known.alice.ask(actors.ScrapeHistory("club", limit=1)).messages[0]
    return {
        "history": actors.ScrapeHistory(
            "club", resume=actors.Checkpoint(HistoryPosition(club, actors.HistoryOrder.NEWEST_FIRST, top.id))
        ),
        "search": actors.ScrapeHistory(
            "club",
            author="bob",
            resume=actors.Checkpoint(HistoryPosition(club, actors.HistoryOrder.NEWEST_FIRST, 0, bob)),
        ),
        "participants": actors.ScrapeParticipants(
            "club", resume=actors.Checkpoint(ParticipantsPosition(club, offset=1), done=1)
        ),
        "dialogs after a person": actors.ScrapeDialogs(
            resume=actors.Checkpoint(DialogsPosition(top.date, top.id, bob))
        ),
        "dialogs after a channel": actors.ScrapeDialogs(
            resume=actors.Checkpoint(DialogsPosition(top.date, top.id, club))
        ),
    }


@pytest.mark.parametrize("whose", ["mine", "foreign"])
@pytest.mark.parametrize(
    "what", ["history", "search", "participants", "dialogs after a person", "dialogs after a channel"]
)
def test_a_checkpoint_with_hashes_that_are_no_good_goes_on(known: Known, what: str, whose: str) -> None:
    """Old ones, and those of another session: what is read is the same."""
    for each in ("bob", "club"):
        known.telegram.post(each, "once more", author="alice")
    expected = known.alice.ask(positions(known, known.mine)[what], timeout=20)
    going_on = positions(known, getattr(known, whose))[what]
    known.telegram.rotate_hashes("alice")
    found = known.alice.ask(going_on, timeout=20)
    if isinstance(expected, actors.ScrapedMessages):
        assert [message.id for message in found.messages] == [message.id for message in expected.messages]
        assert len(found.messages) >= 1
    elif isinstance(expected, actors.ScrapedParticipants):
        assert [each.id for each in found.participants] == [each.id for each in expected.participants]
    else:
        assert [each.chat.key for each in found.dialogs] == [each.chat.key for each in expected.dialogs]


def test_an_upload_of_another_session_goes_on(known: Known) -> None:
    """To the chat that its checkpoint names by a foreign hash."""
    path = known.scenes["bob"].a_file()
    known.telegram.fail("messages.sendMedia", account="alice", error="MEDIA_EMPTY", times=1)
    with pytest.raises(actors.OperationError) as caught:
        known.alice.ask(actors.SendFile("bob", path), timeout=20)
    checkpoint = caught.value.checkpoint
    assert checkpoint.position.chat == known.mine["bob"]
    known.telegram.rotate_hashes("alice")
    sent = known.alice.ask(actors.SendFile("bob", path, resume=checkpoint), timeout=20)
    assert known.telegram.messages("bob")[-1].random_id == sent.random_id == checkpoint.position.random_id


def test_one_stale_hash_among_many_chats_is_found(known: Known) -> None:
    """messages.getPeerDialogs doesn't say whose it is, so the chats are asked about by halves."""
    names = [f"room{number}" for number in range(8)]
    for name in names:
        known.telegram.add_channel(name, members=["alice"])
    collector = known.scenes["club"].to
    known.alice.ask(actors.Monitor(names, to=collector))
    known.telegram.forget_calls("alice")
    stranger = known.stranger()
    known.alice.ask(actors.Monitor([*names[:3], stranger, *names[3:]], to=collector))
    assert known.calls("contacts.resolveUsername") == 1
    assert known.calls("messages.getPeerDialogs") <= 1 + 2 * 4 + 1


def test_a_monitor_reads_what_it_missed_through_a_stale_hash(known: Known) -> None:
    """Nobody asked for that: catching up is an operation of the session's own."""
    collector = known.scenes["club"].to
    known.alice.ask(actors.Monitor(["club", "bob"], to=collector))
    known.telegram.post("club", "missed", author="bob", push=False)
    known.telegram.rotate_hashes("alice")
    known.telegram.disconnect("alice")
    eventually(lambda: said(collector) == ["missed"])
    known.telegram.post("club", "after", author="bob")
    known.telegram.post("alice", "in private", author="bob")
    texts = eventually(lambda: found if len(found := said(collector)) == 3 else None)
    assert sorted(texts) == ["after", "in private", "missed"]
    assert texts.index("missed") < texts.index("after")


def test_a_loss_that_telethon_notices_with_a_stale_hash_is_read_too(known: Known) -> None:
    """It asks with the hash that came with the update (updates.getChannelDifference)."""
    collector = known.scenes["club"].to
    known.alice.ask(actors.Monitor(["club"], to=collector))
    known.telegram.post("club", "heard", author="bob")
    eventually(lambda: said(collector) == ["heard"])
    known.telegram.rotate_hashes("alice")
    known.telegram.post("club", "missed", author="bob", push=False)
    known.telegram.post("club", "after", author="bob")
    eventually(lambda: said(collector) == ["heard", "missed", "after"])


def test_a_channel_that_shares_its_number_with_a_user_loses_nothing(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """The difference of the channel is asked for with its own hash, whoever with that number wrote last."""
    number = telegram.add_account("twin")
    telegram.add_channel("twins", members=["bob", "alice"], number=number)
    alice.ask(actors.Monitor(["twins"], to=collector))
    telegram.post("twins", "heard", author="bob")
    eventually(lambda: said(collector) == ["heard"])
    telegram.post("alice", "I am the person", author="twin")
    eventually(lambda: alice.ask(actors.Call("met", _has_met, -1_000_000_000_000 - number, "@twin")))
    telegram.post("twins", "missed", author="bob", push=False)
    telegram.veil("twins", "no hash")
    telegram.post("twins", "after", author="bob")
    eventually(lambda: said(collector) == ["heard", "missed", "after"])
    assert "channels.getMessages" not in telegram.calls("alice")
    assert "messages.getHistory" not in telegram.calls("alice")


async def _has_met(client: actors.Client, *peers: str | int) -> bool:
    return len([await client.resolve(peer) for peer in peers]) == len(peers)


@pytest.mark.parametrize("by_id", [False, True], ids=["name", "id"])
@pytest.mark.parametrize("chat", ["bob", "club"])
def test_a_raw_request_survives_a_stale_hash(known: Known, chat: str, *, by_id: bool) -> None:
    """It is sent once more, with the new one."""

    async def look(client: actors.Client) -> int:
        peer = await client.resolve(chat)
        marked = peer.id if peer.kind == "user" else -1_000_000_000_000 - peer.id
        return len(await client.telethon.get_messages(marked if by_id else chat, limit=1))

    known.telegram.rotate_hashes("alice")
    assert known.alice.ask(actors.Call("look", look), timeout=20) == 1
    assert known.calls("contacts.resolveUsername") == 1
    assert known.calls("messages.getHistory") == 2


def said(collector: pykka.ActorRef[Collector]) -> list[str]:
    """Return the texts that a monitor's subscriber has."""
    return [event.message.text for event in received(collector) if isinstance(event, actors.MessageReceived)]


@pytest.mark.parametrize("trouble", ["RPC_CALL_FAIL", None])
def test_a_file_reference_that_expired_is_no_failure(known: Known, trouble: str | None) -> None:
    """Whatever failed before it: the message has a new one."""
    scene = known.scenes["club"]
    if trouble is not None:
        known.telegram.fail("upload.getFile", account="alice", error=trouble, code=500, times=1)
    known.telegram.fail("upload.getFile", account="alice", error="FILE_REFERENCE_EXPIRED", times=1)
    kept = known.alice.ask(actors.DownloadFile("club", scene.file_message, scene.a_path("")), timeout=20)
    assert Path(kept.path).read_bytes() == scene.a_file().read_bytes()
    known.telegram.fail("upload.getFile", account="alice", error="FILE_REFERENCE_EXPIRED")
    with pytest.raises(actors.TelegramError, match="FILE_REFERENCE_EXPIRED"):
        known.alice.ask(actors.DownloadFile("club", scene.file_message, scene.a_path("")), timeout=20)
