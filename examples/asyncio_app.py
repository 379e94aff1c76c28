"""Sessions in an asyncio program, on its own loop: await an ask, gather several, iterate over new messages.

    python examples/asyncio_app.py

It runs against the loopback, the Telegram server for tests that comes with the library; for Telegram itself start
sessions with configs of your own (api_id and api_hash from my.telegram.org, and a Telethon StringSession string of a
login):

    config = actors.SessionConfig(name="alice", api_id=12345, api_hash="...", session="1BVts...")
"""

from __future__ import annotations

import asyncio

import actors
from actors.testing import Loopback, loopback


async def answer_questions(bob: actors.AsyncSessionRef, *, until: str) -> None:
    """Answer every message in the group until somebody says `until`."""
    async for message in bob.messages(["@group"]):
        print(f"bob reads: {message.text}")
        if message.text == until:
            break
        await bob.ask(actors.SendMessage(message.chat, f"you said {message.text!r}", reply_to=message.id))


async def talk(telegram: Loopback) -> None:
    """Start two sessions and let them talk."""
    telegram.add_channel("group", messages=20, members=["alice", "bob"])
    async with actors.open_system() as system:
        alice, bob = await asyncio.gather(
            system.start_session(telegram.add_session("alice")),
            system.start_session(telegram.add_session("bob")),
        )
        answering = asyncio.create_task(answer_questions(bob, until="bye"))
        await asyncio.sleep(0)  # lets it ask for its monitor, which goes before bob's later operations
        await bob.ask(actors.SendMessage("@group", "bob listens"))

        for text in ("hello", "how are you?", "bye"):
            await alice.ask(actors.SendMessage("@group", text))
        await answering

        history, members = await asyncio.gather(
            alice.ask(actors.ScrapeHistory("@group", limit=10)),
            bob.ask(actors.ScrapeParticipants("@group")),
        )
        answers = [message.text for message in reversed(history.messages) if message.reply_to]
        print(f"alice reads: {', '.join(answers)}")
        print(f"members: {sorted(member.username or '?' for member in members.participants)}")

        # Your patience and the operation are two things: only .cancel() cancels the operation.
        telegram.fail("messages.sendMessage", account="alice", delay=1.0, times=1)
        slow = alice.ask(actors.SendMessage("@bob", "slowly"))
        try:
            await asyncio.wait_for(slow, timeout=0.2)
        except TimeoutError:
            print("not waiting any longer...")
        print(f"...and it was sent all the same, as message {(await slow).id}")


def main() -> None:
    """Run it."""
    with loopback() as telegram:
        asyncio.run(talk(telegram))


if __name__ == "__main__":
    main()
