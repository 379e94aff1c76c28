"""The traps of the error table, said by a server: by code and message, through Telethon, to whoever asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from telethon import functions

import actors
from actors.model.errors import Verdict
from actors.testing import Loopback
from tests.support import eventually, quick_system
from tests.telegram.conftest import Desk

pytestmark = pytest.mark.xdist_group("errors on the wire")  # what they share is made once

READ = "messages.getHistory"
SEND = "messages.sendMessage"


@pytest.fixture(scope="module")
def system() -> Iterator[actors.System]:
    """One system for all of them: the errors don't depend on how it is hosted."""
    with quick_system() as system:
        yield system


class Wire:
    """A session of an account that nobody else has, another account to write to, and their server."""

    def __init__(self, desk: Desk, system: actors.System) -> None:
        self.telegram: Loopback = desk.telegram
        self.bob = desk.config("bob").name
        self.name = desk.name("alice")
        self.alice = system.start_session(self.telegram.add_session(self.name))

    def fail(self, method: str, error: str, *, code: int | None = None, times: int | None = 1) -> None:
        """Have the next calls of the session refused."""
        self.telegram.fail(method, account=self.name, error=error, code=code, times=times)

    def read(self) -> actors.ScrapeHistory:
        """Return an operation that reads, with nothing to fall back on."""
        return actors.ScrapeHistory("me", limit=1).with_(retries=0, wait_timeout=2, run_timeout=2)

    def send(self, text: str, random_id: int = 0) -> actors.SendMessage:
        """Return an operation that writes to Bob."""
        return actors.SendMessage(self.bob, text, random_id=random_id)

    def refusal(self) -> actors.TelegramError:
        """Return what a read ends with."""
        with pytest.raises(actors.TelegramError) as caught:
            self.alice.ask(self.read(), timeout=10)
        return caught.value

    def arrived(self) -> list[str]:
        """Return the texts that Bob has."""
        return [message.text for message in self.telegram.messages(self.bob)]

    def called(self, method: str) -> int:
        """Return how often the session called a method."""
        return [str(call) for call in self.telegram.calls(self.name)].count(method)


@pytest.fixture
def wire(desk: Desk, system: actors.System) -> Iterator[Wire]:
    """Lend one, and stop its session."""
    wire = Wire(desk, system)
    yield wire
    if wire.alice.is_alive():
        wire.alice.stop()


TRAPS = [
    # Every unknown 406 is Telethon's generic AuthKeyError, and no key is at fault.
    (None, "PRIVACY_PREMIUM_REQUIRED", 406, Verdict.RECIPIENT_PERMANENT),
    (403, "PRIVACY_PREMIUM_REQUIRED", 403, Verdict.RECIPIENT_PERMANENT),
    (406, "NEVER_SEEN_BEFORE", 406, Verdict.UNKNOWN),
    (None, "FRESH_CHANGE_PHONE_FORBIDDEN", 406, Verdict.OPERATION_PERMANENT),
    # A 401 that is a step of logging in, and one that nobody knows.
    (None, "SESSION_PASSWORD_NEEDED", 401, Verdict.OPERATION_PERMANENT),
    (401, "NEVER_SEEN_BEFORE", 401, Verdict.UNKNOWN),
    # 420s without seconds are FloodError, which has none; those with seconds are waits.
    (420, "FLOOD_SKIP", 420, Verdict.UNKNOWN),
    (420, "NEVER_SEEN_BEFORE", 420, Verdict.UNKNOWN),
    (None, "FLOOD_WAIT_400", 420, Verdict.RETRY_AFTER),
    (None, "FLOOD_PREMIUM_WAIT_400", 420, Verdict.RETRY_AFTER),
    (None, "FLOOD_NEVER_SEEN_400", 420, Verdict.RETRY_AFTER),
    # 403s, 400s and 303s by their names alone.
    (None, "ALLOW_PAYMENT_REQUIRED_50", 403, Verdict.RECIPIENT_PERMANENT),
    (None, "CHAT_SEND_ROUNDVIDEOS_FORBIDDEN", 403, Verdict.CHAT_PERMANENT),
    (403, "NEVER_SEEN_BEFORE", 403, Verdict.UNKNOWN),
    (None, "TOPIC_CLOSED", 400, Verdict.CHAT_PERMANENT),
    (None, "FILE_REFERENCE_0_EXPIRED", 400, Verdict.REFRESH_INPUT),
    (400, "NEVER_SEEN_AND_INVALID", 400, Verdict.OPERATION_PERMANENT),
    (400, "NEVER_SEEN_BEFORE", 400, Verdict.UNKNOWN),
    (303, "NEVER_SEEN_BEFORE", 303, Verdict.UNKNOWN),
    (None, "FILE_MIGRATE_4", 303, Verdict.OPERATION_PERMANENT),
    # 5xx: the server's trouble, also the timeout that isn't asyncio's, but for what is none.
    (None, "TIMEOUT", 503, Verdict.TRANSIENT),
    (-503, "Timeout", 503, Verdict.TRANSIENT),
    (503, "NEVER_SEEN_BEFORE", 503, Verdict.TRANSIENT),
    (500, "NEVER_SEEN_BEFORE", 500, Verdict.TRANSIENT),
    (-500, "No workers running", 500, Verdict.TRANSIENT),
    (None, "UNKNOWN_METHOD", 500, Verdict.OPERATION_PERMANENT),
]


