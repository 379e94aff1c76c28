"""What the control channel may ask for: accounts, channels, posts, faults, and looks at the state.

Each command is a function of the server and keyword arguments, and returns something that JSON can carry. It raises
CommandError with a sentence for the person at the other end (actors/testing). Run by channel.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from actors.testing.server.clock import clock
from actors.testing.server.control.registry import (
    COMMANDS,
    CommandError,
    account_named as _account,
    channel_named as _channel,
    chat_named as _chat,
    command as _command,
    members_named,
    new_title,
    party_named,
)
from actors.testing.server.faults import Cut, Delay, Fail, Fault, Newer, Outcome, Say, Silence, When
from actors.testing.server.methods.auth import phone_digits
from actors.testing.server.rpc_errors import RpcFailure, code_of
from actors.testing.server.server import Server
from actors.testing.server.world.membership import come, go, join
from actors.testing.server.world.messages import Message, Quote
from actors.testing.server.world.parties import Account, Channel, Group
from actors.testing.server.world.posting import Draft, fill, post
from actors.testing.server.world.world import username_of

__all__ = ["COMMANDS", "CommandError"]


def _now() -> int:
    return clock.now()


def _phone(phone: str) -> str:
    try:
        return phone_digits(phone)
    except RpcFailure:
        raise CommandError("that is no phone number: 5 to 15 digits") from None


@_command
def add_account(server: Server, *, name: str, phone: str | None = None) -> dict[str, Any]:
    """Create an account."""
    account = server.world.add_account(name, phone=None if phone is None else _phone(phone))
    return {"id": account.id, "username": account.username}


@_command
def add_session(server: Server, *, account: str) -> dict[str, Any]:
    """Make a login for an account, creating the account if need be."""
    found = server.world.by_name.get(account) or server.world.add_account(account)
    return {"key": server.keys.mint(found).auth.data.hex(), "id": found.id}


@_command
def add_channel(
    server: Server,
    *,
    name: str,
    messages: int,
    members: list[str],
    broadcast: bool,
    public: bool,
    number: int | None = None,
) -> dict[str, Any]:
    """Create a channel with members (created if need be; the first one is its creator) and a past."""
    now = _now()
    people = members_named(server, members)
    username, title = username_of(name) if public else None, new_title(server, name)
    channel = server.world.add_channel(
        title, creator=people[0], broadcast=broadcast, username=username, now=now, number=number
    )
    for person in people[1:]:
        join(server.world, person, channel, now=now)
    fill(server.world, channel, messages, now=now)
    return {"id": channel.id, "username": channel.username}


@_command
def join_channel(server: Server, *, channel: str, account: str) -> bool:
    """Make an account a member, as if it had joined by itself."""
    return come(server.world, _account(server, account), _chat(server, channel), now=_now())


@_command
def leave_channel(server: Server, *, channel: str, account: str) -> bool:
    """End an account's membership, as if it had left by itself."""
    return go(server.world, _account(server, account), _chat(server, channel), now=_now())


@_command
def post_many(
    server: Server,
    *,
    chat: str,
    texts: list[str],
    author: str | None = None,
    push: bool = True,
    reply_to: int | None = None,
    quote: str | None = None,
) -> list[int]:
    """Say several things in a channel, or to an account; return the ids as the receiving side sees them."""
    party = party_named(server, chat)
    if author is not None:
        sender = _account(server, author)
    elif isinstance(party, Account):
        raise CommandError("a private message needs an author")
    else:
        sender = server.world.accounts[party.creator]
    if isinstance(party, Group) and sender.id not in party.members:
        raise CommandError(f"{sender.name!r} is not in {chat!r}")
    quoted = None if quote is None else Quote(quote)
    drafts = [Draft(text, push=push, reply_to=reply_to, quote=quoted) for text in texts]
    posted = [post(server.world, sender, party, draft, now=_now()).message for draft in drafts]
    return [(message.copies or {}).get(party.id, message.id) for message in posted]


@_command
def forget_updates(server: Server, *, name: str) -> None:
    """Drop the update log of a channel or an account: the next difference is too long."""
    chat = server.world.chat_named(name)
    (chat if isinstance(chat, Channel) else _account(server, name)).log.forget()


