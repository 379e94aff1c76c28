"""What the control channel may ask for: accounts, channels, posts, faults, and looks at the state.

Each command is a function of the server and keyword arguments, and returns something that JSON can carry. It raises
CommandError with a sentence for the person at the other end (actors/testing). Run by control.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from actors.loopback.faults import Cut, Delay, Fail, Fault, Outcome, Silence, When
from actors.loopback.methods.auth import phone_digits
from actors.loopback.rpcerrors import RpcFailure, code_of
from actors.loopback.server import Server
from actors.loopback.world.membership import join, leave
from actors.loopback.world.messages import Message
from actors.loopback.world.parties import Account, Channel, Party
from actors.loopback.world.posting import Draft, fill, post

__all__ = ["COMMANDS", "CommandError"]

Command = Callable[..., Any]
COMMANDS: dict[str, Command] = {}


class CommandError(Exception):
    """The command can't be carried out; the text says why."""


def _command(function: Command) -> Command:
    COMMANDS[function.__name__] = function
    return function


def _now() -> int:
    return int(time.time())


def _account(server: Server, name: str) -> Account:
    account = server.world.by_name.get(name)
    if account is None:
        raise CommandError(f"there is no account {name!r}")
    return account


def _channel(server: Server, name: str) -> Channel:
    channel = server.world.channel_named(name)
    if channel is None:
        raise CommandError(f"there is no channel {name!r}")
    return channel


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
    server: Server, *, name: str, messages: int, members: list[str], broadcast: bool, public: bool
) -> dict[str, Any]:
    """Create a channel with members (created if need be; the first one is its creator) and a past."""
    if not members:
        raise CommandError("a channel needs a member: the first one is its creator")
    now = _now()
    people = [server.world.by_name.get(member) or server.world.add_account(member) for member in members]
    channel = server.world.add_channel(name, creator=people[0], broadcast=broadcast, public=public, now=now)
    for person in people[1:]:
        join(server.world, person, channel, now=now)
    fill(server.world, channel, messages, now=now)
    return {"id": channel.id, "username": channel.username}


@_command
def join_channel(server: Server, *, channel: str, account: str) -> bool:
    """Make an account a member."""
    return join(server.world, _account(server, account), _channel(server, channel), now=_now())


@_command
def leave_channel(server: Server, *, channel: str, account: str) -> bool:
    """End an account's membership."""
    return leave(server.world, _account(server, account), _channel(server, channel), now=_now())


@_command
def post_many(server: Server, *, chat: str, texts: list[str], author: str | None, push: bool) -> list[int]:
    """Say several things in a channel, or to an account; return the ids as the receiving side sees them."""
    party: Party = server.world.channel_named(chat) or _account(server, chat)
    if author is None and not isinstance(party, Channel):
        raise CommandError("a private message needs an author")
    sender = server.world.accounts[party.creator] if author is None else _account(server, author)  # type: ignore[union-attr]  # as just checked
    posted = [post(server.world, sender, party, Draft(text, push=push), now=_now()).message for text in texts]
    return [message.twin or message.id for message in posted]


@_command
def forget_updates(server: Server, *, name: str) -> None:
    """Drop the update log of a channel or an account: the next difference is too long."""
    (server.world.channel_named(name) or _account(server, name)).log.forget()


def _outcome(*, error: str | None, code: int | None, silence: bool, delay: float | None, drop: str | None) -> Outcome:
    if error is not None:
        return Fail(error, code_of(error) if code is None else code)
    if silence:
        return Silence()
    if delay is not None:
        return Delay(delay)
    return Cut(When(drop))


@_command
def fail(
    server: Server,
    *,
    method: str,
    account: str | None,
    chat: str | None,
    times: int | None,
    **outcome: Any,
) -> None:
    """Script a fault."""
    if account is not None:
        _account(server, account)
    if chat is not None:
        channel = server.world.channel_named(chat)
        chat = channel.title if channel is not None else _account(server, chat).name
    server.faults.add(Fault(_outcome(**outcome), method, account, chat, times))


@_command
def heal(server: Server, *, account: str | None) -> None:
    """Forget faults."""
    server.faults.heal(account)


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
    found = _account(server, account)
    live = server.connections_of(found)
    count = server.keys.revoke(found, error)
    for connection in live:
        server.bind(connection)
    return count


@_command
def code(server: Server, *, phone: str) -> str | None:
    """Return the login code last sent to a phone number, or None."""
    sent = server.world.codes.get(_phone(phone))
    return sent[0] if sent is not None else None


def _record(server: Server, viewer: Account | None, message: Message) -> dict[str, Any]:
    world = server.world
    chat = world.channels[message.chat].title if message.is_channel else world.accounts[message.chat].name
    return {
        "id": message.id,
        "chat": chat,
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
    return _records(server, found, found.messages.values())


@_command
def channel_messages(server: Server, *, channel: str, limit: int) -> list[dict[str, Any]]:
    """Return a channel's last messages, oldest first."""
    return _records(server, None, _channel(server, channel).history.messages[-limit:])


@_command
def calls(server: Server, *, account: str | None) -> list[tuple[str, float]]:
    """Return the RPCs that came from an account (None: from clients not logged in), in order."""
    if account is not None:
        _account(server, account)
    return [(seen.method, seen.at) for seen in server.calls.get(account, ())]


@_command
def forget_calls(server: Server, *, account: str | None) -> None:
    """Start the list of RPCs anew."""
    server.calls.pop(account, None)
