"""One Telegram account over Telethon: the `Client` that operations see.

It speaks in snapshots, and raises ActorsErrors alone. It has no queue, no retry and no clock: the session decides when
to call, how long to wait and what to do with an error. One instance may be connected again after it has lost its
connection for good; it stays on the loop that connected it first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn

from telethon import errors, events, functions, types

from actors.errors import ActorsError, InvalidInput, TelegramError, Verdict
from actors.snapshots import Account, HistoryPage, Message, ParticipantsPage, Peer, SentMessage
from actors.telegram import convert
from actors.telegram.connection import Transport
from actors.telegram.names import method_name
from actors.telegram.peers import PeerDirectory, checked_username
from actors.telegram.requests import exchange, fail_open_requests, prepare_again, settle
from actors.telegram.verdicts import translate

__all__ = ["TelethonClient"]

_UNAUTHORIZED = 401
_HISTORY_PAGE = 100
"""Messages that messages.getHistory gives at most: a page of so many isn't the last one, whatever was asked for."""

_REMEMBERED_SENDS = 256
"""Own messages kept in mind: a difference fetched after a lost reply would report them as news."""

_NEWS = (
    types.UpdateNewMessage,
    types.UpdateNewChannelMessage,
    types.UpdateShortMessage,
    types.UpdateShortChatMessage,
)
_TELLING = (errors.RPCError, errors.AuthKeyNotFound, OSError)
"""Exceptions whose text is harmless, so that they may be chained; others quote what was received."""


