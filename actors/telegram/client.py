"""One Telegram account over Telethon: the `Client` that operations see.

It answers with snapshots and raises ActorsErrors alone. It has no queue, no retry and no clock: the session decides
when to call, how long to wait and what to do with an error. An instance that has lost its connection for good may be
connected again; it stays on the event loop that connected it first.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from telethon import functions, types

from actors.model.client import ClientOwner
from actors.model.content import Account, Peer
from actors.model.errors import ActorsError, TelegramError, Verdict
from actors.model.results import SentMessage
from actors.model.updates import Update
from actors.telegram import convert
from actors.telegram.files import FileRequests
from actors.telegram.line import proves_alive
from actors.telegram.oddities import Oddities
from actors.telegram.peers import PeerDirectory
from actors.telegram.polls import Polls
from actors.telegram.sender import done, fail_open_requests, prepare_again, reconnect, settle
from actors.telegram.steady_state import be_steady
from actors.telegram.translate import AS_THE_TABLE_SAYS, TO_A_SENDER, translate
from actors.telegram.transport import Transport
from actors.telegram.updates import UpdateFeed
from actors.telegram.watching import WatchRequests

__all__ = ["KEY_TRIES", "LoginTrouble", "TelethonClient"]

_UNAUTHORIZED = 401

_LONG_BITS = 63

_NO_KEY = "AUTH_KEY_NOT_FOUND"
"""What a server says, by transport error 404, that doesn't know the key of a connection."""

KEY_TRIES = 3
"""Connections in a row that a server must refuse for want of the key before the key counts as gone.

Not once: a data center that has just restarted, or a proxy that leads to the wrong one, doesn't know a good key either.
Not often: a server that did know the key would by then have said so over three connections with backoff between them,
and whoever waits for the session should hear that it must be logged in again. Telegram gives no number.
"""

_UNREADABLE = "TYPE_NOT_FOUND"
"""An answer of a newer layer than this version of the library knows."""

_IN_THE_END = {_NO_KEY: Verdict.SESSION_DEAD, _UNREADABLE: Verdict.CONFIGURATION}
"""What it means when so many connections in a row ended so: who the account is can't be read by this version."""


@dataclass(slots=True)
class LoginTrouble:
    """What one login has met, over all of its clients. refused: connections in a row that were refused alike."""

    refused: int = 0