@pytest.mark.parametrize(("code", "message", "told", "verdict"), TRAPS, ids=[f"{c or 'own'} {m}" for c, m, *_ in TRAPS])
def test_an_error_is_judged_by_its_name_and_the_session_lives_on(
    wire: Wire, code: int | None, message: str, told: int, verdict: Verdict
) -> None:
    """By code and message, as the server says them; what comes after is answered by the same connection."""
    wire.fail(READ, message, code=code, times=None)
    refusal = wire.refusal()
    assert (refusal.verdict, refusal.code, refusal.method) == (verdict, told, READ)
    wire.telegram.heal()
    assert wire.alice.ask(wire.send("still here"), timeout=10).random_id
    status = wire.alice.status()
    assert (status.phase, status.connects) == (actors.Phase.ONLINE, 1)


def test_a_wait_is_told_with_its_seconds_and_its_kind(wire: Wire) -> None:
    """The limit of accounts without Premium is a wait like another."""
    wire.fail(READ, "FLOOD_PREMIUM_WAIT_400")
    refusal = wire.refusal()
    assert isinstance(refusal, actors.FloodWait)
    assert refusal.name == "FLOOD_PREMIUM_WAIT"
    assert 398 < refusal.retry_after <= 400


def test_slow_mode_holds_its_chat_and_no_other(wire: Wire, desk: Desk) -> None:
    """The same method goes on elsewhere."""
    news = desk.channel(wire.name, wire.bob)
    wire.telegram.fail(SEND, account=wire.name, chat=news, error="SLOWMODE_WAIT_400", times=1)
    with pytest.raises(actors.FloodWait) as caught:
        wire.alice.ask(actors.SendMessage(news, "hello").with_(wait_timeout=2, run_timeout=2), timeout=10)
    assert caught.value.name == "SLOWMODE_WAIT"
    wire.alice.ask(wire.send("elsewhere"), timeout=10)
    assert [hold.key for hold in wire.alice.status().holds] == [f"chat:{caught.value.chat}"]


def test_a_peer_flood_is_a_400_that_stops_writing_and_not_reading(wire: Wire) -> None:
    """Until somebody lifts it."""
    wire.fail(SEND, "PEER_FLOOD")
    with pytest.raises(actors.TelegramError) as caught:
        wire.alice.ask(wire.send("hello"), timeout=10)
    assert (caught.value.code, caught.value.verdict) == (400, Verdict.ACCOUNT_RESTRICTED)
    wire.alice.ask(wire.read(), timeout=10)
    assert [hold.key for hold in wire.alice.status().holds] == ["writing"]


