"""The kit's part for what goes wrong: scripted faults, limits and cuts.

It is not a server: it asks one over the control channel. `testing/kit.py` mixes it into `Loopback`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from actors.testing.channel import ControlChannel

__all__ = ["Trouble"]


def _check_odds(times: int | None, chance: float) -> None:
    if times is not None and times < 1:
        raise ValueError(f"times= is 1 or more, or None, not {times}")
    if not 0 < chance <= 1:
        raise ValueError(f"chance= is more than 0 and at most 1, not {chance:g}")


class Trouble:
    """The commands for everything that a test can have go wrong on its server."""

    _control: ControlChannel

    def fail(  # noqa: PLR0913  one call per line of a test's script
        self,
        method: str,
        *,
        account: str | None = None,
        chat: str | None = None,
        error: str | None = None,
        code: int | None = None,
        silence: bool = False,
        delay: float | None = None,
        jitter: float = 0.0,
        drop: Literal["before", "after"] | None = None,
        answer: bytes | None = None,
        newer: bool = False,
        times: int | None = None,
        chance: float = 1.0,
        seed: int | None = None,
    ) -> None:
        """Script a fault for an RPC such as `messages.sendMessage`, for `messages.*`, or for every one (`*`).

        Give exactly one of these:

        - error: the name of an RPC error such as FLOOD_WAIT_3. code: its number, if not the usual one.
        - silence: the call isn't carried out and never answered.
        - delay: the call is carried out and answered this many seconds later, and up to `jitter` seconds more.
        - drop: the connection is cut `before` the call is carried out, or `after` that but before the reply.
        - answer: the call isn't carried out, and is answered with this TL object (`bytes(types...)` of Telethon's).
        - newer: the call is carried out, and its answer has a constructor of a newer layer, which no client can read.

        account, chat: whose calls, and for which chat (by name); by default all. times: how often; None until `heal()`.
        chance: 0 to 1, how likely each call is struck. seed: makes the dice repeatable. Raises ValueError.

        Pings and updates have names too: `ping` (`*` means it as well, unless an error is given), and `push`, an update
        that is lost (silence), late (delay), followed by a cut, or of a newer layer.
        """
        tl = None if answer is None else answer.hex()
        chosen = [error is not None, silence, delay is not None, drop is not None, answer is not None, newer]
        if sum(chosen) != 1:
            raise ValueError("give exactly one of error=, silence=True, delay=, drop=, answer=, newer=True")
        _check(error=error, code=code, delay=delay, jitter=jitter, drop=drop, times=times, chance=chance)
        outcome = {"error": error, "code": code, "silence": silence, "delay": delay, "jitter": jitter, "drop": drop}
        outcome |= {"answer": tl, "newer": newer}
        which = {"method": method, "account": account, "chat": chat, "times": times, "chance": chance, "seed": seed}
        self._control.ask("fail", **which, **outcome)

    def hide(self, chat: str, ids: Iterable[int], *, account: str | None = None) -> None:
        """Leave these messages of a chat, and no others, out of pages of its history and of searches.

        They are there and counted still, as on Telegram: a page has fewer messages than were asked for, or none.
        account: whose pages; None for everybody's, in a channel.
        """
        self._control.ask("hide", chat=chat, ids=list(ids), account=account)

    def hide_dialog(self, chat: str, account: str) -> None:
        """Leave a chat out of the pages of an account's list of chats. It is counted still."""
        self._control.ask("hide_dialog", chat=chat, account=account)

    def hide_member(self, channel: str, account: str) -> None:
        """Leave an account out of the pages of a channel's members. It is counted still."""
        self._control.ask("hide_member", channel=channel, account=account)

    def disguise(self, chat: str, message_id: int, tl: bytes, *, account: str | None = None) -> None:
        """Show a message as another TL object (`bytes(types.Message(...))` of Telethon's) wherever it is shown.

        account: whose message, outside channels.
        """
        self._control.ask("disguise", chat=chat, message_id=message_id, tl=tl.hex(), account=account)

    def heal(self, account: str | None = None) -> None:
        """Forget the faults scripted for an account, or all of them, and make slow lines fast again."""
        self._control.ask("heal", account=account)

    def disconnect(self, account: str) -> int:
        """Cut an account's connections now and return how many there were."""
        cut: int = self._control.ask("disconnect", account=account)
        return cut

    def revoke(self, account: str, *, error: str = "AUTH_KEY_UNREGISTERED") -> int:
        """Log an account out everywhere: its calls get this 401 from now on. Return how many logins that ended."""
        ended: int = self._control.ask("revoke", account=account, error=error)
        return ended

    def expire_file_references(self) -> int:
        """Let every file reference that the server gave out expire; return how many files there are.

        A client that uses an old reference gets FILE_REFERENCE_EXPIRED. It gets a new one with the message when it
        fetches the message again.
        """
        files: int = self._control.ask("expire_file_references")
        return files

    def rotate_hashes(self, account: str | None = None) -> None:
        """Make every access hash useless that an account has, or that all have: PEER_ID_INVALID, CHANNEL_INVALID.

        Answers and updates bring the new ones, and so does contacts.resolveUsername.
        """
        self._control.ask("rotate_hashes", account=account)

    def veil(self, name: str, how: Literal["min", "no hash"] | None = "no hash", *, account: str | None = None) -> None:
        """Have an account or a channel come along `min`, or with `no hash`, with updates and answers; None ends it.

        account: who sees it so, by default all. What is asked for itself shows everything: contacts.resolveUsername,
        users.getUsers, channels.getChannels. The hash in a `min` one is none.
        """
        self._control.ask("veil", name=name, how=how, account=account)

    def poll_timeout(self, seconds: int) -> None:
        """Have channel differences tell clients that poll to ask again after so many seconds, instead of 10."""
        self._control.ask("poll_timeout", seconds=seconds)

    def set_clock(self, offset: float) -> None:
        """Set the server's clock `offset` seconds ahead of this machine's, or behind it when negative.

        The server tells clients whose message ids are then more than 300 s old or 30 s ahead (bad_msg_notification 16
        and 17), and they put themselves right. The server dates things by its own clock.
        """
        self._control.ask("set_clock", offset=offset)

    def duplicate_key(self, account: str) -> int:
        """Kill an account's logins as Telegram does when a key is used in two places: AUTH_KEY_DUPLICATED (406)."""
        return self.revoke(account, error="AUTH_KEY_DUPLICATED")

    def slow(self, account: str, *, read: float | None = None, write: float | None = None) -> None:
        """Make an account's connections slow, also later ones: bytes a second that the server reads and writes.

        None means as fast as it can. `heal()` ends it.
        """
        self._control.ask("slow", account=account, read=read, write=write)

    def swallow(self, account: str, *, what: Literal["all", "requests", "answers"] = "all", after: float = 0.0) -> int:
        """Make the connections that an account has dead, and leave them open, as a NAT or a firewall does.

        Bytes vanish: what the client sends (`requests`), what the server sends (`answers`, updates among them), or
        `all`; from now on or `after` so many seconds. A connection that is made later is a good one. Return how many
        there were. Raises ValueError.
        """
        ways = {"all": ["in", "out"], "requests": ["in"], "answers": ["out"]}.get(what)
        if ways is None:
            raise ValueError(f"what= is 'all', 'requests' or 'answers', not {what!r}")
        if after < 0:
            raise ValueError(f"after= is 0 seconds or more, not {after:g}")
        swallowing: int = self._control.ask("swallow", account=account, ways=ways, after=after)
        return swallowing

    def limits(self, *, on: bool = True, scale: float = 1.0) -> None:
        """Answer FLOOD_WAIT_n when an account goes beyond Telegram's limits (docs/loopback.md lists them).

        Limits are off by default. scale stretches every period: 0.01 makes a minute 0.6 seconds. Counting starts anew.
        """
        self._control.ask("limits", on=on, scale=scale)

    def slow_mode(self, chat: str, seconds: float) -> None:
        """Put a channel in slow mode: its members, except its creator, write once in so many seconds; 0 ends it."""
        self._control.ask("slow_mode", chat=chat, seconds=seconds)

    def peer_flood(self, account: str, *, after: int | None) -> None:
        """Answer PEER_FLOOD once an account has written to `after` people who never wrote to it; None ends it.

        The account may go on writing to those it has written to, and to those who have written to it.
        """
        self._control.ask("peer_flood", account=account, after=after)

    def restart(self, *, down_for: float = 0.0) -> None:
        """Restart the server as clients see it: it cuts everybody, and is back on the same port after so many seconds.

        It keeps what it holds. The call returns once the server is down; with 0, once it is back.
        """
        self._control.ask("restart", down_for=down_for)

    def save(self) -> None:
        """Write the server's state to its file now. The server also writes it at its end, but not on `kill()`."""
        self._control.ask("save")


def _check(
    *,
    error: str | None,
    code: int | None,
    delay: float | None,
    jitter: float,
    drop: str | None,
    times: int | None,
    chance: float,
) -> None:
    """Refuse what no fault can be. Raises ValueError."""
    if drop not in (None, "before", "after"):
        raise ValueError(f"drop= is 'before' or 'after', not {drop!r}")
    if delay is not None and delay < 0:
        raise ValueError(f"delay= is 0 seconds or more, not {delay:g}")
    if code is not None and error is None:
        raise ValueError("code= goes with error=")
    if times is not None and times < 1:
        raise ValueError(f"times= is 1 or more, or None, not {times}")
    if jitter and (delay is None or jitter < 0):
        raise ValueError("jitter= goes with delay=, and is 0 seconds or more")
    if not 0 < chance <= 1:
        raise ValueError(f"chance= is more than 0 and at most 1, not {chance:g}")
