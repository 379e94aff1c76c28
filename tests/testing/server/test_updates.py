"""Updates: pushed in order, counted by pts, and recovered after a gap."""

from __future__ import annotations

from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected, eventually, heard, told


async def test_two_sessions_of_two_members_hear_everything_in_order(telegram: Loopback) -> None:
    """One writes, two others hear 50 messages in the order written; the writer hears nothing."""
    telegram.add_channel("radio", members=["dj", "ear", "ear2"])
    sessions = [telegram.add_session(f"{name}-radio", account=name) for name in ("dj", "ear", "ear2")]
    async with connected(sessions[0]) as dj, connected(sessions[1]) as one, connected(sessions[2]) as two:
        heard_by = [heard(client) for client in (dj, one, two)]
        for number in range(50):
            await dj.send_message("@radio", f"track {number}")
        expected = [f"track {number}" for number in range(50)]
        await eventually(lambda: heard_by[1] == expected and heard_by[2] == expected)
        assert heard_by[0] == []


async def test_the_other_session_of_the_sender_learns_of_the_message(telegram: Loopback) -> None:
    """As an outgoing message; the session that sent it gets it only in the reply."""
    first, second = telegram.add_session("twin"), telegram.add_session("twin-2", account="twin")
    telegram.add_account("friend")
    updates: list[str] = []
    async with connected(first) as sends, connected(second) as watches:

        async def watch(update: object) -> None:
            if isinstance(update, types.UpdateNewMessage):
                updates.append(update.message.message if update.message.out else "incoming?")

        watches.add_event_handler(watch)
        await sends.send_message("@friend", "hi")
        await eventually(lambda: updates == ["hi"])


async def test_the_session_that_sent_gets_no_update_beside_the_reply(telegram: Loopback) -> None:
    """Nothing is pushed to it, in a private chat or a channel; what others write still is."""
    telegram.add_channel("echo-hall", members=["singer", "wall"])
    seen: list[tuple[str, bool]] = []
    async with connected(telegram.add_session("singer-1", account="singer")) as singer:

        async def watch(update: object) -> None:
            if isinstance(update, types.UpdateNewMessage | types.UpdateNewChannelMessage):
                seen.append((update.message.message, bool(update.message.out)))

        singer.add_event_handler(watch)
        await singer.send_message("@echo_hall", "la")
        await singer.send_message("@wall", "la")
        telegram.post("echo-hall", "applause", author="wall")
        telegram.post("singer", "bravo", author="wall")
        await eventually(lambda: seen == [("applause", False), ("bravo", False)])


async def test_pts_counts_an_accounts_messages_and_a_channel_has_its_own(telegram: Loopback) -> None:
    """Two private messages move the account by two; a channel post doesn't."""
    telegram.add_channel("attic", members=["owner"])
    telegram.add_account("caller")
    async with connected(telegram.add_session("owner-1", account="owner")) as client:
        before = await client(functions.updates.GetStateRequest())
        telegram.post_many("owner", ["a", "b"], author="caller")
        telegram.post("attic", "c")
        after = await client(functions.updates.GetStateRequest())
        assert after.pts - before.pts == 2
        channel = await client(functions.channels.GetFullChannelRequest(await client.get_input_entity("@attic")))
        assert channel.full_chat.pts == 2


async def test_a_client_that_was_cut_off_catches_up_with_private_messages(telegram: Loopback) -> None:
    """What was said meanwhile comes by getDifference, in order, once."""
    telegram.add_account("pal")
    async with connected(telegram.add_session("away"), catch_up=True) as away:
        texts = heard(away)
        telegram.post("away", "before", author="pal")
        await eventually(lambda: texts == ["before"])
        telegram.disconnect("away")
        telegram.post_many("away", ["one", "two"], author="pal")
        await eventually(lambda: telegram.connections("away") == 1)
        await away.catch_up()
        await eventually(lambda: texts == ["before", "one", "two"])


