"""Send messages and read a chat from a plain script: ask, futures, priorities, errors, status.

    python examples/send_and_read.py

It talks to the loopback, the Telegram server for tests that comes with the library. For Telegram itself leave the
loopback out and describe your own account, with api_id and api_hash from my.telegram.org and a Telethon
StringSession string of a login:

    config = actors.SessionConfig(name="alice", api_id=12345, api_hash="...", session="1BVts...")
"""

from __future__ import annotations

import actors
from actors.testing import loopback


def main() -> None:
    """Run the whole conversation."""
    with loopback() as telegram, actors.open_system() as system:
        telegram.add_channel("news", messages=250, members=["alice", "bob"])
        alice = system.start_session(telegram.add_session("alice"))
        print(f"{alice.name} is {alice.status().phase.value}")

        # An ask waits for its answer, and the answer's type is known to your type checker: a SentMessage.
        sent = alice.ask(actors.SendMessage("@bob", "hello"))
        print(f"sent message {sent.id} to {sent.chat.username}")

        # block=False gives a future. Operations of one session run one at a time, different sessions side by side.
        history = alice.ask(actors.ScrapeHistory("@news", limit=200), block=False)
        urgent = alice.ask(actors.SendMessage("@bob", "read the news").with_(priority=20), block=False)
        print(f"sent message {urgent.get(timeout=10).id} without waiting for all pages of the history")
        found = history.get(timeout=10)
        print(f"read {len(found.messages)} messages; the newest says {found.messages[0].text!r}")

        # An error says by its class what happened, and by its fields what to do about it.
        try:
            alice.ask(actors.SendMessage("@nobody_at_all", "hello?"))
        except actors.TelegramError as error:
            print(f"refused: {error.name}, which means {error.verdict.value}")

        # A flood wait holds sending alone, visibly; the message goes out when it is over.
        telegram.fail("messages.sendMessage", account="alice", error="FLOOD_WAIT_2", times=1)
        held = alice.ask(actors.SendMessage("@bob", "take your time").with_(priority=20), block=False)
        members = alice.ask(actors.ScrapeParticipants("@news"))
        print(f"meanwhile: {members.total} members in the chat; held: {[hold.key for hold in alice.status().holds]}")
        print(f"sent message {held.get(timeout=10).id} after the flood wait")

        print(f"outcomes: {dict(alice.status().outcomes)}")
        print(f"the server holds for bob: {[message.text for message in telegram.messages('bob')]}")


if __name__ == "__main__":
    main()
