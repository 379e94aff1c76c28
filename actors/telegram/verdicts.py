"""What Telethon's exceptions mean: one table, and the translation made from it. Decides nothing and logs nothing.

`client.py` translates with it whatever leaves this package; nobody above sees a class of Telethon. The rows follow
Telegram's list of errors (core.telegram.org/api/errors); a class without a row of its own is judged by the first of
its bases that has one, and one that is generic by Telegram's name for the error.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from telethon import errors

from actors.errors import ActorsError, FloodWait, TelegramError, Verdict
from actors.telegram.names import method_name, telegram_name

__all__ = ["BY_CLASS", "BY_NAME", "translate", "verdict_of"]


BY_CLASS: Mapping[type[BaseException], Verdict] = MappingProxyType(
    {
        # Wait, then again. `seconds` says how long; slow mode holds the chat, the others the method.
        errors.FloodWaitError: Verdict.RETRY_AFTER,
        errors.FloodPremiumWaitError: Verdict.RETRY_AFTER,
        errors.FloodTestPhoneWaitError: Verdict.RETRY_AFTER,
        errors.SlowModeWaitError: Verdict.RETRY_AFTER,
        # Again, with backoff. RandomIdDuplicate says that the original is still being worked on.
        errors.ServerError: Verdict.TRANSIENT,
        errors.RandomIdDuplicateError: Verdict.TRANSIENT,
        errors.RpcCallFailError: Verdict.TRANSIENT,
        errors.RpcMcgetFailError: Verdict.TRANSIENT,
        errors.InterdcCallErrorError: Verdict.TRANSIENT,
        errors.InterdcCallRichErrorError: Verdict.TRANSIENT,
        errors.TimedOutError: Verdict.TRANSIENT,
        errors.TimeoutError: Verdict.TRANSIENT,
        errors.WorkerBusyTooLongRetryError: Verdict.TRANSIENT,
        errors.HistoryGetFailedError: Verdict.TRANSIENT,
        errors.PersistentTimestampOutdatedError: Verdict.TRANSIENT,
        errors.MsgWaitFailedError: Verdict.TRANSIENT,
        errors.BotResponseTimeoutError: Verdict.TRANSIENT,
        errors.ConnectionNotInitedError: Verdict.TRANSIENT,
        errors.AuthKeyNotFound: Verdict.TRANSIENT,
        errors.BadMessageError: Verdict.TRANSIENT,
        errors.InvalidBufferError: Verdict.TRANSIENT,
        errors.InvalidChecksumError: Verdict.TRANSIENT,
        errors.SecurityError: Verdict.TRANSIENT,
        asyncio.IncompleteReadError: Verdict.TRANSIENT,
        OSError: Verdict.TRANSIENT,
        # What was asked for is so already, or will be when somebody approves it.
        errors.MessageNotModifiedError: Verdict.ALREADY_DONE,
        errors.UserAlreadyParticipantError: Verdict.ALREADY_DONE,
        errors.UserAlreadyInvitedError: Verdict.ALREADY_DONE,
        errors.InviteRequestSentError: Verdict.ALREADY_DONE,
        errors.ChatNotModifiedError: Verdict.ALREADY_DONE,
        errors.ChatAboutNotModifiedError: Verdict.ALREADY_DONE,
        errors.UsernameNotModifiedError: Verdict.ALREADY_DONE,
        # What the request refers to is stale: fetch it anew, then once more.
        errors.FileReferenceEmptyError: Verdict.REFRESH_INPUT,
        errors.FileReferenceExpiredError: Verdict.REFRESH_INPUT,
        errors.FileReferenceInvalidError: Verdict.REFRESH_INPUT,
        errors.FilerefUpgradeNeededError: Verdict.REFRESH_INPUT,
        errors.PeerIdInvalidError: Verdict.REFRESH_INPUT,
        errors.ChannelInvalidError: Verdict.REFRESH_INPUT,
        errors.SrpIdInvalidError: Verdict.REFRESH_INPUT,
        # This operation will never do.
        errors.BotMethodInvalidError: Verdict.OPERATION_PERMANENT,
        errors.ButtonTypeInvalidError: Verdict.OPERATION_PERMANENT,
        errors.ButtonUrlInvalidError: Verdict.OPERATION_PERMANENT,
        errors.EntitiesTooLongError: Verdict.OPERATION_PERMANENT,
        errors.EntityBoundsInvalidError: Verdict.OPERATION_PERMANENT,
        errors.FileMigrateError: Verdict.OPERATION_PERMANENT,
        errors.FilePartMissingError: Verdict.OPERATION_PERMANENT,
        errors.FilePartsInvalidError: Verdict.OPERATION_PERMANENT,
        errors.FilterNotSupportedError: Verdict.OPERATION_PERMANENT,
        errors.InputConstructorInvalidError: Verdict.OPERATION_PERMANENT,
        errors.InputMethodInvalidError: Verdict.OPERATION_PERMANENT,
        errors.InputRequestTooLongError: Verdict.OPERATION_PERMANENT,
        errors.InputTextEmptyError: Verdict.OPERATION_PERMANENT,
        errors.InviteHashEmptyError: Verdict.OPERATION_PERMANENT,
        errors.InviteHashExpiredError: Verdict.OPERATION_PERMANENT,
        errors.InviteHashInvalidError: Verdict.OPERATION_PERMANENT,
        errors.LimitInvalidError: Verdict.OPERATION_PERMANENT,
        errors.MaxIdInvalidError: Verdict.OPERATION_PERMANENT,
        errors.MediaCaptionTooLongError: Verdict.OPERATION_PERMANENT,
        errors.MediaEmptyError: Verdict.OPERATION_PERMANENT,
        errors.MediaInvalidError: Verdict.OPERATION_PERMANENT,
        errors.MessageAuthorRequiredError: Verdict.OPERATION_PERMANENT,
        errors.MessageDeleteForbiddenError: Verdict.OPERATION_PERMANENT,
        errors.MessageEditTimeExpiredError: Verdict.OPERATION_PERMANENT,
        errors.MessageEmptyError: Verdict.OPERATION_PERMANENT,
        errors.MessageIdInvalidError: Verdict.OPERATION_PERMANENT,
        errors.MessageIdsEmptyError: Verdict.OPERATION_PERMANENT,
        errors.MessageTooLongError: Verdict.OPERATION_PERMANENT,
        errors.MethodInvalidError: Verdict.OPERATION_PERMANENT,
        errors.MsgIdInvalidError: Verdict.OPERATION_PERMANENT,
        errors.MultiMediaTooLongError: Verdict.OPERATION_PERMANENT,
        errors.OffsetInvalidError: Verdict.OPERATION_PERMANENT,
        errors.PasswordTooFreshError: Verdict.OPERATION_PERMANENT,
        errors.PeerIdNotSupportedError: Verdict.OPERATION_PERMANENT,
        errors.PremiumAccountRequiredError: Verdict.OPERATION_PERMANENT,
        errors.PremiumCurrentlyUnavailableError: Verdict.OPERATION_PERMANENT,
        errors.RandomIdEmptyError: Verdict.OPERATION_PERMANENT,
        errors.RandomIdInvalidError: Verdict.OPERATION_PERMANENT,
        errors.ReactionInvalidError: Verdict.OPERATION_PERMANENT,
        errors.ReplyMarkupInvalidError: Verdict.OPERATION_PERMANENT,
        errors.ScheduleDateInvalidError: Verdict.OPERATION_PERMANENT,
        errors.ScheduleDateTooLateError: Verdict.OPERATION_PERMANENT,
        errors.ScheduleTooMuchError: Verdict.OPERATION_PERMANENT,
        errors.SearchQueryEmptyError: Verdict.OPERATION_PERMANENT,
        errors.SessionPasswordNeededError: Verdict.OPERATION_PERMANENT,  # a step of logging in, though a 401
        errors.SessionTooFreshError: Verdict.OPERATION_PERMANENT,
        errors.SlowModeMultiMsgsDisabledError: Verdict.OPERATION_PERMANENT,
        errors.StatsMigrateError: Verdict.OPERATION_PERMANENT,
        errors.TakeoutInitDelayError: Verdict.OPERATION_PERMANENT,
        errors.TwoFaConfirmWaitError: Verdict.OPERATION_PERMANENT,
        errors.TypeConstructorInvalidError: Verdict.OPERATION_PERMANENT,
        errors.UnknownMethodError: Verdict.OPERATION_PERMANENT,  # though a 500
        errors.UserBotInvalidError: Verdict.OPERATION_PERMANENT,
        errors.UserBotRequiredError: Verdict.OPERATION_PERMANENT,
        errors.UsernameInvalidError: Verdict.OPERATION_PERMANENT,
        errors.UsernameNotOccupiedError: Verdict.OPERATION_PERMANENT,
        errors.UsernameOccupiedError: Verdict.OPERATION_PERMANENT,
        # This recipient will never take it from us.
        errors.InputUserDeactivatedError: Verdict.RECIPIENT_PERMANENT,
        errors.UserBlockedError: Verdict.RECIPIENT_PERMANENT,
        errors.UserDeletedError: Verdict.RECIPIENT_PERMANENT,
        errors.UserIdInvalidError: Verdict.RECIPIENT_PERMANENT,
        errors.UserIsBlockedError: Verdict.RECIPIENT_PERMANENT,
        errors.UserIsBotError: Verdict.RECIPIENT_PERMANENT,
        errors.UserNotMutualContactError: Verdict.RECIPIENT_PERMANENT,
        errors.UserPrivacyRestrictedError: Verdict.RECIPIENT_PERMANENT,
        errors.VoiceMessagesForbiddenError: Verdict.RECIPIENT_PERMANENT,
        errors.YouBlockedUserError: Verdict.RECIPIENT_PERMANENT,
        # This chat, for this account.
        errors.BroadcastForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChannelBannedError: Verdict.CHAT_PERMANENT,
        errors.ChannelPrivateError: Verdict.CHAT_PERMANENT,
        errors.ChannelPublicGroupNaError: Verdict.CHAT_PERMANENT,
        errors.ChatAdminInviteRequiredError: Verdict.CHAT_PERMANENT,
        errors.ChatAdminRequiredError: Verdict.CHAT_PERMANENT,
        errors.ChatForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChatForwardsRestrictedError: Verdict.CHAT_PERMANENT,
        errors.ChatGuestSendForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChatIdInvalidError: Verdict.CHAT_PERMANENT,
        errors.ChatRestrictedError: Verdict.CHAT_PERMANENT,
        errors.ChatSendGameForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChatSendGifsForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChatSendInlineForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChatSendMediaForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChatSendPhotosForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChatSendPlainForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChatSendPollForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChatSendStickersForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChatSendVideosForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChatSendVoicesForbiddenError: Verdict.CHAT_PERMANENT,
        errors.ChatWriteForbiddenError: Verdict.CHAT_PERMANENT,
        errors.MegagroupPrehistoryHiddenError: Verdict.CHAT_PERMANENT,
        errors.RightForbiddenError: Verdict.CHAT_PERMANENT,
        errors.TopicDeletedError: Verdict.CHAT_PERMANENT,
        errors.UserBannedInChannelError: Verdict.CHAT_PERMANENT,
        errors.UserKickedError: Verdict.CHAT_PERMANENT,
        errors.UserNotParticipantError: Verdict.CHAT_PERMANENT,
        # This account may not write to strangers for now, though PEER_FLOOD is a 400.
        errors.FrozenMethodInvalidError: Verdict.ACCOUNT_RESTRICTED,
        errors.FrozenParticipantMissingError: Verdict.ACCOUNT_RESTRICTED,
        errors.PeerFloodError: Verdict.ACCOUNT_RESTRICTED,
        errors.UserRestrictedError: Verdict.ACCOUNT_RESTRICTED,
        # The session has to be logged in again; AuthKeyDuplicated means that it has two owners.
        errors.ActiveUserRequiredError: Verdict.SESSION_DEAD,
        errors.AuthKeyDuplicatedError: Verdict.SESSION_DEAD,
        errors.AuthKeyInvalidError: Verdict.SESSION_DEAD,
        errors.AuthKeyPermEmptyError: Verdict.SESSION_DEAD,
        errors.AuthKeyUnregisteredError: Verdict.SESSION_DEAD,
        errors.SessionExpiredError: Verdict.SESSION_DEAD,
        errors.SessionRevokedError: Verdict.SESSION_DEAD,
        # The account itself is gone.
        errors.PhoneNumberBannedError: Verdict.ACCOUNT_DEAD,
        errors.UserDeactivatedBanError: Verdict.ACCOUNT_DEAD,
        errors.UserDeactivatedError: Verdict.ACCOUNT_DEAD,
        # The program is set up wrongly: its api_id, its layer, or a session of another data center.
        errors.ApiIdInvalidError: Verdict.CONFIGURATION,
        errors.ApiIdPublishedFloodError: Verdict.CONFIGURATION,
        errors.ConnectionApiIdInvalidError: Verdict.CONFIGURATION,
        errors.ConnectionAppVersionEmptyError: Verdict.CONFIGURATION,
        errors.ConnectionDeviceModelEmptyError: Verdict.CONFIGURATION,
        errors.ConnectionLangPackInvalidError: Verdict.CONFIGURATION,
        errors.ConnectionLayerInvalidError: Verdict.CONFIGURATION,
        errors.ConnectionSystemEmptyError: Verdict.CONFIGURATION,
        errors.InputLayerInvalidError: Verdict.CONFIGURATION,
        errors.NetworkMigrateError: Verdict.CONFIGURATION,
        errors.PhoneMigrateError: Verdict.CONFIGURATION,
        errors.UpdateAppToLoginError: Verdict.CONFIGURATION,
        errors.UserMigrateError: Verdict.CONFIGURATION,
        # All that Telethon has no class for ends here, unless its name has a row below.
        errors.RPCError: Verdict.UNKNOWN,
        errors.TypeNotFoundError: Verdict.UNKNOWN,
    }
)
"""The table. A Telethon error that isn't in it, nor any of its bases, isn't Telegram's."""

