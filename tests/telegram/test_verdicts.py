"""The table of Telethon's errors."""

from __future__ import annotations

import asyncio
import copy
import pickle
import re
from typing import Any

import pytest
from telethon import errors, functions, types
from telethon.errors import rpc_message_to_error

from actors.model.errors import FloodScope, FloodWait, InvalidInput, TelegramError, Verdict
from actors.session.retries import PERMANENT
from actors.telegram.error_table import BY_CLASS, BY_NAME, EXACT, FAMILIES
from actors.telegram.names import chat_of, telegram_name
from actors.telegram.translate import row_of, translate, verdict_of

SECRET = "the text that nobody may see"
USER = types.InputPeerUser(7, 1)
SEND = functions.messages.SendMessageRequest(types.InputPeerSelf(), SECRET, random_id=1)


def said_by_server(code: int, message: str) -> Any:
    """Return what Telethon makes of an rpc_error, as its sender does."""
    return rpc_message_to_error(types.RpcError(code, message), SEND)


def told(code: int, message: str) -> TelegramError:
    """Return our error for an rpc_error of the server."""
    ours = translate(said_by_server(code, message), session="alice")
    assert isinstance(ours, TelegramError)
    return ours


@pytest.mark.parametrize(
    ("code", "message", "verdict"),
    [
        (420, "FLOOD_WAIT_31", Verdict.RETRY_AFTER),
        (420, "FLOOD_PREMIUM_WAIT_7", Verdict.RETRY_AFTER),
        (420, "SLOWMODE_WAIT_9", Verdict.RETRY_AFTER),
        (420, "FLOOD_SOMETHING_NEW_12", Verdict.RETRY_AFTER),
        (420, "FLOOD_WITHOUT_A_NUMBER", Verdict.UNKNOWN),
        (420, "FROZEN_METHOD_INVALID", Verdict.ACCOUNT_RESTRICTED),
        (500, "RANDOM_ID_DUPLICATE", Verdict.ALREADY_DONE),
        (500, "RPC_CALL_FAIL", Verdict.TRANSIENT),
        (500, "NEVER_SEEN_BEFORE", Verdict.TRANSIENT),
        (500, "NEVER_SEEN_AND_INVALID", Verdict.TRANSIENT),
        (500, "NEED_MEMBER_INVALID", Verdict.OPERATION_PERMANENT),
        (-500, "No workers running", Verdict.TRANSIENT),
        (500, "UNKNOWN_METHOD", Verdict.OPERATION_PERMANENT),
        (-503, "Timeout", Verdict.TRANSIENT),
        (-503, "Timedout", Verdict.TRANSIENT),
        (400, "MESSAGE_NOT_MODIFIED", Verdict.ALREADY_DONE),
        (400, "USER_ALREADY_PARTICIPANT", Verdict.ALREADY_DONE),
        (400, "FILE_REFERENCE_EXPIRED", Verdict.REFRESH_INPUT),
        (400, "PEER_ID_INVALID", Verdict.REFRESH_INPUT),
        (400, "MESSAGE_TOO_LONG", Verdict.OPERATION_PERMANENT),
        (400, "USERNAME_NOT_OCCUPIED", Verdict.OPERATION_PERMANENT),
        (401, "SESSION_PASSWORD_NEEDED", Verdict.OPERATION_PERMANENT),
        (403, "USER_PRIVACY_RESTRICTED", Verdict.RECIPIENT_PERMANENT),
        (403, "ALLOW_PAYMENT_REQUIRED_50", Verdict.RECIPIENT_PERMANENT),
        (406, "PRIVACY_PREMIUM_REQUIRED", Verdict.RECIPIENT_PERMANENT),
        (406, "SOMETHING_ELSE", Verdict.UNKNOWN),
        (403, "CHAT_WRITE_FORBIDDEN", Verdict.CHAT_PERMANENT),
        (403, "CHAT_SEND_ROUNDVIDEOS_FORBIDDEN", Verdict.CHAT_PERMANENT),
        (400, "CHANNEL_PRIVATE", Verdict.CHAT_PERMANENT),
        (400, "PEER_FLOOD", Verdict.ACCOUNT_RESTRICTED),
        (401, "AUTH_KEY_UNREGISTERED", Verdict.SESSION_DEAD),
        (406, "AUTH_KEY_DUPLICATED", Verdict.SESSION_DEAD),
        (401, "NEW_KIND_OF_401", Verdict.UNKNOWN),
        (401, "NEW_KEY_INVALID", Verdict.UNKNOWN),
        (401, "USER_DEACTIVATED_BAN", Verdict.ACCOUNT_DEAD),
        (400, "API_ID_INVALID", Verdict.CONFIGURATION),
        (303, "USER_MIGRATE_4", Verdict.CONFIGURATION),
        (303, "STORY_MIGRATE_4", Verdict.UNKNOWN),
        (400, "INPUT_METHOD_INVALID_1192227_X", Verdict.OPERATION_PERMANENT),
        (400, "NEW_THING_NOT_MODIFIED", Verdict.ALREADY_DONE),
        (404, "NEVER_SEEN_BEFORE", Verdict.UNKNOWN),
        (410, "NEVER_SEEN_BEFORE", Verdict.UNKNOWN),
        (400, "NOBODY_KNOWS_THIS", Verdict.UNKNOWN),
    ],
)
def test_what_the_server_says_has_its_verdict(code: int, message: str, verdict: Verdict) -> None:
    """Each name is judged by itself, and never by its code alone."""
    assert told(code, message).verdict is verdict


