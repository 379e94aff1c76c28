"""From names, ids and Peers to peers that the server takes, and what becomes of an access hash that it refuses.

A hash is refused when it is another account's, of a Peer or a checkpoint that was handed over, or when Telegram has
given the peer another one. `TelethonClient` has this module mixed in, so that operations needn't look after it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

from telethon import errors, functions, types

from actors.model.content import Account, Peer
from actors.model.errors import ActorsError, ChatMigrated, InvalidInput, PeerLost, TelegramError, Verdict
from actors.telegram.peers import PeerDirectory, checked_username, marked_id
from actors.telegram.translate import translate

__all__ = ["STILL_REFUSED", "ResolveRequests"]

_NOBODY = "USERNAME_NOT_OCCUPIED"

_REFUSED = {
    "CHANNEL_INVALID": ("channel",),
    "FROM_PEER_INVALID": ("user", "channel"),
    "OFFSET_PEER_ID_INVALID": ("user", "channel"),
    "PEER_ID_INVALID": ("user", "channel"),
}
"""Which kinds of peers an error may be about, first the one that it is about if the request has such a peer."""

STILL_REFUSED: Mapping[str, Verdict] = MappingProxyType(dict.fromkeys(_REFUSED, Verdict.OPERATION_PERMANENT))
"""What these errors mean once the hash is new: something else is wrong with the peer, and no other attempt mends it.
A bot gets PEER_ID_INVALID for whoever hasn't started a chat with it."""

_GONE = frozenset({"CHAT_ID_INVALID", "PEER_ID_INVALID"})
"""What the server says of a basic group that isn't there any more, as when it has become a supergroup."""

_FIELDS = {
    types.InputPeerUser: ("user", "user_id"),
    types.InputUser: ("user", "user_id"),
    types.InputPeerChannel: ("channel", "channel_id"),
    types.InputChannel: ("channel", "channel_id"),
}
"""The TL objects that name a peer by its hash."""


