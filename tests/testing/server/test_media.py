"""Photos, documents and albums, by Telethon's own send_file, download_media and iter_download."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, strategies as st
from telethon import TelegramClient, errors, events
from telethon.tl import functions, types

from actors.testing import Loopback
from actors.testing.server.world.files import Blob
from actors.testing.server.world.pictures import picture_size
from tests.testing.server.clients import connected, eventually, stranger
from tests.testing.server.pictures import named, png

KIB = 1024


async def test_a_photo_comes_back_as_it_was_sent_in_every_size(telegram: Loopback) -> None:
    """With its measures, its caption, and the sizes that it is big enough for."""
    picture = png(900, 300)
    telegram.add_account("ann-media")
    async with connected(telegram.add_session("abe-media")) as abe:
        message = await abe.send_file("ann_media", named(picture, "sea.png"), caption="**the** sea")
        assert (message.text, message.raw_text) == ("**the** sea", "the sea")
        sizes = [(size.type, size.w, size.h) for size in message.photo.sizes]
        assert sizes == [("s", 100, 33), ("m", 320, 107), ("x", 800, 267), ("y", 900, 300)]
        assert await abe.download_media(message, bytes) == picture
        assert await abe.download_media(message, bytes, thumb=0) == picture


async def test_a_photo_may_come_along_with_its_message(telegram: Loopback) -> None:
    """In one cached size, and in no other; those that were stored before stay as they are."""
    small = png(60, 40)
    async with connected(telegram.add_session("abe")) as abe:
        before = await abe.send_file("me", named(small, "before.png"))
        telegram.cached_photos()
        message = await abe.send_file("me", named(small, "now.png"))
        (size,) = message.photo.sizes
        assert (type(size), size.w, size.h, size.bytes) == (types.PhotoCachedSize, 60, 40, small)
        assert await abe.download_media(message, bytes) == small
        assert [type(each) for each in before.photo.sizes] == [types.PhotoSize]
        telegram.cached_photos(on=False)
        after = await abe.send_file("me", named(small, "after.png"))
        assert [type(each) for each in after.photo.sizes] == [types.PhotoSize]


async def test_the_other_side_gets_the_file_with_the_update(telegram: Loopback) -> None:
    """And can download it, as can a later reader of the history."""
    received: list[Any] = []

    async def keep(event: Any) -> None:
        received.append(event.message)

    async with connected(telegram.add_session("bea")) as bea, connected(telegram.add_session("bob")) as bob:
        bob.add_event_handler(keep, events.NewMessage(incoming=True))
        await bea.send_file("bob", named(b"dear bob " * 500, "letter.txt"))
        await eventually(lambda: bool(received))
        assert received[0].file.name == "letter.txt"
        assert await bob.download_media(received[0], bytes) == b"dear bob " * 500
        (again,) = await bob.get_messages("bea", limit=1)
        assert (again.file.mime_type, again.file.size) == ("text/plain", 4500)


async def test_a_document_keeps_its_attributes_and_its_thumb(telegram: Loopback) -> None:
    """A voice note of three seconds; a film with a picture on its box."""
    voice = [types.DocumentAttributeAudio(duration=3, voice=True, waveform=b"\1\2\3")]
    async with connected(telegram.add_session("cas-media")) as cas:
        note = await cas.send_file("me", named(b"la la la", "note.ogg"), attributes=voice, voice_note=True)
        assert (note.voice is not None, note.file.duration) == (True, 3)
        film = await cas.send_file("me", named(b"action!", "film.mp4"), thumb=named(png(90, 60), "box.png"))
        assert film.video is not None
        assert await cas.download_media(film, bytes, thumb=-1) == png(90, 60)


@pytest.mark.parametrize("where", ["channel", "person"])
async def test_an_album_is_one_group_with_its_captions_in_order(telegram: Loopback, where: str) -> None:
    """In a channel and in a private chat; the other side hears of it as one album."""
    albums: list[Any] = []

    async def keep(event: Any) -> None:
        albums.append([message.raw_text for message in event.messages])

    sender, receiver, gallery = f"dee-{where}", f"dan-{where}", f"gallery-{where}"
    telegram.add_channel(gallery, members=[sender, receiver])
    target = f"gallery_{where}" if where == "channel" else f"dan_{where}"
    async with connected(telegram.add_session(sender)) as dee, connected(telegram.add_session(receiver)) as dan:
        dan.add_event_handler(keep, events.Album())
        pictures = [named(png(100 + side, 100), f"{side}.png") for side in range(3)]
        sent = await dee.send_file(target, pictures, caption=["a", "b", "c"])
        assert [message.raw_text for message in sent] == ["a", "b", "c"]
        assert len({message.grouped_id for message in sent}) == 1
        assert sent[0].grouped_id
        await eventually(lambda: bool(albums))
        assert albums == [["a", "b", "c"]]


async def test_a_document_of_50_mb_goes_up_and_comes_down(telegram: Loopback) -> None:
    """In big parts, and from the middle too."""
    data = Random(50).randbytes(50_000_000)  # noqa: S311  noise for a test
    async with connected(telegram.add_session("eve-media")) as eve:
        message = await eve.send_file("me", named(data, "huge.bin"))
        assert message.document.size == len(data)
        digest = hashlib.sha256()
        async for chunk in eve.iter_download(message.document):
            digest.update(chunk)
        assert digest.digest() == hashlib.sha256(data).digest()
        middle = eve.iter_download(message.document, offset=25_000_001, limit=1, chunk_size=1000, request_size=4096)
        assert bytes(await anext(middle)) == data[25_000_001:25_001_001]
        await middle.close()
    with open(f"/proc/{telegram.pid}/status") as status:  # noqa: ASYNC230, PTH123  procfs doesn't wait
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    assert peak < 250 * KIB  # KiB: the server with its libraries, the file once, and some parts on their way


async def test_an_expired_reference_is_refused_until_the_message_is_fetched_again(telegram: Loopback) -> None:
    """A photo's download fails; a document's is mended by Telethon itself; the message has the new reference."""
    async with connected(telegram.add_session("fay-media")) as fay:
        photo = await fay.send_file("me", named(png(50, 50), "p.png"))
        document = await fay.send_file("me", named(b"x" * 5000, "d.bin"))
        assert telegram.expire_file_references() >= 2
        with pytest.raises(errors.FileReferenceExpiredError):
            await fay.download_media(photo, bytes)
        with pytest.raises(errors.FileReferenceExpiredError):
            await fay.send_file("me", photo.media)
        assert await fay.download_media(document, bytes) == b"x" * 5000
        again = await fay.get_messages("me", ids=photo.id)
        assert await fay.download_media(again, bytes) == png(50, 50)
        assert (await fay.send_file("me", again.media)).photo.id == photo.photo.id


async def test_a_client_that_takes_the_data_centre_for_another_downloads_all_the_same(
    telegram: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telethon is told DC_ID_INVALID, and puts its session right."""
    monkeypatch.setattr(
        TelegramClient, "_config", None
    )  # Telethon keeps the list of data centres for the whole process
    async with stranger(telegram.address):
        pass  # so that the server's key is known
    async with connected(telegram.add_session("guy-media")) as guy:
        document = (await guy.send_file("me", named(b"here", "h.txt"))).document
        guy.session.set_dc(4, telegram.address.host, telegram.address.port)
        assert b"".join([chunk async for chunk in guy.iter_download(document)]) == b"here"
        assert guy.session.dc_id == 2