def test_a_flood_wait_says_how_long_and_of_what_method() -> None:
    """The session holds what it must from these fields."""
    ours = told(420, "FLOOD_WAIT_31")
    assert isinstance(ours, FloodWait)
    assert (ours.retry_after, ours.name, ours.method, ours.session) == (
        31.0,
        "FLOOD_WAIT",
        "messages.sendMessage",
        "alice",
    )


def test_slow_mode_is_told_apart_from_a_flood_wait() -> None:
    """It holds one chat, not the method."""
    ours = told(420, "SLOWMODE_WAIT_9")
    assert isinstance(ours, FloodWait)
    assert (ours.retry_after, ours.name, ours.scope) == (9.0, "SLOWMODE_WAIT", FloodScope.CHAT)


@pytest.mark.parametrize(
    ("request_", "chat"),
    [
        (functions.messages.SendMessageRequest(types.InputPeerChannel(5, 1), "hello"), "channel:5"),
        (functions.messages.ForwardMessagesRequest(USER, [1], types.InputPeerChat(6)), "chat:6"),
        (
            functions.InvokeWithoutUpdatesRequest(functions.messages.GetHistoryRequest(USER, 0, None, 0, 1, 0, 0, 0)),
            "user:7",
        ),
        (functions.messages.SendMessageRequest(types.InputPeerSelf(), "hello"), ""),
        (functions.updates.GetStateRequest(), ""),
    ],
)
def test_the_chat_of_a_request_is_named_by_its_key(request_: Any, chat: str) -> None:
    """By that which is written to, where there are two; whatever it is wrapped in."""
    assert chat_of(request_) == chat
    error = rpc_message_to_error(types.RpcError(420, "SLOWMODE_WAIT_9"), request_)
    assert getattr(translate(error), "chat", None) == chat


def test_an_unknown_flood_gives_the_seconds_that_its_name_ends_with() -> None:
    """Telethon has no class for it, and so no `seconds`."""
    ours = told(420, "FLOOD_SOMETHING_NEW_12")
    assert isinstance(ours, FloodWait)
    assert (ours.retry_after, ours.name) == (12.0, "FLOOD_SOMETHING_NEW")


def test_names_and_codes_are_telegrams() -> None:
    """A user looks them up in Telegram's documentation."""
    ours = told(403, "CHAT_WRITE_FORBIDDEN")
    assert (ours.name, ours.code, ours.method) == ("CHAT_WRITE_FORBIDDEN", 403, "messages.sendMessage")


