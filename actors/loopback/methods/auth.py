"""auth.*: phone login with a code, sign-up, log-out. Codes are read from the control channel, never logged."""

from __future__ import annotations

import re
import secrets
from typing import Any

from actors.loopback.methods.registry import Call, method
from actors.loopback.rpcerrors import RpcFailure
from actors.loopback.tl import functions, types
from actors.loopback.world.parties import Account
from actors.loopback.world.views import look

__all__ = ["phone_digits"]

CODE_LENGTH = 5
CODE_TIMEOUT = 60  # seconds until a client may ask for another way; the code itself has no end here


def phone_digits(phone: str) -> str:
    """Return a phone number as digits. Raises RpcFailure when it can't be one."""
    digits = re.sub(r"\D", "", phone, flags=re.ASCII)
    if not 5 <= len(digits) <= 15:  # noqa: PLR2004  E.164's bounds
        raise RpcFailure("PHONE_NUMBER_INVALID")
    return digits


@method(functions.auth.SendCodeRequest)
def send_code(call: Call, request: Any) -> Any:
    """Make a code for a phone number, known or not, as Telegram does."""
    if request.api_id <= 0 or not request.api_hash:
        raise RpcFailure("API_ID_INVALID")
    phone = phone_digits(request.phone_number)
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_LENGTH))
    code_hash = secrets.token_hex(9)
    call.world.codes[phone] = (code, code_hash)
    kind = types.auth.SentCodeTypeApp(CODE_LENGTH)
    return types.auth.SentCode(kind, code_hash, timeout=CODE_TIMEOUT)


def _check_code(call: Call, phone: str, code_hash: str, code: str | None) -> None:
    expected = call.world.codes.get(phone)
    if not code:
        raise RpcFailure("PHONE_CODE_EMPTY")
    if expected is None or code_hash != expected[1]:
        raise RpcFailure("PHONE_CODE_EXPIRED")
    if code != expected[0]:
        raise RpcFailure("PHONE_CODE_INVALID")


def _log_in(call: Call, account: Account) -> Any:
    call.key.account, call.key.dead = account, None
    return types.auth.Authorization(look(call.world, account, account))


@method(functions.auth.SignInRequest)
def sign_in(call: Call, request: Any) -> Any:
    """Log in with a code; a number without an account may sign up."""
    phone = phone_digits(request.phone_number)
    _check_code(call, phone, request.phone_code_hash, request.phone_code)
    account = call.world.by_phone.get(phone)
    if account is None:
        return types.auth.AuthorizationSignUpRequired()
    del call.world.codes[phone]
    return _log_in(call, account)


@method(functions.auth.SignUpRequest)
def sign_up(call: Call, request: Any) -> Any:
    """Make an account for a number whose code was right, named as it wishes."""
    phone = phone_digits(request.phone_number)
    expected = call.world.codes.get(phone)
    if expected is None or request.phone_code_hash != expected[1]:
        raise RpcFailure("PHONE_CODE_EXPIRED")
    try:
        account = call.world.add_account(request.first_name, phone=phone)
    except ValueError as error:
        raise RpcFailure("FIRSTNAME_INVALID") from error
    del call.world.codes[phone]
    return _log_in(call, account)


@method(functions.auth.LogOutRequest)
def log_out(call: Call, _request: Any) -> Any:
    """Take the account off this key."""
    if call.account is not None:
        call.key.account = None
    return types.auth.LoggedOut()
