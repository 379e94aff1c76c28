"""From TL messages to snapshots, field by field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st
from telethon import types

from actors.model.content import Forward, Media, Message, Peer, Reaction, TextEntity
from actors.telegram.convert_message import to_media, to_message, to_reactions, to_short_message

ME = 1
DATE = datetime(2026, 1, 2, tzinfo=UTC)
LATER = datetime(2026, 1, 3, tzinfo=UTC)
CHANNEL = Peer("channel", 5, broadcast=True)
GROUP = Peer("channel", 6)
MYSELF = Peer("user", ME)
PERSON = Peer("user", 7, 70, "ann", "Ann")


def message(number: int = 1, text: str = "text", **fields: Any) -> types.Message:
    """Return a TL message."""
    return types.Message(number, types.PeerUser(7), DATE, text, **fields)


def known(marked: int) -> Peer | None:
    """Know Ann alone."""
    return PERSON if marked == PERSON.id else None


def test_a_private_message_is_from_the_other_side_or_from_me() -> None:
    """Telegram leaves the sender out, since the direction tells."""
    assert to_message(message(), PERSON, me=ME).sender_id == 7
    assert to_message(message(out=True), PERSON, me=ME).sender_id == ME


@pytest.mark.parametrize(
    ("sent", "chat", "marked"),
    [
        (message(post=True), CHANNEL, -1_000_000_000_005),
        (message(post_author="admin"), GROUP, -1_000_000_000_006),
        (message(from_id=types.PeerChannel(6)), GROUP, -1_000_000_000_006),
        (
            types.MessageService(1, types.PeerChannel(6), DATE, types.MessageActionPinMessage()),
            GROUP,
            -1_000_000_000_006,
        ),
        (message(), Peer("chat", 8), -8),
    ],
)
def test_who_writes_in_a_chats_name_is_that_chat(sent: Any, chat: Peer, marked: int) -> None:
    """So does a channel's every post, and an anonymous administrator; Telegram may leave the sender out."""
    assert to_message(sent, chat, me=ME).sender_id == marked


def test_a_post_is_from_its_channel_which_the_account_knows() -> None:
    """There is nothing to look up."""
    assert to_message(message(post=True), CHANNEL, me=ME).sender is CHANNEL


@pytest.mark.parametrize("flag", [True, None])
def test_saved_messages_are_outgoing_unless_they_were_forwarded(flag: bool | None) -> None:
    """Whatever the server says: Telegram doesn't mark them, and its own apps show them so."""
    forwarded = types.MessageFwdHeader(DATE, from_id=types.PeerUser(7))
    found = [to_message(message(out=flag, fwd_from=of), MYSELF, me=ME) for of in (None, forwarded)]
    assert [(each.out, each.sender_id) for each in found] == [(True, ME), (False, ME)]
    short = types.UpdateShortMessage(3, ME, "hi", 0, 0, DATE, out=flag)
    assert to_short_message(short, MYSELF, me=ME).out


def test_reactions_that_are_the_same_for_everybody_dont_say_whose_they_are() -> None:
    """Telegram calls them `min`."""
    heart = types.ReactionCount(types.ReactionEmoji("+"), 3)
    assert [each.chosen for each in to_reactions(types.MessageReactions([heart], min=True))] == [None]
    assert [each.chosen for each in to_reactions(types.MessageReactions([heart]))] == [False]


def test_a_reply_says_to_what() -> None:
    """And a reply to a story, which has no message id, doesn't."""
    reply = message(reply_to=types.MessageReplyHeader(reply_to_msg_id=4))
    story = message(reply_to=types.MessageReplyStoryHeader(types.PeerUser(7), 3))
    assert [to_message(each, PERSON, me=ME).reply_to for each in (reply, story)] == [4, None]


def test_a_service_message_has_no_text() -> None:
    """It is one of the history all the same."""
    joined = types.MessageService(1, types.PeerChannel(5), DATE, action=types.MessageActionChatJoinedByLink(7))
    found = to_message(joined, CHANNEL, me=ME)
    assert (found.text, found.service, found.media) == ("", "ChatJoinedByLink", None)


