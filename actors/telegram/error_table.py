"""The error table: what each of Telegram's errors means.

It is data alone: this module looks nothing up and decides nothing. `telegram/translate.py` reads it in this order: the
exact name; the first family that the name belongs to; the class, which says no more than the code. A name is Telegram's
own, as `names.telegram_name` gives it: the name of the exact class, or the server's message where Telethon has only a
generic class. X stands for a number in the middle of a name.

The meanings are those of Telegram's list (core.telegram.org/api/errors) and of Telethon's errors.csv. A verdict that
ends a session is given by exact name alone, never by family: a name that nobody has seen before must not cost an
account.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from types import MappingProxyType

from telethon import errors

from actors.model.errors import Verdict

__all__ = ["BY_CLASS", "BY_NAME", "EXACT", "FAMILIES"]


EXACT: Mapping[Verdict, tuple[str, ...]] = MappingProxyType(
    {
        # Wait so many seconds, then again. Slow mode holds the chat, the others the method.
        Verdict.RETRY_AFTER: ("FLOOD_WAIT FLOOD_PREMIUM_WAIT FLOOD_TEST_PHONE_WAIT SLOWMODE_WAIT",),
        Verdict.TRANSIENT: (
            # Telegram's own trouble: again, with backoff.
            "CDN_UPLOAD_TIMEOUT CHAT_GET_FAILED CHAT_ID_GENERATE_FAILED CHP_CALL_FAIL HISTORY_GET_FAILED",
            "GROUPCALL_ADD_PARTICIPANTS_FAILED INTERDC_X_CALL_ERROR INTERDC_X_CALL_RICH_ERROR MEMBER_NO_LOCATION",
            "MEMBER_OCCUPY_PRIMARY_LOC_FAILED MSG_WAIT_FAILED MT_SEND_QUEUE_TOO_LONG PARTICIPANT_CALL_FAILED",
            "PERSISTENT_TIMESTAMP_OUTDATED POSTPONED_TIMEOUT PTS_CHANGE_EMPTY REG_ID_GENERATE_FAILED RPC_CALL_FAIL",
            "RPC_MCGET_FAIL SIGN_IN_FAILED STORAGE_CHECK_FAILED TIMEDOUT TIMEOUT WORKER_BUSY_TOO_LONG_RETRY",
            # A bot was slow; a new connection has not said yet who it is; a message id was too high, and a repeat has
            # another one; 500 where 420 was meant, as TDLib's author says.
            "BOT_RESPONSE_TIMEOUT CONNECTION_NOT_INITED ENCRYPTION_OCCUPY_FAILED MSGID_DECREASE_RETRY",
        ),
        Verdict.ALREADY_DONE: (
            # What was asked for is so already. INVITE_REQUEST_SENT: it will be, once somebody approves it.
            # RANDOM_ID_DUPLICATE: the message is on its way or has arrived; operations/random_ids.py finds out.
            "INVITE_REQUEST_SENT RANDOM_ID_DUPLICATE USER_ALREADY_INVITED USER_ALREADY_PARTICIPANT",
        ),
        Verdict.REFRESH_INPUT: (
            # What the request refers to is stale: fetch it anew, then once more.
            "CHANNEL_INVALID FROM_PEER_INVALID OFFSET_PEER_ID_INVALID PEER_ID_INVALID",  # access hashes
            "FILEREF_UPGRADE_NEEDED",  # a file's reference
            "SRP_ID_INVALID SRP_PASSWORD_CHANGED",  # account.getPassword has the new ones
            "GRAPH_EXPIRED_RELOAD GRAPH_INVALID_RELOAD GRAPH_OUTDATED_RELOAD",  # a statistics graph's token
        ),
        Verdict.OPERATION_PERMANENT: (
            # 500s that are no trouble of the server's: the line is engaged, there is no such chat, member or method.
            "CALL_OCCUPY_FAILED NEED_CHAT_INVALID NEED_MEMBER_INVALID UNKNOWN_METHOD",
            # Steps of logging in, though one is a 401 and one a 500; asking for a code again only counts against one.
            "AUTH_RESTART PHONE_NUMBER_APP_SIGNUP_FORBIDDEN PHONE_NUMBER_FLOOD PHONE_PASSWORD_FLOOD",
            "PHONE_PASSWORD_PROTECTED SEND_CODE_UNAVAILABLE SESSION_PASSWORD_NEEDED SMS_CODE_CREATE_FAILED",
            "PASSWORD_RECOVERY_NA EMAIL_UNCONFIRMED TEMP_AUTH_KEY_ALREADY_BOUND AUTH_TOKEN_EXCEPTION",
            "AUTH_TOKEN_ALREADY_ACCEPTED AUTH_TOKEN_INVALID2 AUTH_TOKEN_INVALIDX",
            # Waits of hours or days, which a person has to want.
            "2FA_CONFIRM_WAIT PASSWORD_TOO_FRESH PREVIOUS_CHAT_IMPORT_ACTIVE_WAIT_XMIN SESSION_TOO_FRESH",
            "TAKEOUT_INIT_DELAY",
            # What was asked for lies in another data center, where requests of this client don't go.
            "FILE_MIGRATE STATS_MIGRATE",
            # Never in this chat, or not with this kind of it.
            "BROADCAST_FORBIDDEN BROADCAST_PUBLIC_VOTERS_FORBIDDEN CHAT_FORWARDS_RESTRICTED CHAT_INVITE_PERMANENT",
            "CHAT_LINK_EXISTS CHAT_REVOKE_DATE_UNSUPPORTED INVITE_FORBIDDEN_WITH_JOINAS MEGAGROUP_PREHISTORY_HIDDEN",
            "PIN_RESTRICTED STICKERSET_OWNER_ANONYMOUS",
            # Only somebody else may: an author, an owner, a bot, a person, one whose session is older.
            "BOT_CHANNELS_NA BOT_GROUPS_BLOCKED BOT_ONESIDE_NOT_AVAIL EDIT_BOT_INVITE_FORBIDDEN",
            "FRESH_CHANGE_ADMINS_FORBIDDEN FRESH_CHANGE_PHONE_FORBIDDEN FRESH_RESET_AUTHORISATION_FORBIDDEN",
            "MESSAGE_DELETE_FORBIDDEN PREMIUM_CURRENTLY_UNAVAILABLE SCHEDULE_STATUS_PRIVATE SENSITIVE_CHANGE_FORBIDDEN",
            "USER_BOT USER_CREATOR VOICE_MESSAGES_FORBIDDEN",  # no voice messages, but others: not the recipient's row
            # The user whom a button names, not the one who gets the message.
            "BUTTON_USER_PRIVACY_RESTRICTED",
            # It is over, or has begun without us.
            "CALL_ALREADY_ACCEPTED CALL_ALREADY_DECLINED CREATE_CALL_FAILED ENCRYPTION_ALREADY_ACCEPTED",
            "ENCRYPTION_ALREADY_DECLINED ENCRYPTION_DECLINED GROUPCALL_ALREADY_DISCARDED GROUPCALL_ALREADY_STARTED",
            "GROUPCALL_FORBIDDEN GROUPCALL_SSRC_DUPLICATE_MUCH MESSAGE_POLL_CLOSED PARTICIPANT_VERSION_OUTDATED",
            "BOT_SCORE_NOT_MODIFIED",  # a lower score than before: not what was asked for
            # Data that Telegram couldn't read, or fetch.
            "FILE_EMTPY FILE_PART_SIZE_CHANGED IMAGE_PROCESS_FAILED IMPORT_FORMAT_UNRECOGNIZED INPUT_FETCH_ERROR",
            "INPUT_FETCH_FAIL PHOTO_CROP_SIZE_SMALL PHOTO_INVALID_DIMENSIONS RSA_DECRYPT_FAILED WEBPAGE_CURL_FAILED",
            # Names that are taken, or for sale.
            "SHORTNAME_OCCUPY_FAILED USERNAME_PURCHASE_AVAILABLE",
            "SLOWMODE_MULTI_MSGS_DISABLED",
        ),
        # This recipient will never take it from us. The last two have no class of Telethon's.
        Verdict.RECIPIENT_PERMANENT: (
            "INPUT_USER_DEACTIVATED USER_BLOCKED USER_DELETED USER_ID_INVALID USER_IS_BLOCKED USER_IS_BOT",
            "USER_NOT_MUTUAL_CONTACT USER_PRIVACY_RESTRICTED YOU_BLOCKED_USER",
            "ALLOW_PAYMENT_REQUIRED PRIVACY_PREMIUM_REQUIRED",
        ),
        # This chat, for this account. TOPIC_CLOSED has no class of Telethon's.
        Verdict.CHAT_PERMANENT: (
            "CHANNEL_BANNED CHANNEL_PARICIPANT_MISSING CHANNEL_PRIVATE CHANNEL_PUBLIC_GROUP_NA CHAT_ADMIN_REQUIRED",
            "CHAT_ADMIN_INVITE_REQUIRED CHAT_FORBIDDEN CHAT_GUEST_SEND_FORBIDDEN CHAT_ID_INVALID CHAT_RESTRICTED",
            "CHAT_WRITE_FORBIDDEN RIGHT_FORBIDDEN TOPIC_CLOSED TOPIC_DELETED USER_BANNED_IN_CHANNEL USER_KICKED",
            "USER_NOT_PARTICIPANT",
        ),
        # This account may not write to strangers for now, though PEER_FLOOD is a 400.
        Verdict.ACCOUNT_RESTRICTED: ("PEER_FLOOD USER_RESTRICTED",),
        # The session has to be logged in again; AUTH_KEY_DUPLICATED means that it has two owners.
        Verdict.SESSION_DEAD: (
            "ACTIVE_USER_REQUIRED AUTH_KEY_DUPLICATED AUTH_KEY_INVALID AUTH_KEY_PERM_EMPTY AUTH_KEY_UNREGISTERED",
            "SESSION_EXPIRED SESSION_REVOKED",
        ),
        # The account itself is gone.
        Verdict.ACCOUNT_DEAD: ("PHONE_NUMBER_BANNED USER_DEACTIVATED USER_DEACTIVATED_BAN",),
        # The program is set up wrongly: its api_id, its layer, or a session of another data center.
        Verdict.CONFIGURATION: (
            "API_ID_INVALID API_ID_PUBLISHED_FLOOD CONNECTION_API_ID_INVALID CONNECTION_APP_VERSION_EMPTY",
            "CONNECTION_DEVICE_MODEL_EMPTY CONNECTION_LANG_PACK_INVALID CONNECTION_LAYER_INVALID",
            "CONNECTION_SYSTEM_EMPTY CONNECTION_SYSTEM_LANG_CODE_EMPTY INPUT_LAYER_INVALID NETWORK_MIGRATE",
            "PHONE_MIGRATE UPDATE_APP_TO_LOGIN USER_MIGRATE",
        ),
        # By choice: neither Telegram nor Telethon says what these mean, and their names don't either.
        Verdict.UNKNOWN: (
            "CHAT_DISCUSSION_UNALLOWED EXPIRE_FORBIDDEN NOT_ALLOWED STORE_INVALID_SCALAR_TYPE UNKNOWN_ERROR",
        ),
    }
)
"""The rows by exact name, several in a string, gathered under their verdict."""

BY_NAME: Mapping[str, Verdict] = MappingProxyType(
    {name: verdict for verdict, rows in EXACT.items() for row in rows for name in row.split()}
)
"""The same rows, to be looked up."""

FAMILIES: tuple[tuple[re.Pattern[str], Verdict], ...] = (
    # The number at the end of a flood is its seconds; without one nobody can tell how long.
    (re.compile(r"(FLOOD|SLOWMODE)(_\w+)?_\d+|\w+_WAIT_\d+"), Verdict.RETRY_AFTER),
    (re.compile(r"\w+_NOT_MODIFIED"), Verdict.ALREADY_DONE),
    (re.compile(r"FILE_REFERENCE_\w+"), Verdict.REFRESH_INPUT),
    (re.compile(r"ALLOW_PAYMENT_REQUIRED_\d+"), Verdict.RECIPIENT_PERMANENT),
    (re.compile(r"CHAT_SEND_\w+_FORBIDDEN"), Verdict.CHAT_PERMANENT),
    (re.compile(r"FROZEN_\w+"), Verdict.ACCOUNT_RESTRICTED),
    # Something in the request is wrong, lacking, used up, taken, or not meant for this.
    (re.compile(r"(INPUT|PHOTO|STICKER)_\w+|\w+_INVALID"), Verdict.OPERATION_PERMANENT),
    (re.compile(r"\w+_(EMPTY|MISSING|REQUIRED)"), Verdict.OPERATION_PERMANENT),
    (re.compile(r"\w+_TOO_(BIG|FEW|LARGE|LATE|LONG|MANY|MUCH|OLD|SHORT)"), Verdict.OPERATION_PERMANENT),
    (re.compile(r"\w+_(DUPLICATE|EXPIRED|OCCUPIED|UNOCCUPIED)"), Verdict.OPERATION_PERMANENT),
    (re.compile(r"\w+_(DISABLED|UNSUPPORTED|NOT_(ALLOWED|AVAILABLE|SUPPORTED))"), Verdict.OPERATION_PERMANENT),
)
"""The rows by family, for names without an exact row; the whole name must match.

