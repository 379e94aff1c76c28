"""Commands for what goes wrong by itself on Telegram: limits, slow lines, clocks and restarts.

Commands for scripted faults are in commands.py. channel.py imports this module, which registers them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain

from actors.testing.server.clock import clock
from actors.testing.server.connection import Way
from actors.testing.server.control.registry import CommandError, account_named, channel_named, command, party_named
from actors.testing.server.server import Server
from actors.testing.server.wire.outgoing import ids
from actors.testing.server.wire.slow_line import Pace
from actors.testing.server.world.messages import Message
from actors.testing.server.world.parties import kind_of
from actors.testing.server.world.world import Veil, World

__all__: list[str] = []


def _all_messages(world: World) -> Iterator[Message]:
    private = (account.messages.values() for account in world.accounts.values())
    public = (channel.history.messages for channel in world.channels.values())
    return chain(chain.from_iterable(private), chain.from_iterable(public))


@command
def poll_timeout(server: Server, *, seconds: int) -> None:
    """Name another time in channel differences, after which clients that poll are to ask again."""
    if seconds < 0:
        raise CommandError(f"seconds is 0 or more, not {seconds}")
    server.world.poll_timeout = seconds


@command
def expire_file_references(server: Server) -> int:
    """Make every file reference handed out so far useless; return how many files there are."""
    for message in _all_messages(server.world):
        if message.media is not None:
            message.encoded.clear()  # it holds the old reference
    return server.world.files.expire_references()


@command
def rotate_hashes(server: Server, *, account: str | None = None) -> None:
    """Make every access hash useless that an account has, or that all have."""
    for found in server.world.accounts.values() if account is None else [account_named(server, account)]:
        server.world.rotate_hashes(found.id)


@command
def veil(server: Server, *, name: str, how: str | None, account: str | None = None) -> None:
    """Have a party come along `min`, or with `no hash`, to an account or to all; None shows all of it again."""
    party, world = party_named(server, name), server.world
    for viewer in world.accounts.values() if account is None else [account_named(server, account)]:
        key = (viewer.id, kind_of(party), party.id)
        if how is None:
            world.veils.pop(key, None)
        else:
            world.veils[key] = Veil(how)


@command
def set_clock(server: Server, *, offset: float) -> None:
    """Set the server's clock so many seconds ahead of the machine's, or behind it; sessions start anew."""
    clock.offset = offset
    ids.start_over()
    server.keys.forget_received()


@command
async def restart(server: Server, *, down_for: float = 0.0) -> None:
    """Cut everybody, and be gone for so many seconds."""
    if down_for < 0:
        raise CommandError(f"down_for is 0 seconds or more, not {down_for:g}")
    await server.restart(down_for)


@command
async def reset(server: Server) -> None:
    """Begin anew with an empty world, on the same port and with the same RSA key."""
    await server.reset()


@command
def save(server: Server) -> None:
    """Write the state file."""
    if server.state_file is None:
        raise CommandError("this server has no state file: start it with one")
    server.save()


@command
def slow(server: Server, *, account: str, read: float | None = None, write: float | None = None) -> None:
    """Make an account's connections slow, also later ones; None and None make them as fast as ever."""
    if any(speed is not None and speed <= 0 for speed in (read, write)):
        raise CommandError("a speed is more than 0 bytes a second")
    found = account_named(server, account)
    pace = Pace(read, write) if read is not None or write is not None else None
    if pace is None:
        server.paces.pop(found.id, None)
    else:
        server.paces[found.id] = pace
    for connection in server.connections_of(found):
        connection.set_pace(pace)


@command
def swallow(server: Server, *, account: str, ways: list[str], after: float = 0.0) -> int:
    """Make the connections that an account has swallow what goes these ways, after so many seconds; return how many."""
    if after < 0:
        raise CommandError(f"after is 0 seconds or more, not {after:g}")
    dead = frozenset(Way(way) for way in ways)
    connections = server.connections_of(account_named(server, account))
    for connection in connections:
        if after:
            asyncio.get_running_loop().call_later(after, connection.swallow, dead)
        else:
            connection.swallow(dead)
    return len(connections)


@command
def limits(server: Server, *, on: bool = True, scale: float = 1.0) -> None:
    """Turn Telegram's own limits on or off. Counting starts anew."""
    if scale <= 0:
        raise CommandError(f"scale is more than 0, not {scale:g}")
    server.limits.on, server.limits.scale = on, scale
    server.limits.start_over()


@command
def slow_mode(server: Server, *, chat: str, seconds: float) -> None:
    """Let a channel's members write once in so many seconds; 0 lets them write as often as they like."""
    channel = channel_named(server, chat)
    if seconds > 0:
        server.limits.slow[channel.id] = seconds
    else:
        server.limits.slow.pop(channel.id, None)


@command
def peer_flood(server: Server, *, account: str, after: int | None) -> None:
    """Refuse an account's messages to strangers after so many of them; None never refuses."""
    found = account_named(server, account)
    server.limits.forget_strangers(found.id)
    if after is None:
        server.limits.cold.pop(found.id, None)
    else:
        server.limits.cold[found.id] = after
