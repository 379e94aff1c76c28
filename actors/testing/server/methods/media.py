"""messages.sendMedia, uploadMedia and sendMultiMedia: photos, documents and albums. Bytes come and go in upload.py."""

from __future__ import annotations

import random
import secrets
from dataclasses import replace
from typing import Any

from actors.testing.server.methods.answers import answered
from actors.testing.server.methods.peers import party_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.sending import due_date, entities_of, may_write, remember
from actors.testing.server.methods.upload import assemble, checked_reference
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.files import Blob, File, Kind
from actors.testing.server.world.media import Attached, media_view
from actors.testing.server.world.message_views import message_view
from actors.testing.server.world.parties import Channel, Party
from actors.testing.server.world.party_views import sort_faces
from actors.testing.server.world.pictures import picture_size
from actors.testing.server.world.posting import Draft, Posted, post
from actors.testing.server.world.scheduled import schedule
from actors.testing.server.world.updates import channel_update, private_update, wrap

__all__: list[str] = []

CAPTION_LENGTH = 1024  # characters, as help.getConfig says
ALBUM_LENGTH = 10  # https://core.telegram.org/method/messages.sendMultiMedia
PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES, PHOTO_RATIO = 10_000, 20  # width and height together, and one to the other
DICE_FACES = {"\N{SLOT MACHINE}": 64, "\N{BASKETBALL AND HOOP}": 5, "\N{SOCCER BALL}": 5}
PICTURES = {b"\x89": "image/png", b"G": "image/gif"}


def _photo(call: Call, blob: Blob) -> File:
    head = blob.parts[0] if len(blob.parts) == 1 else b"".join(blob.parts)
    size = picture_size(head) if blob.size <= PHOTO_BYTES else None
    if size is None:
        raise RpcFailure("IMAGE_PROCESS_FAILED" if blob.size <= PHOTO_BYTES else "PHOTO_SAVE_FILE_INVALID")
    width, height = size
    if width + height > PHOTO_SIDES or max(size) > PHOTO_RATIO * min(size):
        raise RpcFailure("PHOTO_INVALID_DIMENSIONS")
    mime_type = PICTURES.get(head[:1], "image/jpeg")
    files = call.world.files
    photo = files.add(Kind.PHOTO, blob, date=call.now, mime_type=mime_type, width=width, height=height)
    photo.cached = files.caches_photos
    return photo


def _document(call: Call, media: Any) -> File:
    attributes = list(media.attributes)
    name = getattr(media.file, "name", "")
    if name and not any(isinstance(attribute, types.DocumentAttributeFilename) for attribute in attributes):
        attributes.append(types.DocumentAttributeFilename(name))
    thumb = assemble(call, media.thumb) if media.thumb is not None else None
    blob, mime_type = assemble(call, media.file), media.mime_type or "application/octet-stream"
    return call.world.files.add(
        Kind.DOCUMENT, blob, date=call.now, mime_type=mime_type, attributes=attributes, thumb=thumb
    )


def _attached(media: Any, file: File) -> Attached:
    return Attached(file, spoiler=bool(media.spoiler), ttl=media.ttl_seconds)


def _media(call: Call, media: Any) -> Any:
    """Return what a client's InputMedia puts on a message. Raises RpcFailure."""
    match media:
        case types.InputMediaUploadedPhoto():
            return _attached(media, _photo(call, assemble(call, media.file)))
        case types.InputMediaUploadedDocument():
            return _attached(media, _document(call, media))
        case types.InputMediaPhoto() | types.InputMediaDocument():
            return _attached(media, _known(call, media))
        case types.InputMediaContact():
            contact = (media.phone_number, media.first_name, media.last_name, media.vcard)
            return types.MessageMediaContact(*contact, user_id=0)
        case types.InputMediaGeoPoint(geo_point=types.InputGeoPoint() as point):
            return types.MessageMediaGeo(types.GeoPoint(point.long, point.lat, access_hash=0))
        case types.InputMediaDice():
            faces = DICE_FACES.get(media.emoticon, 6)
            return types.MessageMediaDice(random.randint(1, faces), media.emoticon)  # noqa: S311  a die, no secret
        case types.InputMediaEmpty():
            raise RpcFailure("MEDIA_EMPTY")
        case _:
            raise RpcFailure("MEDIA_INVALID")


