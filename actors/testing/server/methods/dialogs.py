"""The list of chats: pages, folders and pins. The order of the list is decided in world/dialogs.py."""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.peers import party_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.replies import told
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.dialogs import dialog, dialogs_of, history_of
from actors.testing.server.world.difference import state
from actors.testing.server.world.log import Filed
from actors.testing.server.world.message_views import message_view
from actors.testing.server.world.messages import Message
from actors.testing.server.world.parties import Party, kind_of
from actors.testing.server.world.party_views import peer_of, sort_faces
from actors.testing.server.world.recording import tell_account
from actors.testing.server.world.updates import wrap

__all__: list[str] = []

PAGE = 100  # the most that Telegram gives at once
PINNED = 5  # help.getConfig used to say pinned_dialogs_count_max
FOLDERS = (0, 1)  # none, and the archive (https://core.telegram.org/api/folders#peer-folders)


def _faces(call: Call, tops: list[Message], parties: list[Party]) -> tuple[list[Any], list[Any]]:
    senders = [call.world.accounts[message.sender] for message in tops if not message.is_unsigned]
    return sort_faces(call.world, call.account, [*parties, *senders])


def _rest(call: Call, dialogs: list[tuple[Message, Party]], request: Any) -> list[tuple[Message, Party]]:
    """Return the chats after the offset: after that chat, or if it isn't listed, the chats older than the date."""
    if not isinstance(request.offset_peer, types.InputPeerEmpty):
        last = party_of(call, request.offset_peer, error="OFFSET_PEER_ID_INVALID")
        place = next((index for index, (_, party) in enumerate(dialogs) if party is last), None)
        if place is not None:
            return dialogs[place + 1 :]
    before = int(request.offset_date.timestamp()) if request.offset_date is not None else 0
    return [pair for pair in dialogs if not before or pair[0].date < before]


@method(functions.messages.GetDialogsRequest, bots=False)
def get_dialogs(call: Call, request: Any) -> Any:
    """Answer with a page of chats, pinned ones, then newest first. The offset is the last chat of the page before."""
    me = call.account
    if request.limit < 0:
        raise RpcFailure("LIMIT_INVALID")
    folder = request.folder_id
    chosen = [
        (top, party)
        for top, party in dialogs_of(call.world, me)
        if (folder is None or me.folders.get(party.id, 0) == folder)
        and not (request.exclude_pinned and party.id in me.pinned)
    ]
    cut = _rest(call, chosen, request)[: max(0, min(request.limit, PAGE))]
    page = [(top, party) for top, party in cut if call.world.left_out.shows_dialog(me, party)]
    tops = [top for top, _ in page]
    users, chats = _faces(call, tops, [party for _, party in page])
    rows = [dialog(me, party) for _, party in page]
    views = [message_view(me, top) for top in tops]
    if len(page) == len(chosen):
        return types.messages.Dialogs(rows, views, chats, users)
    return types.messages.DialogsSlice(len(chosen), rows, views, chats, users)


@method(functions.messages.GetPeerDialogsRequest, bots=False)
def get_peer_dialogs(call: Call, request: Any) -> Any:
    """Answer with the dialogs that were asked for."""
    me = call.account
    parties = [party_of(call, peer.peer) for peer in request.peers if isinstance(peer, types.InputDialogPeer)]
    histories = [history_of(me, party) for party in parties]
    tops = [history.messages[-1] for history in histories if len(history)]
    users, chats = _faces(call, tops, parties)
    rows = [dialog(me, party) for party in parties]
    return types.messages.PeerDialogs(rows, [message_view(me, top) for top in tops], chats, users, state(me, call.now))


@method(functions.folders.EditPeerFoldersRequest, bots=False)
def edit_peer_folders(call: Call, request: Any) -> Any:
    """Put chats into the archive, or take them out."""
    me = call.account
    wanted = [(party_of(call, item.peer), item.folder_id) for item in request.folder_peers]
    if any(folder not in FOLDERS for _, folder in wanted):
        raise RpcFailure("FOLDER_ID_INVALID")
    for folder in FOLDERS:
        parties = [party for party, to in wanted if to == folder and me.folders.get(party.id, 0) != folder]
        for party in parties:
            me.folders.pop(party.id, None)
            me.folders.update({party.id: folder} if folder else {})
        if parties:
            filed = Filed(tuple((kind_of(party), party.id) for party in parties), folder)
            tell_account(call.world, me, filed, now=call.now, count=len(parties))
    return told(call)


@method(functions.messages.ToggleDialogPinRequest, bots=False)
def toggle_dialog_pin(call: Call, request: Any) -> bool:
    """Put a chat on top of the list, or back into it."""
    me, party = call.account, party_of(call, getattr(request.peer, "peer", None))
    pinned = bool(request.pinned)
    if pinned and party.id not in me.pinned and len(me.pinned) >= PINNED:
        raise RpcFailure("PINNED_DIALOGS_TOO_MUCH")
    me.pinned = [chat for chat in me.pinned if chat != party.id]
    me.pinned[:0] = [party.id] if pinned else []
    update = types.UpdateDialogPinned(types.DialogPeer(peer_of(party)), pinned=pinned or None)
    users, chats = sort_faces(call.world, me, [party])
    call.world.push((me.id,), lambda _: wrap([update], users, chats, call.now))
    return True
