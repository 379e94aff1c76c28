"""One Telegram account over Telethon: the `Client` that operations see.

It answers with snapshots and raises ActorsErrors alone. It has no queue, no retry and no clock: the session decides
when to call, how long to wait and what to do with an error. An instance that has lost its connection for good may be
connected again; it stays on the event loop that connected it first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from telethon import errors, functions, types

from actors.model.content import Account, Peer
from actors.model.errors import ActorsError, TelegramError, Verdict
from actors.model.results import SentMessage
from actors.model.updates import Update
from actors.telegram import convert
from actors.telegram.bots import NOT_FOR_BOTS
from actors.telegram.files import FileRequests
from actors.telegram.flight import Request
from actors.telegram.names import method_name
from actors.telegram.peers import PeerDirectory, checked_username
from actors.telegram.polls import Polls
from actors.telegram.reading import ReadRequests
from actors.telegram.sender import done, exchange, fail_open_requests, prepare_again, settle, spare_parts_of_files
from actors.telegram.translate import AS_THE_TABLE_SAYS, TO_A_SENDER, translate
from actors.telegram.transport import Transport
from actors.telegram.updates import UpdateFeed
from actors.telegram.watching import WatchRequests

__all__ = ["KEY_TRIES", "LoginTrouble", "TelethonClient"]

T = TypeVar("T")

_UNAUTHORIZED = 401

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

_TELLING = (errors.RPCError, errors.AuthKeyNotFound, OSError)
"""Exceptions whose text is harmless, so that they may be chained; others quote what was received."""


@dataclass(slots=True)
class LoginTrouble:
    """What one login has met, over all of its clients. refused: connections in a row that were refused alike."""

    refused: int = 0


class TelethonClient(ReadRequests, FileRequests, WatchRequests):
    """A `Client` (see `model/client.py`) around a TelegramClient that isn't connected yet.

    directory, trouble, polls: what is known of the account and of its login, and which channels are polled; the next
    client gets them too.
    """

    def __init__(
        self,
        client: Any,
        *,
        name: str,
        directory: PeerDirectory,
        transport: Transport,
        trouble: LoginTrouble | None = None,
        polls: Polls | None = None,
    ) -> None:
        self._client = client
        self._trouble = trouble or LoginTrouble()
        self._name = name
        self._directory = directory
        self._transport = transport
        self._feed = UpdateFeed(client, directory, Polls() if polls is None else polls)
        self._used = False
        spare_parts_of_files(client._sender)
        client._sender._auto_reconnect_callback = client.catch_up  # asks for what was missed (updates.getDifference)

    def __repr__(self) -> str:
        return f"<TelethonClient of {self._name!r}>"

    @property
    def telethon(self) -> Any:
        """The `TelegramClient` inside. It raises Telethon's errors, and its flood waits and retries are its own."""
        return self._client

    @property
    def is_bot(self) -> bool:
        """Whether the account is a bot, once it has connected."""
        return bool(self._client._mb_entity_cache.self_bot)

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
            self._fail(reason, "connection", means=self._count_refusal(reason))
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
        if not users or not isinstance(users[0], types.User):
            raise self._error(Verdict.SESSION_DEAD, "AUTH_KEY_UNREGISTERED", "users.getUsers")
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
        """Ask the server who this account is (users.getUsers). Raises when the server doesn't answer well."""
        await self._who_am_i()

    async def catch_up(self) -> None:
        """Ask for missed updates (updates.getDifference), and check that the server answers (updates.getState)."""
        await self._client.catch_up()
        try:
            await self._invoke(functions.updates.GetStateRequest())
        except TelegramError as error:
            if error.name != _UNREADABLE:  # an answer all the same
                raise

    def _count_from(self, dialogs: Sequence[Any]) -> None:
        """Start to count the updates of channels that weren't counted yet, so that a loss in them is noticed."""
        for dialog in dialogs:
            if isinstance(dialog.peer, types.PeerChannel) and dialog.pts:
                self._feed.count_from(dialog.peer.channel_id, dialog.pts)

    async def resolve(self, peer: str | int | Peer) -> Peer:
        """Return the peer that a name or id stands for (contacts.resolveUsername for a name that isn't known yet).

        Raises InvalidInput for what can't be a name, and for an id that this account has not met.
        """
        if isinstance(peer, Peer):
            return self._directory.refreshed(peer)
        if isinstance(peer, int):
            return self._directory.by_id(peer)
        name = checked_username(peer)
        if name == "me":
            return await self._myself()
        return self._directory.by_name(name) or await self._resolve_username(name)

    async def _myself(self) -> Peer:
        if not self._directory.me:
            await self._who_am_i()
        return self._directory.by_id(self._directory.me)

    async def _resolve_username(self, name: str) -> Peer:
        found = await self._invoke(functions.contacts.ResolveUsernameRequest(name))
        peer = self._directory.by_key(found.peer)
        if peer.kind != "chat" and not peer.access_hash:
            raise self._error(Verdict.OPERATION_PERMANENT, "USERNAME_NOT_OCCUPIED", "contacts.resolveUsername")
        return peer

    async def send_message(
        self, peer: Peer, text: str, *, random_id: int, reply_to: int | None = None, silent: bool = False
    ) -> SentMessage:
        """Send a text as it is (messages.sendMessage). The same `random_id` again gives the same message."""
        request = functions.messages.SendMessageRequest(
            peer=convert.to_input_peer(peer),
            message=text,
            random_id=random_id,
            silent=silent or None,
            reply_to=None if reply_to is None else types.InputReplyToMessage(reply_to),
        )
        answer = await self._invoke(request, peer, means=TO_A_SENDER)
        sent = convert.to_sent_message(answer, peer, random_id=random_id)
        if sent is None:
            raise self._error(Verdict.UNKNOWN, "NO_MESSAGE_ID", "messages.sendMessage")
        self._feed.remember_sent(peer, sent.id)
        return sent

    def has_sent(self, peer: Peer, message_id: int) -> bool:
        """Say whether this client got the answer to the send of that message; it remembers the last 4,096."""
        return self._feed.has_sent(peer, message_id)

    async def _invoke(
        self, request: Any, peer: Peer | None = None, *, means: Mapping[str, Verdict] = AS_THE_TABLE_SAYS
    ) -> Any:
        """Send a request about `peer` once, and wait. Narrow methods go through here. means: as for `translate`."""
        losses = self._transport.losses
        if type(request) in NOT_FOR_BOTS:
            self._refuse_if_bot(request)
        try:
            answer = await exchange(self._client, request)
        except Exception as error:  # noqa: BLE001  the border: whatever it is, an ActorsError leaves
            self._fail_about(peer, error, request, losses, means)
        self._learn(answer)
        return answer

    def _launch(self, request: Any, read: Callable[[Any], T], peer: Peer | None = None) -> Request[T]:
        """Send a request about `peer` once, and go on: parts of files and pages of histories go this way."""
        losses = self._transport.losses
        if type(request) in NOT_FOR_BOTS:
            self._refuse_if_bot(request)

        def outcome(future: asyncio.Future[Any]) -> T:
            if future.cancelled():  # Telethon's doing, when it disconnects
                error = self._client._updates_error or ConnectionError("the client was disconnected")
            else:
                error = future.exception()
            if error is not None:
                self._fail_about(peer, error, request, losses, AS_THE_TABLE_SAYS)
            answer = future.result()
            self._client.session.process_entities(answer)
            self._learn(answer)
            return read(answer)

        return Request(self._client, request, outcome)

    def _refuse_if_bot(self, request: Any) -> None:
        """Say what Telegram would say to a bot, without asking it."""
        if self.is_bot:
            raise self._error(Verdict.OPERATION_PERMANENT, "BOT_METHOD_INVALID", method_name(request), code=400)

    def _fail_about(
        self, peer: Peer | None, error: Exception, request: Any, losses: int, means: Mapping[str, Verdict]
    ) -> NoReturn:
        """Raise our error for one of a request about `peer`; losses: of the connection, when the request left."""
        if peer is not None and self._is_stale(error):
            self._directory.doubt(peer)
        self._fail(error, method_name(request), repeated=self._transport.losses > losses, means=means)

    def _learn(self, answer: Any) -> None:
        met = (
            answer
            if isinstance(answer, list)
            else [*(getattr(answer, "users", None) or ()), *(getattr(answer, "chats", None) or ())]
        )
        if met:
            self._directory.learn(met)

    def _is_stale(self, error: Exception) -> bool:
        ours = self.translate(error)
        return isinstance(ours, TelegramError) and ours.verdict is Verdict.REFRESH_INPUT

    def _fail(
        self, error: Exception, method: str, *, repeated: bool = False, means: Mapping[str, Verdict] = AS_THE_TABLE_SAYS
    ) -> NoReturn:
        """Raise our error for any other. repeated: whether Telethon may have sent the request before, in vain."""
        ours = translate(error, session=self._name, means=means)
        ours = ours or self._error(Verdict.UNKNOWN, "CLIENT_ERROR", method)
        if isinstance(ours, TelegramError):
            ours.repeated = repeated
            ours.verdict = means.get(ours.name, ours.verdict)
        if ours is error:
            raise ours
        if isinstance(ours, TelegramError) and ours.method == "connection":
            ours.method = method
        raise ours from (error if isinstance(error, _TELLING) else None)

    def _error(self, verdict: Verdict, name: str, method: str, *, code: int = 0) -> TelegramError:
        return TelegramError(verdict=verdict, name=name, method=method, code=code, session=self._name)

    def on_update(self, callback: Callable[[Update], None] | None) -> None:
        """Call `callback` for every update except messages that this client sent, in the server's order; None ends it.

        Messages that the account sent from elsewhere come with out=True. The callback must return at once.
        """
        self._feed.callback = callback