def test_a_group_says_what_it_has_become() -> None:
    """As well as the account knows it."""
    action = types.MessageActionChatMigrateTo(6)
    moved = types.MessageService(1, types.PeerChat(3), DATE, action=action)
    chat = Peer("chat", 3)
    assert to_message(moved, chat, me=ME).migrated_to == Peer("channel", 6)
    known_as = Peer("channel", 6, 60, title="club")
    found = to_message(moved, chat, me=ME, known=lambda marked: known_as if marked == -1_000_000_000_006 else None)
    assert (found.service, found.migrated_to) == ("ChatMigrateTo", known_as)


def test_a_message_has_everything_that_telegram_says_of_it() -> None:
    """A post with all that can hang on one."""
    thumbs_up = types.ReactionCount(types.ReactionEmoji("+"), 3, chosen_order=0)
    custom, paid = types.ReactionCount(types.ReactionCustomEmoji(8), 2), types.ReactionCount(types.ReactionPaid(), 1)
    post = message(
        9,
        post=True,
        views=100,
        forwards=4,
        replies=types.MessageReplies(6, 1),
        reactions=types.MessageReactions([thumbs_up, custom, paid]),
        edit_date=LATER,
        pinned=True,
        silent=True,
        post_author="The Editor",
        grouped_id=77,
        via_bot_id=88,
        fwd_from=types.MessageFwdHeader(DATE, from_id=types.PeerChannel(3), channel_post=11, post_author="Ed"),
        entities=[types.MessageEntityBold(0, 4)],
        media=types.MessageMediaPoll(None, None),
    )
    assert to_message(post, CHANNEL, me=ME, known=known) == Message(
        id=9,
        chat=CHANNEL,
        sender_id=-1_000_000_000_005,
        sender=CHANNEL,
        date=DATE,
        text="text",
        entities=(TextEntity("bold", 0, 4),),
        forward=Forward(DATE, -1_000_000_000_003, None, 11, "Ed"),
        media=Media("poll"),
        views=100,
        forwards=4,
        replies=6,
        reactions=(Reaction("+", 3, chosen=True), Reaction("custom:8", 2), Reaction("paid", 1)),
        edit_date=LATER,
        pinned=True,
        silent=True,
        post_author="The Editor",
        grouped_id=77,
        via_bot_id=88,
    )


def test_a_sender_is_named_when_the_account_knows_it() -> None:
    """A message has nothing but the id."""
    said = [to_message(message(from_id=types.PeerUser(who)), GROUP, me=ME, known=known) for who in (7, 8)]
    assert [(each.sender_id, each.sender) for each in said] == [(7, PERSON), (8, None)]


def test_a_change_that_telegram_hides_is_no_edit() -> None:
    """Such as new buttons, or a count."""
    assert to_message(message(edit_date=LATER, edit_hide=True), CHANNEL, me=ME).edit_date is None


def test_offsets_count_the_characters_of_python() -> None:
    """Telegram counts UTF-16 code units, of which an emoji has two."""
    text = "\N{GRINNING FACE}\N{GRINNING FACE} bold \N{PILE OF POO}link"
    found = [
        types.MessageEntityBold(5, 4),
        types.MessageEntityTextUrl(10, 6, "https://example.org"),
        types.MessageEntityMentionName(0, 4, 42),
        types.MessageEntityPre(0, 2, "python"),
        types.MessageEntityCustomEmoji(2, 2, 99),
    ]
    entities = to_message(message(text=text, entities=found), PERSON, me=ME).entities
    assert [text[each.offset : each.offset + each.length] for each in entities] == [
        "bold",
        "\N{PILE OF POO}link",
        "\N{GRINNING FACE}" * 2,
        "\N{GRINNING FACE}",
        "\N{GRINNING FACE}",
    ]
    assert [each.kind for each in entities] == ["bold", "text_url", "mention_name", "pre", "custom_emoji"]
    extras = [(each.url, each.user_id, each.language, each.document_id) for each in entities]
    assert extras == [
        (None, None, None, None),
        ("https://example.org", None, None, None),
        (None, 42, None, None),
        (None, None, "python", None),
        (None, None, None, 99),
    ]