def _outcome(
    *,
    error: str | None = None,
    code: int | None = None,
    silence: bool = False,
    delay: float | None = None,
    jitter: float = 0.0,
    drop: str | None = None,
    answer: str | None = None,
    newer: bool = False,
) -> Outcome:
    if [error is not None, silence, delay is not None, drop is not None, answer is not None, newer].count(True) != 1:
        raise CommandError("give exactly one of error, silence, delay, drop, answer and newer")
    if answer is not None:
        return Say(bytes.fromhex(answer))
    if error is not None:
        return Fail(error, code_of(error) if code is None else code)
    if silence:
        return Silence()
    if newer:
        return Newer()
    if delay is not None:
        return Delay(delay, jitter)
    return Cut(When(drop))


@_command
def fail(
    server: Server,
    *,
    method: str,
    account: str | None = None,
    chat: str | None = None,
    times: int | None = None,
    chance: float = 1.0,
    seed: int | None = None,
    **outcome: Any,
) -> None:
    """Script a fault."""
    dice = Random(seed)  # noqa: S311  faults are not secrets
    if account is not None:
        _account(server, account)
    if chat is not None:
        found = server.world.chat_named(chat)
        chat = found.title if found is not None else _account(server, chat).name
    server.faults.add(Fault(_outcome(**outcome), method, account, chat, times, chance, dice))


@_command
def heal(server: Server, *, account: str | None = None) -> None:
    """Forget faults, and make slow lines fast."""
    server.faults.heal(account)
    slowed = list(server.paces) if account is None else [_account(server, account).id]
    for account_id in slowed:
        if server.paces.pop(account_id, None) is not None:
            for connection in server.connections_of(server.world.accounts[account_id]):
                connection.set_pace(None)


@_command
def disconnect(server: Server, *, account: str) -> int:
    """Cut an account's connections; return how many there were."""
    connections = server.connections_of(_account(server, account))
    for connection in connections:
        connection.cut()
    return len(connections)


@_command
def connections(server: Server, *, account: str) -> int:
    """Count an account's live connections."""
    return len(server.connections_of(_account(server, account)))


@_command
def revoke(server: Server, *, account: str, error: str) -> int:
    """Log an account out everywhere; return how many logins that ended."""
    return server.keys.revoke(_account(server, account), error)


@_command
def code(server: Server, *, phone: str) -> str | None:
    """Return the login code last sent to a phone number, or None."""
    sent = server.world.logins.codes.get(_phone(phone))
    return sent.code if sent is not None else None


def _record(server: Server, viewer: Account | None, message: Message) -> dict[str, Any]:
    world = server.world
    party = world.party(message.kind, message.chat)
    return {
        "id": message.id,
        "chat": party.name if isinstance(party, Account) else party.title,
        "sender": world.accounts[message.sender].name,
        "text": message.text,
        "date": message.date,
        "out": viewer is not None and message.sender == viewer.id,
        "random_id": message.random_id,
    }


def _records(server: Server, viewer: Account | None, found: Iterable[Message]) -> list[dict[str, Any]]:
    return [_record(server, viewer, message) for message in found]


@_command
def messages(server: Server, *, account: str) -> list[dict[str, Any]]:
    """Return an account's private messages, oldest first."""
    found = _account(server, account)
    return _records(server, found, [message for message in found.messages.values() if message.action is None])


@_command
def channel_messages(server: Server, *, channel: str, limit: int) -> list[dict[str, Any]]:
    """Return a channel's last messages, oldest first."""
    return _records(server, None, _channel(server, channel).history.messages[-limit:])


@_command
def calls(server: Server, *, account: str | None = None) -> list[tuple[str, float]]:
    """Return the RPCs that came from an account (None: from clients not logged in), in order."""
    if account is not None:
        _account(server, account)
    return [(seen.method, seen.at) for seen in server.calls.get(account, ())]


@_command
def forget_calls(server: Server, *, account: str | None) -> None:
    """Start the list of RPCs anew."""
    server.calls.pop(account, None)
