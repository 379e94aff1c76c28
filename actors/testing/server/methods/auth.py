"""auth.*: login by phone with a code, sign-up and log-out. Codes are for the control channel alone and never logged.

Passwords are in passwords.py; bots and QR codes are in tokens.py.
"""

from __future__ import annotations

import re
from typing import Any

from actors.testing.server.methods.registry import Call, method
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.logins import CODE_LENGTH, SentCode
from actors.testing.server.world.parties import Account
from actors.testing.server.world.party_views import look

__all__ = ["check_app", "enter", "log_in", "phone_digits"]

CODE_TIMEOUT = 60  # seconds until a client may ask for another way; the code itself has no end here


def phone_digits(phone: str) -> str:
    """Return a phone number as digits. Raises RpcFailure when it can't be one."""
    digits = re.sub(r"\D", "", phone, flags=re.ASCII)
    if not 5 <= len(digits) <= 15:  # noqa: PLR2004  E.164's bounds
        raise RpcFailure("PHONE_NUMBER_INVALID")
    return digits


def check_app(request: Any) -> None:
    """Refuse what can't be an app's id and hash. There is no register of apps."""
    if request.api_id <= 0 or not request.api_hash:
        raise RpcFailure("API_ID_INVALID")


@method(functions.auth.SendCodeRequest)
def send_code(call: Call, request: Any) -> Any:
    """Make a code for a phone number, known or not, as Telegram does."""
    check_app(request)
    phone = phone_digits(request.phone_number)
    account = call.world.by_phone.get(phone)
    if account is not None and account.deleted:
        raise RpcFailure("PHONE_NUMBER_BANNED")
    sent = call.world.logins.send_code(phone)
    known = account is not None and bool(call.keys.of(account))
    kind = types.auth.SentCodeTypeApp if known else types.auth.SentCodeTypeSms
    next_type = types.auth.CodeTypeSms() if known else None
    return types.auth.SentCode(kind(CODE_LENGTH), sent.hash, next_type=next_type, timeout=CODE_TIMEOUT)


def _sent(call: Call, phone: str, code_hash: str) -> SentCode:
    if not code_hash:
        raise RpcFailure("PHONE_CODE_HASH_EMPTY")
    sent = call.world.logins.codes.get(phone)
    if sent is None or code_hash != sent.hash:
        raise RpcFailure("PHONE_CODE_EXPIRED")
    return sent


@method(functions.auth.ResendCodeRequest)
def resend_code(call: Call, request: Any) -> Any:
    """Make another code in place of the last one, under the same hash."""
    phone = phone_digits(request.phone_number)
    sent = call.world.logins.send_code(phone, _sent(call, phone, request.phone_code_hash).hash)
    return types.auth.SentCode(types.auth.SentCodeTypeSms(CODE_LENGTH), sent.hash, timeout=CODE_TIMEOUT)


@method(functions.auth.CancelCodeRequest)
def cancel_code(call: Call, request: Any) -> bool:
    """Make a code useless."""
    phone = phone_digits(request.phone_number)
    _sent(call, phone, request.phone_code_hash)
    del call.world.logins.codes[phone]
    return True


def _check_code(call: Call, phone: str, code_hash: str, code: str | None) -> None:
    sent = _sent(call, phone, code_hash)
    if not code:
        raise RpcFailure("PHONE_CODE_EMPTY")
    if code != sent.code:
        raise RpcFailure("PHONE_CODE_INVALID")


def log_in(call: Call, account: Account) -> Any:
    """Make this key a login of an account."""
    call.key.log_in(account, call.now)
    return types.auth.Authorization(look(call.world, account, account))


def enter(call: Call, account: Account) -> Any:
    """Log in, or ask for the password first if there is one."""
    if account.deleted:
        raise RpcFailure("USER_DEACTIVATED_BAN")
    if account.password is not None:
        call.key.pending = account
        raise RpcFailure("SESSION_PASSWORD_NEEDED")
    return log_in(call, account)


@method(functions.auth.SignInRequest)
def sign_in(call: Call, request: Any) -> Any:
    """Log in with a code. A number without an account may sign up."""
    phone = phone_digits(request.phone_number)
    _check_code(call, phone, request.phone_code_hash, request.phone_code)
    account = call.world.by_phone.get(phone)
    if account is None:
        return types.auth.AuthorizationSignUpRequired()
    del call.world.logins.codes[phone]
    return enter(call, account)


@method(functions.auth.SignUpRequest)
def sign_up(call: Call, request: Any) -> Any:
    """Make an account for a number whose code was right, with the name that the client gives."""
    phone = phone_digits(request.phone_number)
    _sent(call, phone, request.phone_code_hash)
    if not request.first_name.strip():
        raise RpcFailure("FIRSTNAME_INVALID")
    try:
        account = call.world.add_account(request.first_name, phone=phone)
    except ValueError as error:
        raise RpcFailure("FIRSTNAME_INVALID") from error
    del call.world.logins.codes[phone]
    return log_in(call, account)


@method(functions.auth.LogOutRequest)
def log_out(call: Call, _request: Any) -> Any:
    """Take the account off this key."""
    if call.key.account is None:
        raise RpcFailure(call.key.dead or "AUTH_KEY_UNREGISTERED")
    call.key.log_out()
    return types.auth.LoggedOut()
