"""Accounts: every way in, and every way that a login ends. Plain phone logins are in test_login.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected, eventually, heard, stranger, told

GET_ME = functions.users.GetUsersRequest([types.InputUserSelf()])


@asynccontextmanager
async def _at_the_door(telegram: Loopback, phone: str) -> AsyncIterator[Any]:
    """A stranger to whom a code was sent."""
    async with stranger(telegram.address) as client:
        await client.send_code_request(phone)
        yield client


async def test_a_code_that_is_sent_again_replaces_the_first(telegram: Loopback) -> None:
    """Asking twice makes Telethon call auth.resendCode."""
    telegram.add_account("ada", phone="31611000001")
    async with _at_the_door(telegram, "31611000001") as client:
        first = telegram.code("31611000001")
        await client.send_code_request("31611000001")
        second = telegram.code("31611000001")
        if first != second:
            with pytest.raises(errors.PhoneCodeInvalidError):
                await client.sign_in("31611000001", first)
        assert (await client.sign_in("31611000001", second)).username == "ada"


async def test_an_impossible_number_and_a_stale_hash_are_refused(telegram: Loopback) -> None:
    """PHONE_NUMBER_INVALID; PHONE_CODE_EXPIRED."""
    async with stranger(telegram.address) as client:
        with pytest.raises(errors.PhoneNumberInvalidError):
            await client.send_code_request("12")
        await client.send_code_request("31611000002")
        with pytest.raises(errors.PhoneCodeExpiredError):
            await client.sign_in("31611000002", "12345", phone_code_hash="old")


async def test_an_unknown_number_signs_up_with_its_code(telegram: Loopback) -> None:
    """Telethon has no public call for it any more, Telegram's method is there."""
    async with _at_the_door(telegram, "31611000003") as client:
        code = telegram.code("31611000003")
        with pytest.raises(errors.PhoneNumberUnoccupiedError):
            await client.sign_in("31611000003", code)
        code_hash = client._phone_code_hash["31611000003"]
        entered = await client(functions.auth.SignUpRequest("31611000003", code_hash, "newcomer", ""))
        assert entered.user.first_name == "newcomer"
        assert (await client(GET_ME))[0].phone == "31611000003"


async def test_a_password_is_asked_for_after_the_code(telegram: Loopback) -> None:
    """By SRP: a wrong one is refused, the right one lets in, the hint is shown."""
    telegram.add_account("bea", phone="31611000004")
    telegram.set_password("bea", "open sesame", hint="a story")
    async with _at_the_door(telegram, "31611000004") as client:
        with pytest.raises(errors.SessionPasswordNeededError):
            await client.sign_in("31611000004", telegram.code("31611000004"))
        assert (await client(functions.account.GetPasswordRequest())).hint == "a story"
        with pytest.raises(errors.PasswordHashInvalidError):
            await client.sign_in(password="open barley")
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await client(GET_ME)
        assert (await client.sign_in(password="open sesame")).username == "bea"
        assert (await client(GET_ME))[0].username == "bea"


async def test_an_answer_to_an_old_question_is_refused(telegram: Loopback) -> None:
    """SRP_ID_INVALID: each question is good for one answer."""
    telegram.add_account("cyd", phone="31611000005")
    telegram.set_password("cyd", "secret")
    async with _at_the_door(telegram, "31611000005") as client:
        with pytest.raises(errors.SessionPasswordNeededError):
            await client.sign_in("31611000005", telegram.code("31611000005"))
        stale = types.InputCheckPasswordSRP(1, bytes(256), bytes(32))
        with pytest.raises(errors.SrpIdInvalidError):
            await client(functions.auth.CheckPasswordRequest(stale))