async def test_a_file_can_be_scheduled_edited_and_forwarded(telegram: Loopback) -> None:
    """It stays on the message, whatever becomes of that."""
    async with connected(telegram.add_session("gil-media")) as gil:
        later = await gil.send_file("me", named(b"later", "l.txt"), schedule=timedelta(days=1))
        assert later.file.name == "l.txt"
        telegram.send_scheduled()
        (sent,) = await gil.get_messages("me", limit=1)
        assert await gil.download_media(sent, bytes) == b"later"
        edited = await gil.edit_message(sent, "a caption")
        assert (edited.raw_text, edited.file.name) == ("a caption", "l.txt")
        forwarded = await gil.forward_messages("me", sent)
        assert await gil.download_media(forwarded, bytes) == b"later"
        found = [message.id async for message in gil.iter_messages("me", filter=types.InputMessagesFilterDocument())]
        assert found == [forwarded.id, sent.id]


async def test_a_file_once_sent_is_sent_again_without_its_bytes(telegram: Loopback) -> None:
    """By its reference: no part is uploaded."""
    async with connected(telegram.add_session("gus-media")) as gus:
        first = await gus.send_file("me", named(b"once", "once.txt"))
        telegram.forget_calls("gus-media")
        second = await gus.send_file("me", first.media)
        assert second.document.id == first.document.id
        assert telegram.calls("gus-media") == ["messages.sendMedia"]


async def test_sending_media_twice_with_one_random_id_sends_it_once(telegram: Loopback) -> None:
    """As with texts."""
    async with connected(telegram.add_session("hal-media")) as hal:
        media = types.InputMediaUploadedDocument(await hal.upload_file(b"only"), "text/plain", [])
        request = functions.messages.SendMediaRequest(types.InputPeerSelf(), media, "", random_id=77)
        ids = {(await hal(request)).updates[0].id for _ in range(2)}
        assert len(ids) == len(telegram.messages("hal-media")) == 1