class ResolveRequests(ABC):
    """The part of the narrow client that knows whom a request is about."""

    _call: Callable[..., Awaitable[Any]]
    _directory: PeerDirectory
    _name: str

    @abstractmethod
    async def _invoke(self, request: Any, *peers: Peer | None) -> Any:
        """Send a request about these peers, and wait."""

    @abstractmethod
    async def _who_am_i(self) -> Account:
        """Ask the server who this account is."""

    @abstractmethod
    def _error(self, verdict: Verdict, name: str, method: str) -> TelegramError:
        """Return a TelegramError of this session."""

    async def resolve(self, peer: str | int | Peer, *, to_write: bool = False) -> Peer:
        """Return the peer that a name or id stands for (contacts.resolveUsername for a name that isn't known yet).

        to_write: somebody is to be written to, so that a name counts as known for `SessionConfig.names_for` seconds
        alone. Raises InvalidInput for what can't be a name, for an id that this account has not met, and for one that
        several have whom it has met; ChatMigrated for a basic group that has become a supergroup.
        """
        if isinstance(peer, Peer):
            found = self._directory.refreshed(peer)
        elif isinstance(peer, int):
            found = self._directory.mentioned(peer) or self._directory.by_id(peer)
        elif not isinstance(peer, str):
            raise InvalidInput(field="peer", problem='must be a username such as "@name", "me", a numeric id or a Peer')
        else:
            name = checked_username(peer)
            if name == "me":
                return await self._myself()
            return self._directory.by_name(name, to_write=to_write) or await self._resolve_username(name)
        if found.kind == "chat":
            self._check_not_migrated(found, _cause("CHAT_MIGRATED", "nothing was sent"))
        elif not found.access_hash and found.username:
            return await self._find_again(found, _cause("NO_ACCESS_HASH", "contacts.resolveUsername"))
        return found

    async def _myself(self) -> Peer:
        me = self._directory.by_key(types.PeerUser(self._directory.me))
        if not me.access_hash:
            await self._who_am_i()
            me = self._directory.by_key(types.PeerUser(self._directory.me))
        return me

    async def _resolve_username(self, name: str) -> Peer:
        try:
            found = await self._invoke(functions.contacts.ResolveUsernameRequest(name))
        except TelegramError as error:
            if error.name == _NOBODY:
                self._directory.unname(name)
            raise
        peer = self._directory.by_key(found.peer)
        if peer.kind != "chat" and not peer.access_hash:
            raise self._error(Verdict.OPERATION_PERMANENT, _NOBODY, "contacts.resolveUsername")
        return peer

    async def _renew(self, error: TelegramError, request: Any, peers: Sequence[Peer | None]) -> list[Peer]:
        """Put a new hash into a request whose hash was refused; return the peers whose hashes are still the old ones.

        Raises the error if it isn't about a hash, PeerLost for a peer that can't be found again, and ChatMigrated for a
        basic group that the server doesn't know any more because it has become a supergroup.
        """
        about = [peer for peer in peers if peer is not None]
        stale: list[tuple[Peer, list[Any]]] = []
        for peer in _suspects(error.name, about):
            inputs = [named for found, named in _inputs_in(request) if found.key == peer.key]
            stale += [(peer, inputs)] if inputs else []
        if not stale:
            for chat in about if error.name in _GONE else ():
                await self._check_still_there(chat, error)
            raise error
        for peer, inputs in stale:
            found = self._directory.refreshed(peer)
            if found is peer or found.access_hash in (0, inputs[0].access_hash):  # none was learned in the meantime
                found = await self._find_again(peer, error)
            for named in inputs:
                named.access_hash = found.access_hash
        return [peer for peer in about if all(peer is not renewed for renewed, _ in stale)]

    async def _call_renewed(self, sender: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Make a request of Telethon's own, and once more with a new access hash if the one in it was refused."""
        try:
            return await self._call(sender, request, *args, **kwargs)
        except errors.RPCError as error:
            ours = translate(error, session=self._name)
            try:
                await self._renew(cast("TelegramError", ours), request, [peer for peer, _ in _inputs_in(request)])
            except ActorsError:
                raise error from None
        return await self._call(sender, request, *args, **kwargs)

    async def _find_again(self, peer: Peer, cause: TelegramError) -> Peer:
        """Return a peer with a good hash, by its username. Raises PeerLost when that leads to it no more."""
        if (peer.kind, peer.id) == ("user", self._directory.me):
            await self._who_am_i()
            return await self._myself()
        username = self._directory.username_of(peer)
        if username is None:
            moved = peer.username is not None
            reason = "its username is somebody else's by now" if moved else "it has no username to find it by"
            raise self._lost(peer, cause, reason)
        try:
            found = await self._resolve_username(username.lower())
        except TelegramError as error:
            if error.name != _NOBODY:
                raise
            raise self._lost(peer, cause, "nobody has its username any more") from error
        if (found.kind, found.id) != (peer.kind, peer.id):
            # An operation that was given the name is tried again: it resolves the name anew, and means who has it now.
            raise self._lost(peer, cause, "its username is somebody else's by now", verdict=Verdict.REFRESH_INPUT)
        return found

    def _lost(
        self, peer: Peer, cause: TelegramError, reason: str, *, verdict: Verdict = Verdict.OPERATION_PERMANENT
    ) -> PeerLost:
        return PeerLost(
            verdict=verdict,
            name=cause.name,
            method=cause.method,
            code=cause.code,
            session=self._name,
            peer=marked_id(peer.kind, peer.id),
            reason=reason,
        )

    async def _check_still_there(self, chat: Peer, cause: TelegramError) -> None:
        """Ask what became of a basic group (messages.getChats). Raises ChatMigrated."""
        if chat.kind != "chat":
            return
        try:
            await self._invoke(functions.messages.GetChatsRequest([chat.id]))
        except TelegramError:
            return
        self._check_not_migrated(chat, cause)

    def _check_not_migrated(self, chat: Peer, cause: TelegramError) -> None:
        successor = self._directory.successor(chat)
        if successor is not None:
            raise ChatMigrated(
                name=cause.name,
                method=cause.method,
                code=cause.code,
                session=self._name,
                chat=marked_id("chat", chat.id),
                migrated_to=marked_id("channel", successor.id),
            )


def _cause(name: str, method: str) -> TelegramError:
    """Return what the client itself refuses with, before it asks the server."""
    return TelegramError(verdict=Verdict.OPERATION_PERMANENT, name=name, method=method)


def _suspects(name: str, peers: Sequence[Peer]) -> list[Peer]:
    """Return which peers of a request an error is about; none for an error that isn't about a hash."""
    for kind in _REFUSED.get(name, ()):
        found = [peer for peer in peers if peer.kind == kind]
        if found:
            return found
    return []


def _inputs_in(request: Any) -> Iterator[tuple[Peer, Any]]:
    """Yield whom a request names by a hash, each with the TL object that does so."""
    for value in request if isinstance(request, list) else vars(request).values():
        kind, field = _FIELDS.get(type(value), ("", ""))
        if kind:
            yield Peer(kind, getattr(value, field), value.access_hash), value
        elif isinstance(value, list | types.InputDialogPeer):
            yield from _inputs_in(value)