def test_an_offset_beyond_the_text_ends_with_it() -> None:
    """No index of ours is ever out of range, whatever the server says."""
    for text in ("abc", "ab\N{GRINNING FACE}"):
        (entity,) = to_message(message(text=text, entities=[types.MessageEntityBold(1, 90)]), PERSON, me=ME).entities
        assert (entity.offset, entity.offset + entity.length) == (1, 3)


@pytest.mark.parametrize(
    ("header", "chat", "expected"),
    [
        ({"reply_to_msg_id": 4}, PERSON, (4, None, None)),
        ({"reply_to_msg_id": 4}, GROUP, (4, None, 4)),
        ({"reply_to_msg_id": 4, "reply_to_top_id": 2}, GROUP, (4, None, 2)),
        ({"reply_to_msg_id": 2, "forum_topic": True}, GROUP, (None, None, 2)),
        ({"reply_to_msg_id": 4, "reply_to_top_id": 2, "forum_topic": True}, GROUP, (4, None, 2)),
        ({"reply_to_msg_id": 4, "reply_to_peer_id": types.PeerChannel(9)}, GROUP, (4, -1_000_000_000_009, None)),
        ({"reply_to_msg_id": 4}, CHANNEL, (4, None, None)),
        ({"reply_to_msg_id": 2, "forum_topic": True}, PERSON, (None, None, 2)),
        ({"reply_to_msg_id": 4, "reply_to_top_id": 2, "forum_topic": True}, PERSON, (4, None, 2)),
        ({"reply_to_top_id": 2, "quote": True, "quote_text": "q"}, GROUP, (None, None, 2)),
        ({"reply_to_peer_id": types.PeerChannel(9), "reply_to_top_id": 2}, GROUP, (None, None, 2)),
        ({"reply_to_msg_id": 4, "reply_to_scheduled": True}, GROUP, (4, None, None)),
    ],
)
def test_a_message_belongs_to_what_it_answers_and_to_a_thread(
    header: dict[str, Any], chat: Peer, expected: tuple[int | None, int | None, int | None]
) -> None:
    """A forum's topic isn't an answer to its first message; other chats have ids of their own.

    What is answered may be hidden from the account; what is scheduled starts no thread yet.
    """
    found = to_message(message(reply_to=types.MessageReplyHeader(**header)), chat, me=ME)
    assert (found.reply_to, found.reply_to_chat_id, found.thread_id) == expected
    assert found.forum_topic is ("forum_topic" in header)


IDS = st.none() | st.integers(1, 5)
HEADERS = st.builds(
    types.MessageReplyHeader,
    reply_to_scheduled=st.booleans(),
    forum_topic=st.booleans(),
    quote=st.booleans(),
    reply_to_msg_id=IDS,
    reply_to_peer_id=st.sampled_from([None, types.PeerChannel(9)]),
    reply_to_top_id=IDS,
)


@given(header=HEADERS, chat=st.sampled_from([PERSON, MYSELF, GROUP, CHANNEL, Peer("chat", 8)]))
def test_what_a_header_says_is_kept_and_nothing_is_made_up(header: Any, chat: Peer) -> None:
    """For all that a server may say: ids of this chat and of others are never mixed up."""
    found = to_message(message(reply_to=header), chat, me=ME)
    assert found.forum_topic is header.forum_topic
    if header.reply_to_top_id is not None:
        assert found.thread_id == header.reply_to_top_id
    assert found.reply_to in (None, header.reply_to_msg_id)
    assert (found.reply_to_chat_id is not None) == (None not in (header.reply_to_msg_id, header.reply_to_peer_id))
    if found.reply_to_chat_id is not None:
        assert (found.reply_to, found.thread_id) == (header.reply_to_msg_id, header.reply_to_top_id)
    named = {header.reply_to_msg_id, header.reply_to_top_id} - {None}
    assert {found.reply_to, found.thread_id} - {None} == named


