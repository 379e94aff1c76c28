"""Two-step passwords: the server's question, checking the answer, setting and removing.

The mathematics is in world/passwords.py. It takes tens of milliseconds and runs in a thread.
https://core.telegram.org/api/srp
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from actors.testing.server.methods.auth import log_in
from actors.testing.server.methods.registry import Call, Slow, method
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.parties import Account
from actors.testing.server.world.passwords import GENERATOR, PRIME, Challenge, Password, challenge, new_salts, proves

__all__: list[str] = []

RANDOM_BYTES = 256
SIZE = 256  # bytes of the prime and of a verifier


def _owner(call: Call) -> Account:
    """Return the account whose password this key is about: the one that is logged in, or that is about to be."""
    return call.key.pending or call.account


def _algorithm(salt1: bytes, salt2: bytes) -> Any:
    return types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
        salt1, salt2, GENERATOR, PRIME.to_bytes(SIZE, "big")
    )


@method(functions.account.GetPasswordRequest, bots=False)
def get_password(call: Call, _request: Any) -> Any:
    """Answer with a new question about the password, if there is one."""
    key, password = call.key, _owner(call).password
    if password is None:
        return _state(None, None)

    def answer(asked: Challenge) -> Any:
        key.challenge = asked
        return _state(password, asked)

    return Slow(lambda: challenge(password), answer)


def _state(password: Password | None, asked: Challenge | None) -> Any:
    known: dict[str, Any] = {}
    if password is not None and asked is not None:
        known = {
            "has_password": True,
            "current_algo": _algorithm(password.salt1, password.salt2),
            "srp_B": asked.value,
            "srp_id": asked.id,
            "hint": password.hint or None,
        }
    return types.account.Password(
        new_algo=_algorithm(*new_salts()),
        new_secure_algo=types.SecurePasswordKdfAlgoUnknown(),
        secure_random=secrets.token_bytes(RANDOM_BYTES),
        **known,
    )


def _proven(call: Call, answer: Any, then: Callable[[], Any]) -> Slow:
    """Return the work of checking an answer, and what follows if the answer is right."""
    asked, password = call.key.challenge, _owner(call).password
    if password is None or not isinstance(answer, types.InputCheckPasswordSRP):
        raise RpcFailure("PASSWORD_HASH_INVALID")
    if asked is None or answer.srp_id != asked.id:
        raise RpcFailure("SRP_ID_INVALID")
    call.key.challenge = None  # each question is good for one answer

    def decide(right: bool) -> Any:
        if not right:
            raise RpcFailure("PASSWORD_HASH_INVALID")
        return then()

    return Slow(lambda: proves(password, asked, answer.A, answer.M1), decide)


@method(functions.auth.CheckPasswordRequest)
def check_password(call: Call, request: Any) -> Any:
    """Log in the account whose code was right, if the password is right too."""
    account = _owner(call)
    return _proven(call, request.password, lambda: log_in(call, account))


@method(functions.account.UpdatePasswordSettingsRequest, bots=False)
def update_password_settings(call: Call, request: Any) -> Any:
    """Set, change or remove the password. Who has one must show it."""
    account, new = call.account, request.new_settings
    algorithm, verifier = new.new_algo, new.new_password_hash

    def change() -> bool:
        account.password = None
        if verifier:
            hint = new.hint or ""
            number = int.from_bytes(verifier, "big")
            account.password = Password(algorithm.salt1, algorithm.salt2, number, hint)
        return True

    if verifier and (len(verifier) != SIZE or not hasattr(algorithm, "salt1")):
        raise RpcFailure("NEW_SETTINGS_INVALID")
    return change() if account.password is None else _proven(call, request.password, change)