async def test_the_owner_sets_changes_and_removes_the_password(telegram: Loopback) -> None:
    """client.edit_2fa; the old one must be right."""
    telegram.add_account("dan", phone="31611000006")
    async with connected(telegram.add_session("dan-1", account="dan")) as dan:
        assert await dan.edit_2fa(new_password="first", hint="1")
        with pytest.raises(errors.PasswordHashInvalidError):
            await dan.edit_2fa(current_password="wrong", new_password="second")
        assert await dan.edit_2fa(current_password="first", new_password="second")
        async with _at_the_door(telegram, "31611000006") as client:
            with pytest.raises(errors.SessionPasswordNeededError):
                await client.sign_in("31611000006", telegram.code("31611000006"))
            assert (await client.sign_in(password="second")).username == "dan"
        assert await dan.edit_2fa(current_password="second")
        assert not (await dan(functions.account.GetPasswordRequest())).has_password


async def test_the_server_answers_others_while_it_checks_passwords(telegram: Loopback) -> None:
    """The powers are raised in a thread: a call beside ten questions doesn't wait for them."""
    telegram.add_account("eve", phone="31611000007")
    telegram.set_password("eve", "secret")
    async with (
        connected(telegram.add_session("eve-1", account="eve")) as eve,
        connected(telegram.add_session("fay")) as fay,
    ):
        questions = [asyncio.ensure_future(eve(functions.account.GetPasswordRequest())) for _ in range(10)]
        await fay(GET_ME)
        assert not all(question.done() for question in questions)
        asked = {(await question).srp_id for question in questions}
    assert len(asked) == 10


async def test_a_bot_logs_in_with_its_token_and_talks(telegram: Loopback) -> None:
    """It is marked as a bot, hears and answers, and is denied what only people may do."""
    token = telegram.add_bot("echo_bot")
    async with stranger(telegram.address) as bot, connected(telegram.add_session("gus")) as gus:
        me = await bot.sign_in(bot_token=token)
        assert (me.bot, me.username) == (True, "echo_bot")
        texts, answers = heard(bot), heard(gus)
        await gus.send_message("@echo_bot", "hello?")
        await eventually(lambda: texts == ["hello?"])
        await bot.send_message((await gus.get_me()).id, "hello!")
        await eventually(lambda: answers == ["hello!"])
        with pytest.raises(errors.BotMethodInvalidError):
            await bot.get_dialogs()


async def test_a_wrong_token_is_refused(telegram: Loopback) -> None:
    """ACCESS_TOKEN_INVALID."""
    async with stranger(telegram.address) as client:
        with pytest.raises(errors.AccessTokenInvalidError):
            await client.sign_in(bot_token="1:nonsense")


async def test_a_scanned_qr_code_lets_the_client_in(telegram: Loopback) -> None:
    """An updateLoginToken wakes the one that waits; the one that scans sees what it let in."""
    async with stranger(telegram.address) as screen, connected(telegram.add_session("hal")) as phone:
        login = await screen.qr_login()
        waiting = asyncio.ensure_future(login.wait(timeout=10))
        await eventually(lambda: bool(screen.list_event_handlers()))
        let_in = await phone(functions.auth.AcceptLoginTokenRequest(login.token))
        assert (await waiting).username == "hal"
        assert (await screen(GET_ME))[0].username == "hal"
        assert let_in.api_id == 1
        assert telegram.connections("hal") == 2
        with pytest.raises(errors.AuthTokenInvalidError):
            await phone(functions.auth.AcceptLoginTokenRequest(login.token))


async def test_a_qr_code_is_good_for_one_scan_and_a_newer_one_replaces_it(telegram: Loopback) -> None:
    """AUTH_TOKEN_ALREADY_ACCEPTED, AUTH_TOKEN_INVALID."""
    async with stranger(telegram.address) as screen, connected(telegram.add_session("ike")) as phone:
        login = await screen.qr_login()
        old = login.token
        await login.recreate()
        assert login.token != old
        with pytest.raises(errors.AuthTokenInvalidError):
            await phone(functions.auth.AcceptLoginTokenRequest(old))
        await phone(functions.auth.AcceptLoginTokenRequest(login.token))
        with pytest.raises(errors.AuthTokenAlreadyAcceptedError):
            await phone(functions.auth.AcceptLoginTokenRequest(login.token))