BY_NAME: tuple[tuple[re.Pattern[str], Verdict], ...] = (
    (re.compile(r"ALLOW_PAYMENT_REQUIRED(_\d+)?"), Verdict.RECIPIENT_PERMANENT),
    (re.compile(r"PRIVACY_PREMIUM_REQUIRED"), Verdict.RECIPIENT_PERMANENT),
    (re.compile(r"CHAT_SEND_\w+_FORBIDDEN"), Verdict.CHAT_PERMANENT),
    (re.compile(r"TOPIC_CLOSED"), Verdict.CHAT_PERMANENT),
    (re.compile(r"FILE_REFERENCE_\w+"), Verdict.REFRESH_INPUT),
    (re.compile(r"FROZEN_\w+"), Verdict.ACCOUNT_RESTRICTED),
    (re.compile(r"(FLOOD|SLOWMODE)_\w*?\d+"), Verdict.RETRY_AFTER),
)
"""Rows for names that Telethon has no class for: its error is then a bare BadRequestError, AuthKeyError, and so on."""

_GAVE_UP = re.compile(r"Request was unsuccessful \d+ time\(s\)")
_SECONDS = re.compile(r"_(\d+)$")
_TRANSPORT_CODES = {404: "AUTH_KEY_NOT_FOUND", 429: "TRANSPORT_FLOOD", 444: "INVALID_DC"}
"""Errors of the transport (core.telegram.org/mtproto/mtproto-transports)."""