def test_a_wrapped_request_is_named_by_what_it_wraps() -> None:
    """The wrapper says nothing; of a first request, initConnection says most."""
    config = functions.InitConnectionRequest(1, "d", "s", "a", "en", "", "en", functions.help.GetConfigRequest())
    error = errors.ApiIdInvalidError(functions.InvokeWithLayerRequest(229, config))
    ours = translate(error)
    assert isinstance(ours, TelegramError)
    assert ours.method == "initConnection"


def test_what_does_not_look_like_a_name_is_not_passed_on() -> None:
    """A server could quote the request."""
    assert told(400, f"cannot parse {SECRET}").name == "ERROR_400"


def test_no_text_of_the_request_is_in_the_error() -> None:
    """Telethon's error holds the request, and ours doesn't."""
    ours = told(400, "MESSAGE_TOO_LONG")
    assert SECRET not in f"{ours} {ours!r} {vars(ours)}"


def test_translated_errors_survive_pickle_and_copy() -> None:
    """They cross processes."""
    ours = told(420, "FLOOD_WAIT_31")
    again = pickle.loads(pickle.dumps(copy.copy(ours)))  # noqa: S301  our own bytes
    assert vars(again) == vars(ours)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ConnectionError("Cannot send requests while disconnected"), "CONNECTION_LOST"),
        (ConnectionResetError(104, "reset"), "CONNECTION_LOST"),
        (ConnectionRefusedError(111, "refused"), "CONNECTION_REFUSED"),
        (OSError(113, "no route"), "CONNECTION_FAILED"),
        (asyncio.IncompleteReadError(b"", 8), "CONNECTION_LOST"),
        (ValueError("Request was unsuccessful 2 time(s)"), "REQUEST_UNSUCCESSFUL"),
        (errors.AuthKeyNotFound(), "AUTH_KEY_NOT_FOUND"),
        (errors.BadMessageError(SEND, 20), "BAD_MESSAGE"),
        (errors.InvalidBufferError(b"\x53\xfe\xff\xff"), "TRANSPORT_FLOOD"),
        (errors.InvalidBufferError(b"\x6c\xfe\xff\xff"), "AUTH_KEY_NOT_FOUND"),
    ],
)
def test_a_broken_connection_is_transient(error: Exception, name: str) -> None:
    """Nothing is wrong with the operation."""
    ours = translate(error)
    assert isinstance(ours, TelegramError)
    assert (ours.verdict, ours.name) == (Verdict.TRANSIENT, name)


def test_telethons_timeout_is_not_asyncios() -> None:
    """One is the server's 503; the other may be anybody's."""
    assert verdict_of(errors.TimeoutError(SEND)) is Verdict.TRANSIENT
    with pytest.raises(TimeoutError) as raised:
        raise TimeoutError
    assert translate(raised.value) is None


@pytest.mark.parametrize(
    "error", [ValueError(SECRET), KeyError(SECRET), FileNotFoundError(SECRET), asyncio.CancelledError()]
)
def test_a_users_own_exception_is_left_alone(error: BaseException) -> None:
    """It isn't Telegram's, and it reaches the caller as it is."""
    with pytest.raises(type(error)) as raised:
        raise error
    assert translate(raised.value) is None


def test_our_own_error_stays_what_it_is() -> None:
    """A translation twice is one."""
    error = InvalidInput(field="peer", problem="is wrong")
    assert translate(error) is error


EXPORTED = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, BaseException)}
GENERIC = {errors.RPCError, *errors.base_errors.values()}
"""Classes that say no more than the code: a row of theirs is nobody's choice."""

UNKNOWN_BY_CHOICE = {
    "CHAT_DISCUSSION_UNALLOWED",
    "EXPIRE_FORBIDDEN",
    "NOT_ALLOWED",
    "STORE_INVALID_SCALAR_TYPE",
    "UNKNOWN_ERROR",
    "TypeNotFoundError",
    "MultiError",
}
"""Errors that fail, aren't tried again and are reported, because nobody says what they mean."""


def instance(cls: type[BaseException]) -> BaseException:
    """Return an error of a class without the trouble of its arguments; the class is what it is judged by."""
    error = cls.__new__(cls, [], [], []) if cls is errors.MultiError else cls.__new__(cls)
    if isinstance(error, errors.RPCError):
        error.request = SEND
    return error


