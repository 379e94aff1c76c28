"""Keys and logins."""

from __future__ import annotations

import pytest
from telethon import errors
from telethon.sessions import StringSession
from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected, stranger

ME = types.InputUserSelf()


async def test_a_phone_login_with_the_code_makes_a_key_that_is_logged_in(telegram: Loopback) -> None:
    """The whole way: key exchange, sendCode, signIn, and a call that needs the login."""
    telegram.add_account("lena", phone="+31 600 000 001")
    async with stranger(telegram.address) as client:
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await client(functions.users.GetUsersRequest([ME]))
        await client.send_code_request("+31600000001")
        await client.sign_in("+31600000001", telegram.code("+31600000001"))
        assert (await client.get_me()).username == "lena"


async def test_a_wrong_code_is_refused_and_the_right_one_still_works(telegram: Loopback) -> None:
    """PHONE_CODE_INVALID does not use the code up."""
    telegram.add_account("mona", phone="31600000002")
    async with stranger(telegram.address) as client:
        await client.send_code_request("31600000002")
        code = telegram.code("31600000002")
        with pytest.raises(errors.PhoneCodeInvalidError):
            await client.sign_in("31600000002", "0" if code != "0" else "1")
        assert (await client.sign_in("31600000002", code)).first_name == "mona"


async def test_an_exchanged_key_can_be_used_again_in_a_new_connection(telegram: Loopback) -> None:
    """The server remembers the key of a client that logged in and left."""
    telegram.add_account("nora", phone="31600000003")
    async with stranger(telegram.address) as client:
        await client.send_code_request("31600000003")
        await client.sign_in("31600000003", telegram.code("31600000003"))
        saved = StringSession.save(client.session)
    config = telegram.add_session("nora-2", account="nora").with_(session=saved)
    async with connected(config) as client:
        assert (await client.get_me()).username == "nora"


async def test_a_minted_session_is_logged_in_without_a_key_exchange(telegram: Loopback) -> None:
    """add_session gives a session string that just works, and a second one for the same account."""
    first, second = telegram.add_session("olga"), telegram.add_session("olga-2", account="olga")
    async with connected(first) as one, connected(second) as two:
        assert (await one.get_me()).id == (await two.get_me()).id
        assert telegram.connections("olga") == 2


async def test_a_key_that_the_server_never_saw_gets_404(telegram: Loopback) -> None:
    """Telethon reads the transport error -404 as AuthKeyNotFound."""
    config = telegram.add_session("pia")
    session = StringSession(config.session)
    session.auth_key.key = bytes(range(256))
    broken = config.with_(session=session.save())
    with pytest.raises(errors.AuthKeyNotFound):
        async with connected(broken):
            pass


async def test_a_revoked_login_gets_the_401_it_was_revoked_with(telegram: Loopback) -> None:
    """Also on the connection that is open."""
    async with connected(telegram.add_session("rita")) as client:
        assert telegram.revoke("rita", error="SESSION_REVOKED") == 1
        with pytest.raises(errors.SessionRevokedError):
            await client(functions.users.GetUsersRequest([ME]))
        assert telegram.connections("rita") == 0


async def test_logging_out_ends_the_login_of_that_key_only(telegram: Loopback) -> None:
    """The other session of the account goes on."""
    first, second = telegram.add_session("sara"), telegram.add_session("sara-2", account="sara")
    async with connected(second) as stays:
        async with connected(first) as leaves:
            await leaves.log_out()
        assert (await stays.get_me()).username == "sara"
        async with connected(first) as back:
            assert not await back.is_user_authorized()