async def test_a_client_that_was_cut_off_catches_up_with_a_channel(telegram: Loopback) -> None:
    """GetDifference says that the channel moved on, getChannelDifference brings 250 messages in slices."""
    telegram.add_channel("ticker", members=["desk", "trader"], messages=10)
    async with connected(telegram.add_session("trader-1", account="trader"), catch_up=True) as trader:
        texts = heard(trader)
        telegram.post("ticker", "open")
        await eventually(lambda: texts == ["open"])
        telegram.disconnect("trader")
        quotes = [f"quote {number}" for number in range(250)]
        telegram.post_many("ticker", quotes)
        await eventually(lambda: telegram.connections("trader") == 1)
        await trader.catch_up()
        await eventually(lambda: len(texts) == 251)
        assert texts == ["open", *quotes]


async def test_a_long_absence_is_caught_up_with_in_slices(telegram: Loopback) -> None:
    """1,200 private messages are three differences; each message comes once, in order."""
    telegram.add_account("chatty")
    async with connected(telegram.add_session("hermit"), catch_up=True) as hermit:
        texts = heard(hermit)
        telegram.disconnect("hermit")
        said = [f"line {number}" for number in range(1200)]
        telegram.post_many("hermit", said, author="chatty")
        await eventually(lambda: telegram.connections("hermit") == 1)
        await hermit.catch_up()
        await eventually(lambda: len(texts) == 1200)
        assert texts == said


async def test_a_lost_update_is_noticed_as_a_gap_and_fetched(telegram: Loopback) -> None:
    """push=False loses one on the way; the next one makes the client ask for both."""
    telegram.add_account("source")
    async with connected(telegram.add_session("sink")) as sink:
        texts = heard(sink)
        telegram.post("sink", "lost", author="source", push=False)
        telegram.post("sink", "arrives", author="source")
        await eventually(lambda: sorted(texts) == ["arrives", "lost"])
        assert "updates.getDifference" in telegram.calls("sink")


async def test_a_forgotten_log_makes_the_next_channel_difference_too_long(telegram: Loopback) -> None:
    """The client is told how far the channel is, and no messages come as updates."""
    telegram.add_channel("abyss", members=["diver"])
    async with connected(telegram.add_session("diver-1", account="diver")) as diver:
        channel = await diver.get_input_entity("@abyss")
        telegram.post_many("abyss", ["deep", "deeper"])
        telegram.forget_updates("abyss")
        difference = await diver(
            functions.updates.GetChannelDifferenceRequest(channel, types.ChannelMessagesFilterEmpty(), pts=1, limit=100)
        )
        assert isinstance(difference, types.updates.ChannelDifferenceTooLong)
        assert difference.dialog.pts == 3
        assert [message.message for message in difference.messages] == ["deeper", "deep"]


async def test_a_session_without_updates_gets_none(telegram: Loopback) -> None:
    """receive_updates=False wraps every call in invokeWithoutUpdates."""
    telegram.add_account("loud")
    quiet, keen = telegram.add_session("calm"), telegram.add_session("calm-2", account="calm")
    async with connected(quiet, receive_updates=False) as deaf, connected(keen) as hears:
        silence, texts = heard(deaf), heard(hears)
        telegram.post("calm", "psst", author="loud")
        await eventually(lambda: texts == ["psst"])
        await deaf.get_me()
        assert silence == []


async def test_who_polls_a_public_channel_is_told_of_it_and_told_when_to_poll_again(telegram: Loopback) -> None:
    """As Telegram does; who doesn't poll, and isn't in it, is told nothing."""
    telegram.add_channel("plaza", members=["host"], messages=2)
    telegram.poll_timeout(7)
    async with connected(telegram.add_session("guest")) as guest, connected(telegram.add_session("passer")) as passer:
        told_to = [told(client, types.UpdateNewChannelMessage) for client in (guest, passer)]
        channel = await guest.get_input_entity("@plaza")
        await passer.get_input_entity("@plaza")
        pts = (await guest(functions.channels.GetFullChannelRequest(channel))).full_chat.pts
        request = functions.updates.GetChannelDifferenceRequest(
            channel, types.ChannelMessagesFilterEmpty(), pts=pts, limit=100
        )
        assert (await guest(request)).timeout == 7
        telegram.post("plaza", "hear ye", author="host")
        await eventually(lambda: [update.message.message for update in told_to[0]] == ["hear ye"])
        answer = await guest(request)
        assert ([message.message for message in answer.new_messages], answer.timeout) == (["hear ye"], 7)
        assert told_to[1] == []