class TelethonClient(WatchRequests, FileRequests):
    """A `Client` (see `model/client.py`) around a TelegramClient that isn't connected yet.

    directory, trouble, odd, polls: what is known of the account, of its login, of what couldn't be converted, and which
    channels are polled; the next client gets them too. owner: is told of flood waits, and asked for those that aren't
    over before anything leaves.
    """

    def __init__(
        self,
        client: Any,
        *,
        name: str,
        directory: PeerDirectory,
        transport: Transport,
        owner: ClientOwner,
        trouble: LoginTrouble | None = None,
        odd: Oddities | None = None,
        polls: Polls | None = None,
    ) -> None:
        self._client = client
        self._odd = odd or Oddities()
        self._trouble = trouble or LoginTrouble()
        self._name = name
        self._directory = directory
        self._transport = transport
        self._owner = owner
        be_steady(client._sender)
        self._feed = UpdateFeed(client, directory, Polls() if polls is None else polls, self._odd)
        self._used = False
        self._call, client._call = client._call, self._call_renewed
        client._sender._auto_reconnect_callback = client.catch_up  # asks for what was missed (updates.getDifference)

    def __repr__(self) -> str:
        return f"<TelethonClient of {self._name!r}>"

    @property
    def telethon(self) -> Any:
        """The `TelegramClient` inside. It raises Telethon's errors, and its flood waits and retries are its own."""
        return self._client

    @property
    def unconverted(self) -> int:
        """How many messages, chats and members came that could not be converted, over all clients of the session."""
        return self._odd.count

    def translate(self, error: BaseException) -> ActorsError | None:
        """Return the library's error for one of Telegram's; None for any other error."""
        return translate(error, session=self._name)

    async def connect(self) -> Account:
        """Connect, or connect again, and return the account (help.getConfig, users.getUsers).

        Raises a TelegramError; then nothing of the connection is left. After a cancel, call disconnect(), but never
        while connect() still runs. Missed messages may be reported before it returns.
        """
        if self._used:
            await self.disconnect()
            prepare_again(self._client)
        self._used = True
        try:
            await self._client.connect()
            self._client._sender._disconnected.add_done_callback(self._ended)
            account = await self._who_am_i()
        except Exception as error:  # noqa: BLE001  whatever it is, the connection must not outlive it
            reason = (self._transport.reason if isinstance(error, ConnectionError) else None) or error
            await self.disconnect()
            ours = self._meant(reason, "connection", means=self._count_refusal(reason))
            raise ours from ours.__cause__
        self._trouble.refused = 0
        self._feed.poll_on()
        return account

    def _count_refusal(self, error: Exception) -> Mapping[str, Verdict]:
        """Count a server that doesn't know the key; one that has said so time after time won't know it again."""
        ours = self.translate(error)
        is_refusal = isinstance(ours, TelegramError) and ours.name in _IN_THE_END
        self._trouble.refused = self._trouble.refused + 1 if is_refusal else 0
        return _IN_THE_END if self._trouble.refused >= KEY_TRIES else AS_THE_TABLE_SAYS

    async def _who_am_i(self) -> Account:
        try:
            users = await self._invoke(functions.users.GetUsersRequest([types.InputUserSelf()]))
        except TelegramError as error:
            if error.code == _UNAUTHORIZED and error.verdict is not Verdict.ACCOUNT_DEAD:
                raise self._error(Verdict.SESSION_DEAD, error.name, error.method, code=error.code) from error
            raise
        if not users or not isinstance(users[0], types.User):  # that proves nothing; a login that is over is a 401
            raise self._error(Verdict.TRANSIENT, "UNEXPECTED_ANSWER", "users.getUsers")
        me = users[0]
        self._directory.me = me.id
        self._client._mb_entity_cache.set_self_user(me.id, me.bot, me.access_hash)  # or Telethon asks for it once more
        return convert.to_account(users[0])

    async def disconnect(self) -> None:
        """Close the connection and end all of Telethon's tasks; the update state is kept. Safe at any time."""
        fail_open_requests(self._client._sender)
        await self._client.disconnect()
        settle(self._client._sender._disconnected)

    def _ended(self, disconnected: asyncio.Future[Any]) -> None:
        settle(disconnected)
        fail_open_requests(self._client._sender)

    async def wait_disconnected(self) -> None:
        """Wait until the connection is gone and Telethon won't make another. Return at once when there is none."""
        await done(self._client._sender._disconnected)

    async def probe(self) -> None:
        """Ask the server who this account is (users.getUsers). Raises when the server doesn't answer well.

        While that method is held, the server is asked for a pong: what doesn't leave proves nothing.
        """
        if self._refusal(functions.users.GetUsersRequest([])) is None:
            await self._who_am_i()
        else:
            await self._ping()

    @property
    def last_byte(self) -> float:
        """When the last byte came from the server, by `time.monotonic`."""
        return self._transport.last_byte

    async def proves_alive(self, patience: float, *, by_answer: bool = False) -> bool:
        """Ask for a sign of life (ping); say whether there was one within `patience` seconds."""
        return await proves_alive(self._client, self._transport, patience, by_answer=by_answer)

    def reconnect(self) -> None:
        """Leave the connection, and make a new one. What has no answer yet is sent again there."""
        reconnect(self._client._sender)

    async def catch_up(self) -> None:
        """Ask for missed updates (updates.getDifference), and check that the server answers (updates.getState)."""
        await self._client.catch_up()
        request = functions.updates.GetStateRequest()
        try:
            await (self._invoke(request) if self._refusal(request) is None else self._ping())
        except TelegramError as error:
            if error.name != _UNREADABLE:  # an answer all the same
                raise

    async def _ping(self) -> None:
        """Have the server answer, whatever is held (core.telegram.org/mtproto/service_messages, ping)."""
        await self._invoke(functions.PingRequest(secrets.randbits(_LONG_BITS)))

    async def send_message(
        self,
        peer: Peer,
        text: str,
        *,
        random_id: int,
        reply_to: int | None = None,
        silent: bool = False,
        leaving: Callable[[], None] | None = None,
    ) -> SentMessage:
        """Send a text as it is (messages.sendMessage). The same `random_id` again gives the same message.

        leaving: called when the request is written.
        """
        peer = self._directory.refreshed(peer)
        request = functions.messages.SendMessageRequest(
            peer=convert.to_input_peer(peer),
            message=text,
            random_id=random_id,
            silent=silent or None,
            reply_to=None if reply_to is None else types.InputReplyToMessage(reply_to),
        )
        answer = await self._invoke(request, peer, means=TO_A_SENDER, leaving=leaving)
        sent = convert.to_sent_message(answer, peer, random_id=random_id)
        if sent is None:
            raise self._error(Verdict.UNKNOWN, "NO_MESSAGE_ID", "messages.sendMessage")
        self._feed.remember_sent(peer, sent.id)
        return sent

    def has_sent(self, peer: Peer, message_id: int) -> bool:
        """Say whether this client got the answer to the send of that message; it remembers the last 4,096."""
        return self._feed.has_sent(peer, message_id)

    def on_update(self, callback: Callable[[Update], None] | None) -> None:
        """Call `callback` for every update except messages that this client sent, in the server's order; None ends it.

        Messages that the account sent from elsewhere come with out=True. The callback must return at once.
        """
        self._feed.callback = callback