class TelethonClient:
    """A `Client` (see `actors.ports`) around an unconnected TelegramClient. `directory` may be shared with the next."""

    def __init__(self, client: Any, *, name: str, directory: PeerDirectory, transport: Transport) -> None:
        self._client = client
        self._name = name
        self._directory = directory
        self._transport = transport
        self._callback: Callable[[Message], None] | None = None
        self._sent: deque[tuple[str, int, int]] = deque(maxlen=_REMEMBERED_SENDS)
        self._used = False
        client._sender._auto_reconnect_callback = client.catch_up  # asks for what was missed (updates.getDifference)
        client.add_event_handler(self._hand_over, events.Raw(_NEWS))

    def __repr__(self) -> str:
        return f"<TelethonClient of {self._name!r}>"

    @property
    def telethon(self) -> Any:
        """The `TelegramClient` inside. What it raises is Telethon's; its flood waits and retries are its own."""
        return self._client

    def translate(self, error: BaseException) -> ActorsError | None:
        """Return our error for a foreign one, None for one that isn't Telegram's."""
        return translate(error, session=self._name)

    # Connection

    async def connect(self) -> Account:
        """Connect, again if need be, and return the account (help.getConfig, users.getUsers).

        Raises a TelegramError; after one, nothing of the connection is left. Once it is cancelled, call disconnect(),
        and never while it runs. Missed messages may be reported before it returns.
        """
        if self._used:
            await self.disconnect()
            prepare_again(self._client)
        self._used = True
        try:
            await self._client.connect()
            self._client._sender._disconnected.add_done_callback(self._ended)
            return await self._who_am_i()
        except Exception as error:  # noqa: BLE001  whatever it is, the connection must not outlive it
            reason = self._transport.reason if isinstance(error, ConnectionError) else None
            await self.disconnect()
            self._fail(reason or error, "connection")

    async def _who_am_i(self) -> Account:
        try:
            users = await self._invoke(functions.users.GetUsersRequest([types.InputUserSelf()]))
        except TelegramError as error:
            if error.code == _UNAUTHORIZED and error.verdict is not Verdict.ACCOUNT_DEAD:
                error.verdict = Verdict.SESSION_DEAD
            raise
        if not users or not isinstance(users[0], types.User):
            raise self._error(Verdict.SESSION_DEAD, "AUTH_KEY_UNREGISTERED", "users.getUsers")
        self._directory.me = users[0].id
        return convert.to_account(users[0])

    async def disconnect(self) -> None:
        """Close the connection and end every task of Telethon's; its update state is kept. Safe at any time."""
        fail_open_requests(self._client._sender)
        await self._client.disconnect()
        settle(self._client._sender._disconnected)

    def _ended(self, disconnected: asyncio.Future[Any]) -> None:
        settle(disconnected)
        fail_open_requests(self._client._sender)

    async def wait_disconnected(self) -> None:
        """Return when the connection is gone and Telethon won't make another; at once when there is none."""
        await asyncio.wait((self._client._sender._disconnected,))

    async def probe(self) -> None:
        """Ask the server who this account is (users.getUsers); raises when it doesn't answer well."""
        await self._who_am_i()

    # Requests

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
        sent = convert.to_sent_message(await self._invoke(request, peer), peer, random_id=random_id)
        if sent is None:
            raise self._error(Verdict.UNKNOWN, "NO_MESSAGE_ID", "messages.sendMessage")
        self._sent.append((peer.kind, peer.id, sent.id))
        return sent

    async def history(
        self, peer: Peer, *, limit: int, offset_id: int = 0, min_id: int = 0, max_id: int = 0
    ) -> HistoryPage:
        """Return up to 100 messages older than `offset_id` (0: the newest), newest first (messages.getHistory).

        min_id and max_id leave out messages up to and from those ids (0: no bound).
        """
        limit = min(limit, _HISTORY_PAGE)
        request = functions.messages.GetHistoryRequest(
            peer=convert.to_input_peer(peer),
            offset_id=offset_id,
            offset_date=None,
            add_offset=0,
            limit=limit,
            max_id=max_id,
            min_id=min_id,
            hash=0,
        )
        answer = await self._invoke(request, peer)
        return convert.to_history_page(answer, self._directory.refreshed(peer), limit=limit, me=self._directory.me)

    async def participants(self, peer: Peer, *, limit: int, offset: int = 0) -> ParticipantsPage:
        """Return up to 200 members of a channel or supergroup (channels.getParticipants).

        Raises InvalidInput for any other kind of peer.
        """
        if peer.kind != "channel":
            raise InvalidInput(field="peer", problem=f"must be a channel or supergroup, not a {peer.kind}")
        request = functions.channels.GetParticipantsRequest(
            channel=convert.to_input_channel(peer),
            filter=types.ChannelParticipantsSearch(""),
            offset=offset,
            limit=limit,
            hash=0,
        )
        answer = await self._invoke(request, peer)
        users = {user.id: user for user in answer.users}
        return ParticipantsPage(
            tuple(convert.to_participant(each, users) for each in answer.participants), answer.count
        )

    async def _invoke(self, request: Any, peer: Peer | None = None) -> Any:
        """Send a request about `peer` once; every narrow method goes through here."""
        try:
            answer = await exchange(self._client, request)
        except Exception as error:  # noqa: BLE001  the border: whatever it is, an ActorsError leaves
            if peer is not None and self._is_stale(error):
                self._directory.doubt(peer)
            self._fail(error, method_name(request))
        self._learn(answer)
        return answer

    def _learn(self, answer: Any) -> None:
        if isinstance(answer, list):
            self._directory.learn(answer)
            return
        self._directory.learn(getattr(answer, "users", None) or ())
        self._directory.learn(getattr(answer, "chats", None) or ())

    def _is_stale(self, error: Exception) -> bool:
        ours = self.translate(error)
        return isinstance(ours, TelegramError) and ours.verdict is Verdict.REFRESH_INPUT

    def _fail(self, error: Exception, method: str) -> NoReturn:
        """Raise our error for any other."""
        ours = self.translate(error) or self._error(Verdict.UNKNOWN, "CLIENT_ERROR", method)
        if ours is error:
            raise ours
        if isinstance(ours, TelegramError) and ours.method == "connection":
            ours.method = method
        raise ours from (error if isinstance(error, _TELLING) else None)

    def _error(self, verdict: Verdict, name: str, method: str) -> TelegramError:
        return TelegramError(verdict=verdict, name=name, method=method, session=self._name)

    # Updates

    def on_message(self, callback: Callable[[Message], None] | None) -> None:
        """Call back for every new message but those that this client sent, in the server's order; None: stop.

        Messages that the account sent from elsewhere are reported with out=True. The callback must return at once.
        """
        self._callback = callback

    async def _hand_over(self, update: Any) -> None:
        """Take an update. It awaits nothing, or Telethon's tasks, one for each update, could overtake one another."""
        self._directory.learn(getattr(update, "_entities", {}).values())
        message = self._message_in(update) if self._callback is not None else None
        if message is None or self._callback is None or self._is_own(message):
            return
        self._callback(message)

    def _message_in(self, update: Any) -> Message | None:
        match update:
            case types.UpdateShortMessage():
                return convert.to_short_message(
                    update, self._peer(types.PeerUser(update.user_id)), me=self._directory.me
                )
            case types.UpdateShortChatMessage():
                return convert.to_short_message(
                    update, self._peer(types.PeerChat(update.chat_id)), me=self._directory.me
                )
            case _ if convert.is_message(update.message):
                return convert.to_message(update.message, self._peer(update.message.peer_id), me=self._directory.me)
            case _:
                return None

    def _peer(self, tl_peer: Any) -> Peer:
        return self._directory.by_key(tl_peer)

    def _is_own(self, message: Message) -> bool:
        return message.out and (message.chat.kind, message.chat.id, message.id) in self._sent