_LOCAL_NAMES: Mapping[type[BaseException], str] = MappingProxyType(
    {
        errors.AuthKeyNotFound: "AUTH_KEY_NOT_FOUND",
        errors.BadMessageError: "BAD_MESSAGE",
        errors.InvalidBufferError: "BAD_PACKET",
        errors.InvalidChecksumError: "BAD_PACKET",
        errors.SecurityError: "SECURITY_CHECK_FAILED",
        errors.TypeNotFoundError: "TYPE_NOT_FOUND",
        asyncio.IncompleteReadError: "CONNECTION_LOST",
        ConnectionRefusedError: "CONNECTION_REFUSED",
        socket.gaierror: "HOST_NOT_FOUND",
        ConnectionError: "CONNECTION_LOST",
        TimeoutError: "CONNECTION_TIMED_OUT",
        OSError: "CONNECTION_FAILED",
    }
)
"""Our names for errors that don't come from the server."""

_BARE = frozenset({errors.RPCError, *errors.base_errors.values()})
"""Classes that say no more than the code."""

_OURS = ("telethon", "actors.telegram")


def translate(error: BaseException, *, session: str = "") -> ActorsError | None:
    """Return our error for a foreign one; None when it isn't Telegram's, such as one that a user's code raised.

    An ActorsError is returned as it is. `session` names the session in the error.
    """
    if isinstance(error, ActorsError):
        return error
    if isinstance(error, errors.MultiError):
        return next((translate(inner, session=session) for inner in error.exceptions if inner is not None), None)
    if isinstance(error, ValueError) and _GAVE_UP.fullmatch(str(error)):
        return TelegramError(verdict=Verdict.TRANSIENT, name="REQUEST_UNSUCCESSFUL", session=session)
    verdict = verdict_of(error)
    if verdict is None or (isinstance(error, OSError | asyncio.IncompleteReadError) and _raised_elsewhere(error)):
        return None
    return _make(error, verdict, session)