@pytest.mark.parametrize(
    ("message", "code", "verdict"),
    [
        ("AUTH_KEY_DUPLICATED", 406, Verdict.SESSION_DEAD),
        ("AUTH_KEY_UNREGISTERED", 401, Verdict.SESSION_DEAD),
        ("USER_DEACTIVATED_BAN", 401, Verdict.ACCOUNT_DEAD),
        ("API_ID_PUBLISHED_FLOOD", 400, Verdict.CONFIGURATION),
    ],
)
def test_an_error_that_ends_the_session_ends_it(wire: Wire, message: str, code: int, verdict: Verdict) -> None:
    """A 406 among them that is what its class says. Nothing is tried again, and no connection made."""
    wire.fail(READ, message, times=None)
    refusal = wire.refusal()
    assert (refusal.name, refusal.code, refusal.verdict) == (message, code, verdict)
    eventually(lambda: not wire.alice.is_alive())
    assert wire.called(READ) == 1


def test_a_transient_error_is_tried_again(wire: Wire) -> None:
    """The server's own timeout is one; asyncio's would have been the caller's."""
    wire.fail(READ, "TIMEOUT", code=-503)
    found = wire.alice.ask(actors.ScrapeHistory("me", limit=1), timeout=10)
    assert (found.messages, wire.called(READ)) == ((), 2)


# Already done.


def test_what_is_done_already_is_a_success(wire: Wire) -> None:
    """An operation without an answer of its own for it gives None."""

    async def join(client: actors.Client) -> str:
        await client.telethon(functions.messages.ImportChatInviteRequest("hash"))
        return "joined"

    wire.fail("messages.importChatInvite", "USER_ALREADY_PARTICIPANT")
    assert wire.alice.ask(actors.Call("join", join), timeout=10) is None
    assert wire.alice.status().outcomes == {"done": 1}


@dataclass(frozen=True)
class Join(actors.Operation[str]):
    """Joins by a link, and knows its answers."""

    async def run(self, client: actors.Client, context: actors.OperationContext) -> str:
        """Join."""
        del context
        await client.telethon(functions.messages.ImportChatInviteRequest("hash"))
        return "joined"

    def already_done(self, error: actors.TelegramError) -> str:
        """Tell a member from one who waits to be let in; the third is nobody's business."""
        return {"USER_ALREADY_PARTICIPANT": "member", "INVITE_REQUEST_SENT": "pending"}[error.name]


@pytest.mark.parametrize(
    ("message", "answer"), [("USER_ALREADY_PARTICIPANT", "member"), ("INVITE_REQUEST_SENT", "pending")]
)
def test_an_operation_answers_by_the_error_what_was_done_already(wire: Wire, message: str, answer: str) -> None:
    """Its hook gets the error, and with it the name."""
    wire.fail("messages.importChatInvite", message)
    assert wire.alice.ask(Join(), timeout=10) == answer


def test_what_the_hook_raises_is_the_outcome(wire: Wire) -> None:
    """And the session goes on."""
    wire.fail("messages.importChatInvite", "CHAT_NOT_MODIFIED")
    with pytest.raises(KeyError):
        wire.alice.ask(Join(), timeout=10)
    assert wire.alice.ask(wire.send("still here"), timeout=10).random_id


def test_a_page_that_was_done_already_is_no_success_of_the_whole(wire: Wire) -> None:
    """Nobody knows of the other pages."""
    wire.fail(READ, "MESSAGE_NOT_MODIFIED")
    assert wire.refusal().verdict is Verdict.ALREADY_DONE


# The random_id that is known already.


def test_a_duplicate_random_id_is_tried_again_and_the_message_arrives_once(wire: Wire) -> None:
    """The original was in flight; the identical request is answered."""
    wire.fail(SEND, "RANDOM_ID_DUPLICATE")
    sent = wire.alice.ask(wire.send("once"), timeout=20)
    held = wire.telegram.messages(wire.bob)
    assert [(message.text, message.random_id) for message in held] == [("once", sent.random_id)]
    assert (wire.called(SEND), wire.called(READ)) == (2, 0)