Not for a 401, which is about the session and not about the request, nor for a 5xx, which is the server's own trouble.
"""

BY_CLASS: Mapping[type[BaseException], Verdict] = MappingProxyType(
    {
        # Said on the way to the server and back, not by it.
        errors.AuthKeyNotFound: Verdict.TRANSIENT,  # a few times: then `session.retries.key_is_gone`
        errors.BadMessageError: Verdict.TRANSIENT,
        errors.InvalidBufferError: Verdict.TRANSIENT,
        errors.InvalidChecksumError: Verdict.TRANSIENT,
        errors.ReadCancelledError: Verdict.TRANSIENT,
        errors.SecurityError: Verdict.TRANSIENT,
        asyncio.IncompleteReadError: Verdict.TRANSIENT,
        OSError: Verdict.TRANSIENT,
        # Raised by Telethon itself: a file that will be as wrong the next time, a second conversation in one chat.
        errors.CdnFileTamperedError: Verdict.OPERATION_PERMANENT,
        errors.AlreadyInConversationError: Verdict.OPERATION_PERMANENT,
        errors.MultiError: Verdict.UNKNOWN,  # one without any error inside; others are judged by the first of them
        errors.TypeNotFoundError: Verdict.UNKNOWN,  # something of a newer layer: nobody knows what was answered
        # Classes that say no more than the code, for names that are in no row above.
        errors.ServerError: Verdict.TRANSIENT,
        errors.TimedOutError: Verdict.TRANSIENT,
        errors.InvalidDCError: Verdict.UNKNOWN,
        errors.BadRequestError: Verdict.UNKNOWN,
        errors.UnauthorizedError: Verdict.UNKNOWN,  # no end of a session: the next probe asks who it is
        errors.ForbiddenError: Verdict.UNKNOWN,
        errors.NotFoundError: Verdict.UNKNOWN,
        errors.AuthKeyError: Verdict.UNKNOWN,  # every 406 without a class of its own, though it is called so
        errors.FloodError: Verdict.UNKNOWN,  # a 420 without seconds
        errors.RPCError: Verdict.UNKNOWN,
    }
)
"""The rows by class, the nearest in the MRO. A Telethon error that isn't in the table isn't Telegram's."""