def test_somebody_who_hides_the_account_is_forwarded_by_name() -> None:
    """There is no id to give."""
    hidden = message(fwd_from=types.MessageFwdHeader(DATE, from_name="Somebody"))
    assert to_message(hidden, PERSON, me=ME).forward == Forward(DATE, None, "Somebody")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ([types.DocumentAttributeFilename("a.pdf")], Media("document", 5, "a.pdf", "m/t", id=1)),
        ([types.DocumentAttributeVideo(1.5, 4, 3)], Media("video", 5, None, "m/t", 1.5, 4, 3, 1)),
        ([types.DocumentAttributeAudio(9)], Media("audio", 5, None, "m/t", 9.0, id=1)),
        ([types.DocumentAttributeAudio(9, voice=True)], Media("voice", 5, None, "m/t", 9.0, id=1)),
        ([types.DocumentAttributeImageSize(4, 3)], Media("document", 5, None, "m/t", None, 4, 3, 1)),
        (
            [types.DocumentAttributeImageSize(4, 3), types.DocumentAttributeSticker("", types.InputStickerSetEmpty())],
            Media("sticker", 5, None, "m/t", None, 4, 3, 1),
        ),
        (
            [types.DocumentAttributeVideo(2.0, 4, 3), types.DocumentAttributeAnimated()],
            Media("animation", 5, None, "m/t", 2.0, 4, 3, 1),
        ),
    ],
)
def test_a_file_is_known_by_its_attributes(attributes: list[Any], expected: Media) -> None:
    """All files but photos are documents to Telegram."""
    document = types.Document(1, 2, b"", DATE, "m/t", 5, 2, attributes)
    assert to_media(types.MessageMediaDocument(document=document)) == expected


def test_a_photo_is_as_large_as_its_largest_size() -> None:
    """Telegram lists thumbnails, and progressive sizes whose last one is whole."""
    sizes = [
        types.PhotoStrippedSize("i", b"x"),
        types.PhotoSizeProgressive("y", 1280, 960, [10, 20, 30]),
        types.PhotoSize("m", 320, 240, 15),
    ]
    photo = types.Photo(4, 2, b"", DATE, sizes, 2)
    expected = Media("photo", 30, mime_type="image/jpeg", width=1280, height=960, id=4)
    assert to_media(types.MessageMediaPhoto(photo=photo)) == expected


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        (None, None),
        (types.MessageMediaEmpty(), None),
        (types.MessageMediaPhoto(ttl_seconds=5), Media("photo")),
        (types.MessageMediaDocument(voice=True, ttl_seconds=5), Media("voice")),
        (types.MessageMediaContact("1", "a", "b", "", 0), Media("contact")),
        (types.MessageMediaGeo(types.GeoPointEmpty()), Media("location")),
        (types.MessageMediaWebPage(types.WebPageEmpty(3)), Media("webpage", id=3)),
        (types.MessageMediaWebPage(types.WebPageNotModified()), Media("webpage")),
        (types.MessageMediaDice(6, "die"), Media("other")),
        (types.MessageMediaUnsupported(), Media("other")),
    ],
)
def test_everything_else_is_a_kind_alone(media: Any, expected: Media | None) -> None:
    """A contact's number is left out; what was shown once and is gone keeps its kind."""
    assert to_media(media) == expected


def test_a_short_update_says_as_much_as_it_has() -> None:
    """Private and group messages without media come so."""
    short = types.UpdateShortMessage(
        3,
        7,
        "hi",
        0,
        0,
        DATE,
        silent=True,
        via_bot_id=88,
        fwd_from=types.MessageFwdHeader(DATE, from_id=types.PeerUser(2)),
        reply_to=types.MessageReplyHeader(reply_to_msg_id=2),
        entities=[types.MessageEntityItalic(0, 2)],
    )
    assert to_short_message(short, PERSON, me=ME, known=known) == Message(
        id=3,
        chat=PERSON,
        sender_id=7,
        date=DATE,
        text="hi",
        reply_to=2,
        sender=PERSON,
        entities=(TextEntity("italic", 0, 2),),
        forward=Forward(DATE, 2),
        silent=True,
        via_bot_id=88,
    )