async def test_a_qr_login_asks_for_the_password_too(telegram: Loopback) -> None:
    """Telethon's wait raises SessionPasswordNeeded, and sign_in goes on."""
    config = telegram.add_session("jan")
    telegram.set_password("jan", "secret")
    async with stranger(telegram.address) as screen, connected(config) as phone:
        login = await screen.qr_login()
        waiting = asyncio.ensure_future(login.wait(timeout=10))
        await eventually(lambda: bool(screen.list_event_handlers()))
        await phone(functions.auth.AcceptLoginTokenRequest(login.token))
        with pytest.raises(errors.SessionPasswordNeededError):
            await waiting
        assert (await screen.sign_in(password="secret")).username == "jan"


async def test_an_account_lists_its_logins_and_ends_the_others(telegram: Loopback) -> None:
    """account.getAuthorizations and resetAuthorization; the one that asks is marked and can't end itself so."""
    first, second = telegram.add_session("kit-1", account="kit"), telegram.add_session("kit-2", account="kit")
    async with connected(first, device_model="desk") as one, connected(second, device_model="phone") as two:
        logins = (await one(functions.account.GetAuthorizationsRequest())).authorizations
        assert [(login.device_model, bool(login.current)) for login in logins] == [("desk", True), ("phone", False)]
        with pytest.raises(errors.HashInvalidError):
            await one(functions.account.ResetAuthorizationRequest(logins[0].hash))
        await one(functions.account.ResetAuthorizationRequest(logins[1].hash))
        with pytest.raises(errors.SessionRevokedError):
            await two(GET_ME)
        assert telegram.connections("kit") == 1
        assert (await one(GET_ME))[0].username == "kit"


async def test_a_login_that_was_ended_hears_nothing_more(telegram: Loopback) -> None:
    """auth.resetAuthorizations ends all but one's own."""
    telegram.add_account("mum")
    first, second = telegram.add_session("lou-1", account="lou"), telegram.add_session("lou-2", account="lou")
    async with connected(first) as one, connected(second) as two:
        keeps, loses = heard(one), told(two)
        await one(functions.auth.ResetAuthorizationsRequest())
        telegram.post("lou", "call me", author="mum")
        await eventually(lambda: keeps == ["call me"])
        assert loses == []


async def test_a_deactivated_account_is_out_and_others_see_it_gone(telegram: Loopback) -> None:
    """USER_DEACTIVATED for itself; a deleted user that can't be written to for others."""
    telegram.add_account("mia", phone="31611000008")
    async with (
        connected(telegram.add_session("mia-1", account="mia")) as mia,
        connected(telegram.add_session("ned")) as ned,
    ):
        peer = await ned.get_input_entity("@mia")
        await ned.send_message(peer, "hi")
        news = told(ned, types.UpdateUser)
        telegram.deactivate("mia")
        with pytest.raises(errors.UserDeactivatedError):
            await mia(GET_ME)
        await eventually(lambda: len(news) == 1)
        assert (await ned.get_entity(peer)).deleted
        with pytest.raises(errors.InputUserDeactivatedError):
            await ned.send_message(peer, "are you there?")
    async with stranger(telegram.address) as client:
        with pytest.raises(errors.PhoneNumberBannedError):
            await client.send_code_request("31611000008")


async def test_a_duplicated_key_is_dead(telegram: Loopback) -> None:
    """AUTH_KEY_DUPLICATED, a 406."""
    async with connected(telegram.add_session("ole")) as ole:
        assert telegram.duplicate_key("ole") == 1
        with pytest.raises(errors.AuthKeyDuplicatedError) as caught:
            await ole(GET_ME)
        assert caught.value.code == 406