def test_a_random_id_that_stays_a_duplicate_is_looked_up_in_the_chat(wire: Wire) -> None:
    """The reply was lost; then the server says that it knows it, and no more than that."""
    wire.telegram.fail(SEND, account=wire.name, drop="after", times=1)
    wire.fail(SEND, "RANDOM_ID_DUPLICATE", times=None)
    sent = wire.alice.ask(wire.send("  once "), timeout=30)
    assert wire.arrived() == ["  once "]
    assert [message.id for message in wire.telegram.messages(wire.name)] == [sent.id]
    assert (wire.called(SEND), wire.called(READ)) == (3, 1)


def test_a_duplicate_that_is_nowhere_has_an_unknown_outcome(wire: Wire) -> None:
    """A message with the same text that was answered is another one's, and one that came in is nobody's."""
    wire.alice.ask(wire.send("hello"), timeout=10)
    wire.telegram.post(wire.name, "hello", author=wire.bob)
    wire.fail(SEND, "RANDOM_ID_DUPLICATE", times=None)
    with pytest.raises(actors.OutcomeUnknown) as caught:
        wire.alice.ask(wire.send("hello", random_id=7), timeout=20)
    assert caught.value.random_id == 7
    assert (wire.called(SEND), wire.called(READ)) == (3, 1)


def test_without_retries_a_duplicate_has_an_unknown_outcome(wire: Wire) -> None:
    """The caller can repeat it by the random_id, and gets the original."""
    wire.fail(SEND, "RANDOM_ID_DUPLICATE")
    with pytest.raises(actors.OutcomeUnknown) as caught:
        wire.alice.ask(wire.send("once").with_(retries=0), timeout=10)
    sent = wire.alice.ask(wire.send("once", random_id=caught.value.random_id), timeout=10)
    assert (wire.arrived(), sent.random_id) == (["once"], caught.value.random_id)


def test_a_duplicate_to_oneself_is_found(wire: Wire) -> None:
    """That chat is one like another, though Telegram doesn't call its messages outgoing."""
    wire.telegram.fail(SEND, account=wire.name, drop="after", times=1)
    wire.fail(SEND, "RANDOM_ID_DUPLICATE", times=None)
    sent = wire.alice.ask(actors.SendMessage("me", "a note"), timeout=30)
    assert [message.id for message in wire.telegram.messages(wire.name)] == [sent.id]


def test_a_duplicate_in_a_topic_is_found(wire: Wire) -> None:
    """Who names a topic writes in it, and answers nothing; the same text in the General topic is another message."""
    forum = f"forum_{wire.name}"
    wire.telegram.add_channel(forum, members=[wire.name])
    topic = wire.telegram.add_topic(forum, "cats")
    for text, reply_to in (("meow", topic), ("purr", None)):
        wire.telegram.heal(wire.name)
        wire.telegram.post(forum, text, author=wire.name, reply_to=None if reply_to else topic)
        wire.telegram.fail(SEND, account=wire.name, drop="after", times=1)
        wire.fail(SEND, "RANDOM_ID_DUPLICATE", times=None)
        sent = wire.alice.ask(actors.SendMessage(f"@{forum}", text, reply_to=reply_to), timeout=30)
        assert [m.id for m in wire.telegram.channel_messages(forum) if m.random_id == sent.random_id] == [sent.id]


def test_a_file_that_stays_a_duplicate_is_found_by_its_name_and_size(wire: Wire, tmp_path: Path) -> None:
    """Another one with the same caption is not taken for it."""
    path, other = tmp_path / "report.txt", tmp_path / "other.txt"
    path.write_bytes(b"of nine b")
    other.write_bytes(b"of more bytes")
    wire.telegram.fail("messages.sendMedia", account=wire.name, drop="after", times=1)
    wire.fail("messages.sendMedia", "RANDOM_ID_DUPLICATE", times=None)
    sent = wire.alice.ask(actors.SendFile(wire.bob, path, "read this"), timeout=30)
    assert [message.id for message in wire.telegram.messages(wire.name)] == [sent.id]
    with pytest.raises(actors.OutcomeUnknown):
        wire.alice.ask(actors.SendFile(wire.bob, other, "read this"), timeout=30)