def verdict_of(error: BaseException) -> Verdict | None:
    """Return what an exception means, None when the table has nothing on it."""
    verdict: Verdict | None = _lookup(BY_CLASS, error)
    if type(error) in _BARE:
        return next((found for name, found in BY_NAME if name.fullmatch(telegram_name(error))), verdict)
    return verdict


def _lookup(table: Mapping[type[BaseException], Any], error: BaseException) -> Any:
    return next((table[cls] for cls in type(error).__mro__ if cls in table), None)


def _make(error: BaseException, verdict: Verdict, session: str) -> TelegramError:
    if not isinstance(error, errors.RPCError):
        return TelegramError(verdict=verdict, name=_local_name(error), session=session)
    name, method, code = telegram_name(error), method_name(error.request), abs(error.code or 0)
    if verdict is Verdict.RETRY_AFTER:
        return FloodWait(
            retry_after=_seconds(error, name), name=_SECONDS.sub("", name), method=method, code=code, session=session
        )
    return TelegramError(verdict=verdict, name=name, method=method, code=code, session=session)


def _seconds(error: Any, name: str) -> float:
    found = _SECONDS.search(name)
    return float(getattr(error, "seconds", None) or (found[1] if found else 0))


def _local_name(error: BaseException) -> str:
    code = getattr(error, "code", None) if isinstance(error, errors.InvalidBufferError) else None
    return _TRANSPORT_CODES.get(code or 0) or str(_lookup(_LOCAL_NAMES, error))


def _raised_elsewhere(error: BaseException) -> bool:
    """Say whether a connection's or a file's error was raised by code that has nothing to do with Telegram."""
    frame = error.__traceback__
    if frame is None:
        return False
    while frame is not None:
        if str(frame.tb_frame.f_globals.get("__name__", "")).startswith(_OURS):
            return False
        frame = frame.tb_next
    return True