def _known(call: Call, media: Any) -> File:
    """Return the file that an InputPhoto or InputDocument means, after checking its reference."""
    kind = Kind.PHOTO if isinstance(media, types.InputMediaPhoto) else Kind.DOCUMENT
    if not isinstance(media.id, types.InputPhoto | types.InputDocument):
        raise RpcFailure("MEDIA_EMPTY")
    return checked_reference(call, media.id, kind, error="MEDIA_EMPTY")


def _caption(text: str) -> str:
    if len(text) > CAPTION_LENGTH:
        raise RpcFailure("MEDIA_CAPTION_TOO_LONG")
    return text


@method(functions.messages.UploadMediaRequest)
def upload_media(call: Call, request: Any) -> Any:
    """Store media without sending it. Clients make albums of what this answers."""
    party_of(call, request.peer)
    return media_view(_media(call, request.media))


@method(functions.messages.SendMediaRequest)
def send_media(call: Call, request: Any) -> Any:
    """Send a file once. A random_id seen before gets the message that it made then."""
    me, party = call.account, party_of(call, request.peer)
    if not request.random_id:
        raise RpcFailure("RANDOM_ID_EMPTY")
    posted = me.sent.get(request.random_id)
    if posted is None:
        may_write(call, party)
        text = _caption(request.message)
        posted = _post(call, party, request, request, Draft(text, media=_media(call, request.media)))
    return _answer(call, party, [posted])


def _post(call: Call, party: Party, request: Any, item: Any, draft: Draft) -> Posted:
    """Post one message of a request. `item` has its random_id and entities."""
    me, at = call.account, due_date(call, request.schedule_date)
    fields = {"random_id": item.random_id, "entities": entities_of(call, item.entities)}
    whole = replace(draft, **fields, **answered(call, request.reply_to))
    if at is None:
        posted = post(call.world, me, party, whole, now=call.now)
    else:
        posted = schedule(call.world, me, party, whole, at=at, now=call.now)
    remember(me, posted)
    return posted


@method(functions.messages.SendMultiMediaRequest)
def send_multi_media(call: Call, request: Any) -> Any:
    """Send an album: up to ten stored files as messages that share a grouped_id, all of them or none."""
    me, party, items = call.account, party_of(call, request.peer), request.multi_media
    may_write(call, party)
    if not items:
        raise RpcFailure("MEDIA_EMPTY")
    if len(items) > ALBUM_LENGTH:
        raise RpcFailure("MULTI_MEDIA_TOO_LONG")
    if not all(isinstance(item.media, types.InputMediaPhoto | types.InputMediaDocument) for item in items):
        raise RpcFailure("MEDIA_INVALID")
    if not all(item.random_id for item in items):
        raise RpcFailure("RANDOM_ID_EMPTY")
    album = secrets.randbits(62) + 1
    drafts = [Draft(_caption(item.message), media=_media(call, item.media), album=album) for item in items]
    posted = [
        me.sent.get(item.random_id) or _post(call, party, request, item, draft)
        for item, draft in zip(items, drafts, strict=True)
    ]
    return _answer(call, party, posted)


def _answer(call: Call, party: Party, posted: list[Posted]) -> Any:
    """Answer with the whole messages, also in a private chat, because a client learns the file's id from them."""
    me, world = call.account, call.world
    updates: list[Any] = [types.UpdateMessageID(one.message.id, one.message.random_id) for one in posted]
    updates += [_update(call, party, one) for one in posted]
    users, chats = sort_faces(world, me, [me, party])
    return wrap(updates, users, chats, call.now)


def _update(call: Call, party: Party, posted: Posted) -> Any:
    me, stamped = call.account, posted.stamped
    if stamped is None:
        return types.UpdateNewScheduledMessage(message_view(me, posted.message))
    return channel_update(me, party, stamped) if isinstance(party, Channel) else private_update(me, stamped)