def without_a_choice(classes: set[type[BaseException]]) -> set[type[BaseException]]:
    """Return those that are judged by a generic class, by a base's row, or not at all."""
    lacking = set()
    for cls in classes:
        row = row_of(instance(cls))
        if row is None or (isinstance(row.key, type) and (row.key is not cls or row.key in GENERIC)):
            lacking.add(cls)
    return lacking


def test_every_error_class_of_telethon_has_a_row_of_its_own_or_of_a_named_family() -> None:
    """None rests on BadRequestError, ForbiddenError, FloodError, ServerError or RPCError, but these themselves."""
    assert len(EXPORTED) > 500
    assert without_a_choice(EXPORTED) == GENERIC - {errors.TimedOutError}  # a bare one is called Timeout: a row
    assert set(BY_CLASS) >= GENERIC


def test_a_class_without_a_row_is_found() -> None:
    """The test of the test, for each of the classes that it could have rested on."""
    novel: set[type[BaseException]] = {type("NovelError", (base,), {"message": "NOVEL"}) for base in GENERIC}
    novel.add(type("NovelLocalError", (errors.SecurityError,), {}))
    assert without_a_choice(novel | {errors.FloodWaitError}) == novel


def test_those_that_are_unknown_are_so_by_choice() -> None:
    """A literal list, so that a change of it shows."""
    unknown = {cls for cls in EXPORTED - GENERIC if verdict_of(instance(cls)) is Verdict.UNKNOWN}
    names = {telegram_name(instance(cls)) if issubclass(cls, errors.RPCError) else cls.__name__ for cls in unknown}
    assert names == UNKNOWN_BY_CHOICE


def test_every_error_class_of_telethon_is_told_by_a_name() -> None:
    """Telegram's for those of the server, one of ours for the others."""
    for cls in EXPORTED:
        ours = translate(instance(cls))
        assert isinstance(ours, TelegramError), cls
        assert re.fullmatch(r"[A-Z0-9_]+", ours.name), cls


def test_a_subclass_of_an_error_is_judged_as_that_error() -> None:
    """A user's own, or one that a newer Telethon derives."""
    own = type("OwnError", (errors.ChatWriteForbiddenError,), {})
    assert verdict_of(instance(own)) is Verdict.CHAT_PERMANENT


def test_no_name_stands_in_the_table_twice() -> None:
    """The second row would win, unseen."""
    names = [name for rows in EXACT.values() for row in rows for name in row.split()]
    assert sorted(names) == sorted(BY_NAME)
    assert set(EXACT) == set(Verdict)


def test_every_exact_name_is_one_of_telethons_or_of_the_three_that_it_lacks() -> None:
    """A row with a slip in its name would never match."""
    known = {telegram_name(instance(cls)) for cls in EXPORTED if issubclass(cls, errors.RPCError)}
    assert set(BY_NAME) - known == {"ALLOW_PAYMENT_REQUIRED", "PRIVACY_PREMIUM_REQUIRED", "TOPIC_CLOSED"}


def test_no_family_ends_a_session() -> None:
    """A name that nobody has seen before must not cost an account."""
    assert {verdict for _, verdict in FAMILIES}.isdisjoint(PERMANENT)


def test_every_family_has_an_error_of_telethons_or_a_trap() -> None:
    """One that nothing belongs to is a slip in its pattern."""
    names = [telegram_name(instance(cls)) for cls in EXPORTED if issubclass(cls, errors.RPCError)]
    names += ["FLOOD_SOMETHING_NEW_12", "ALLOW_PAYMENT_REQUIRED_50"]
    for pattern, _ in FAMILIES:
        assert any(pattern.fullmatch(name) for name in names if name not in BY_NAME), pattern.pattern


def test_several_errors_at_once_are_judged_by_the_first_of_them() -> None:
    """Telethon gathers those of requests that it sent together."""
    several = errors.MultiError([None, errors.PeerFloodError(SEND)], [None, None], [SEND, SEND])
    ours = translate(several, session="alice")
    assert isinstance(ours, TelegramError)
    assert (ours.name, ours.verdict) == ("PEER_FLOOD", Verdict.ACCOUNT_RESTRICTED)