async def test_a_part_that_is_missing_is_named(telegram: Loopback) -> None:
    """FILE_PART_2_MISSING: the client can send just that one."""
    async with connected(telegram.add_session("ida-media")) as ida:
        for part in (0, 1, 3):
            await ida(functions.upload.SaveBigFilePartRequest(5, part, 4, bytes(512 * KIB)))
        media = types.InputMediaUploadedDocument(types.InputFileBig(5, 4, "x"), "text/plain", [])
        with pytest.raises(errors.FilePartMissingError) as caught:
            await ida(functions.messages.SendMediaRequest(types.InputPeerSelf(), media, ""))
        assert caught.value.which == 2
        await ida(functions.upload.SaveBigFilePartRequest(5, 2, 4, bytes(512 * KIB)))
        await ida(functions.messages.SendMediaRequest(types.InputPeerSelf(), media, ""))


BIG = functions.upload.SaveBigFilePartRequest
SMALL = functions.upload.SaveFilePartRequest


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (BIG(1, 5, 5, b"x" * KIB), errors.FilePartsInvalidError),
        (BIG(1, 0, 9000, b"x" * KIB), errors.FilePartsInvalidError),
        (BIG(1, 0, 5, b"x" * 1000), errors.FilePartSizeInvalidError),
        (SMALL(1, 9000, b"x"), errors.FilePartInvalidError),
        (SMALL(1, 0, b""), errors.FilePartEmptyError),
        (SMALL(1, 0, bytes(513 * KIB)), errors.FilePartTooBigError),
    ],
    ids=["a part behind the last", "too many parts", "an odd size", "a high number", "an empty part", "a big part"],
)
async def test_a_part_that_makes_no_sense_is_refused(telegram: Loopback, request_: Any, error: type) -> None:
    """With the error that Telegram has for it."""
    async with connected(telegram.add_session(f"jon-{error.__name__}-{request_.file_part}-{id(request_)}")) as jon:
        with pytest.raises(error):
            await jon(request_)


async def test_what_is_no_picture_or_has_a_wrong_checksum_is_no_photo(telegram: Loopback) -> None:
    """The server looks into the file."""
    async with connected(telegram.add_session("kim-media")) as kim:
        with pytest.raises(errors.ImageProcessFailedError):
            await kim.send_file("me", named(b"not a picture", "fake.png"))
        with pytest.raises(errors.PhotoInvalidDimensionsError):
            await kim.send_file("me", named(png(2000, 10), "thin.png"))
        handle = await kim.upload_file(b"data")
        broken = types.InputFile(handle.id, handle.parts, handle.name, "0" * 32)
        with pytest.raises(errors.Md5ChecksumInvalidError):
            await kim(functions.messages.UploadMediaRequest("me", types.InputMediaUploadedDocument(broken, "", [])))


@pytest.mark.parametrize(
    ("offset", "limit", "error"),
    [
        (1, 4096, errors.OffsetInvalidError),
        (0, 1000, errors.LimitInvalidError),
        (4096, 2**20, errors.LimitInvalidError),
    ],
)
async def test_a_download_that_is_not_aligned_is_refused(
    telegram: Loopback, offset: int, limit: int, error: type
) -> None:
    """Offsets and limits are multiples of 4 KB, and a piece doesn't cross a megabyte."""
    async with connected(telegram.add_session(f"lea-{offset}-{limit}")) as lea:
        document = (await lea.send_file("me", named(b"data", "d.txt"))).document
        place = types.InputDocumentFileLocation(document.id, document.access_hash, document.file_reference, "")
        with pytest.raises(error):
            await lea(functions.upload.GetFileRequest(place, offset, limit))


async def test_a_contact_a_place_and_a_die_are_media_too(telegram: Loopback) -> None:
    """Without a file."""
    async with connected(telegram.add_session("mia-media")) as mia:
        contact = await mia.send_file("me", types.InputMediaContact("31612345678", "Jo", "", ""))
        place = await mia.send_file("me", types.InputMediaGeoPoint(types.InputGeoPoint(52.5, 4.5)))
        die = await mia.send_file("me", types.InputMediaDice("\N{GAME DIE}"))
        assert (contact.contact.first_name, place.geo.lat) == ("Jo", 52.5)
        assert 1 <= die.dice.value <= 6


@given(st.lists(st.binary(min_size=1, max_size=9)), st.integers(0, 40), st.integers(0, 40))
def test_a_blob_reads_as_its_parts_joined(parts: list[bytes], offset: int, limit: int) -> None:
    """Any slice of any parts."""
    blob = Blob(tuple(parts))
    assert blob.size == len(b"".join(parts))
    assert blob.read(offset, limit) == b"".join(parts)[offset : offset + limit]


@given(st.sampled_from([b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"GIF89a"]), st.binary(max_size=60))
def test_any_bytes_have_a_size_or_none(magic: bytes, rest: bytes) -> None:
    """Never an error; a whole PNG, JPEG and GIF have theirs."""
    size = picture_size(magic + rest)
    assert size is None or min(size) > 0
    assert picture_size(png(7, 5)) == (7, 5)
    assert picture_size(b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x05\x00\x07") == (7, 5)
    assert picture_size(b"GIF89a\x07\x00\x05\x00") == (7, 5)
