"""Searching a chat, all chats, and the threads of a supergroup. What matches is decided in world/search.py."""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.history import PAGE, asked, page
from actors.testing.server.methods.peers import party_of, user_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.dialogs import history_of
from actors.testing.server.world.messages import Kind, Message, Slice
from actors.testing.server.world.parties import Account, Channel, Party, kind_of
from actors.testing.server.world.search import everywhere, matcher

__all__: list[str] = []


def _seconds(date: Any) -> int:
    return int(date.timestamp()) if date is not None else 0


@method(functions.messages.SearchRequest, bots=False)
def search(call: Call, request: Any) -> Any:
    """Answer with a page of what was found in a chat, newest first; without a peer, in private chats and groups.

    In a private chat the writer that was asked for is ignored, as Telegram does there.
    """
    me = call.account
    named = request.from_id is not None and not isinstance(request.peer, types.InputPeerUser | types.InputPeerSelf)
    sender = user_of(call, request.from_id, error="FROM_PEER_INVALID").id if named else None
    wanted = matcher(request.q, request.filter, sender=sender)
    if isinstance(request.peer, types.InputPeerEmpty):
        found = everywhere(call.world, me, wanted, lambda party: not isinstance(party, Channel))
        return page(call, None, Slice(found[: max(0, min(request.limit, PAGE))]), len(found))
    party = party_of(call, request.peer)
    top = request.top_msg_id
    hits = history_of(me, party).only(lambda message: wanted(message) and (not top or message.top == top))
    return page(call, party, hits.window(asked(request)), len(hits))


@method(functions.messages.SearchGlobalRequest, bots=False)
def search_global(call: Call, request: Any) -> Any:
    """Answer with a page of what was found in all chats, newest first. The offset is the last message seen."""
    me = call.account
    wanted = matcher(request.q, request.filter, since=_seconds(request.min_date), until=_seconds(request.max_date))

    def of_kind(party: Party) -> bool:
        folder = request.folder_id
        if folder is not None and me.folders.get(party.id, 0) != folder:
            return False
        return _is_wanted_kind(party, request)

    found = everywhere(call.world, me, wanted, of_kind)
    start = _after(call, found, request)
    chosen = found[start : start + max(0, min(request.limit, PAGE))]
    return page(call, None, Slice(chosen, start), len(found), next_rate=chosen[-1].date if chosen else None)


def _is_wanted_kind(party: Party, request: Any) -> bool:
    broadcast = isinstance(party, Channel) and party.broadcast
    if request.broadcasts_only:
        return broadcast
    if request.users_only:
        return isinstance(party, Account)
    return not (request.groups_only and (broadcast or isinstance(party, Account)))


def _after(call: Call, found: list[Message], request: Any) -> int:
    """Return the place behind the message of the offset."""
    if isinstance(request.offset_peer, types.InputPeerEmpty):
        return 0
    party = party_of(call, request.offset_peer)
    place = next((i for i, m in enumerate(found) if m.id == request.offset_id and _is_in(m, party)), None)
    return len(found) if place is None else place + 1


def _is_in(message: Message, party: Party) -> bool:
    return message.chat == party.id and message.kind is kind_of(party)


@method(functions.messages.GetRepliesRequest, bots=False)
def get_replies(call: Call, request: Any) -> Any:
    """Answer with a page of a supergroup's thread."""
    party = party_of(call, request.peer)
    root = history_of(call.account, party).get(request.msg_id)
    if root is None or root.kind is not Kind.CHANNEL:
        raise RpcFailure("MSG_ID_INVALID")
    thread = history_of(call.account, party).only(lambda message: message.top == root.id)
    return page(call, party, thread.window(asked(request)), len(thread))
