"""Operations of your own: atomic, in pages, and around a function; with a policy of their own.

    python examples/custom_operation.py

It runs against the loopback, the Telegram server for tests that comes with the library; for Telegram itself start the
session with a config of your own (api_id and api_hash from my.telegram.org, and a Telethon StringSession string of a
login):

    config = actors.SessionConfig(name="alice", api_id=12345, api_hash="...", session="1BVts...")
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, ClassVar

import actors
from actors.testing import loopback


@dataclass(frozen=True)
class CountMessages(actors.Operation[int]):
    """Atomic: `run` does the work once, and what it returns is the answer. It waits for flood waits of `methods`."""

    operation_type: ClassVar[str] = "archiving"
    methods: ClassVar[frozenset[str]] = frozenset({"messages.getHistory"})

    peer: str

    async def run(self, client: actors.Client, context: actors.OperationContext) -> int:
        """Ask for one message: the server says with it how many there are."""
        print(f"counting on {context.session_name}, as {context.operation_type}")
        page = await client.history(await client.resolve(self.peer), limit=1)
        return page.total


@dataclass(frozen=True)
class FindMessages(actors.ResumableOperation[list[str]]):
    """In pages: each checkpoint is where it gives way to what is more urgent, and where a retry goes on."""

    operation_type: ClassVar[str] = "archiving"
    methods: ClassVar[frozenset[str]] = frozenset({"messages.getHistory"})

    peer: str
    word: str

    async def run(
        self, client: actors.Client, context: actors.OperationContext
    ) -> AsyncGenerator[actors.Checkpoint, None]:
        """Yield a checkpoint for each page, with what was found in it."""
        at = self.start(context) or actors.Checkpoint(position=0)
        chat = await client.resolve(self.peer)
        while at.position is not None:
            page = await client.history(chat, limit=100, offset_id=at.position)
            found = tuple(message.text for message in page.messages if self.word in message.text)
            print(f"page of {len(page.messages)}: {len(found)} found")
            over = page.last or not page.messages  # not a short page: the server leaves messages out
            at = actors.Checkpoint(None if over else page.messages[-1].id, found, at.done + len(found))
            yield at

    def result(self, items: tuple[Any, ...], last: actors.Checkpoint) -> list[str]:
        """Make the answer from the items of all checkpoints."""
        del last
        return list(items)


async def describe(client: actors.Client, title: str) -> str:
    """Use the TelegramClient itself: for what the narrow client doesn't have."""
    return f"{title} @{(await client.telethon.get_me()).username}"


def main() -> None:
    """Run one of each."""
    archiving = actors.OperationPolicy(priority=3, run_timeout=120, attempt_timeout=10, retries=2, permits=2)
    with loopback() as telegram, actors.open_system(policies={"archiving": archiving}) as system:
        telegram.add_channel("news", messages=350, members=["alice", "bob"])
        alice = system.start_session(telegram.add_session("alice"))

        count = alice.ask(CountMessages("@news"))
        print(f"{count} messages")

        telegram.fail("messages.getHistory", account="alice", delay=0.2)  # pages are slow from now on
        search = alice.ask(FindMessages("@news", "77", key="my search").with_(run_timeout=30), block=False)
        time.sleep(0.1)  # by now its first page is being read
        sent = alice.ask(actors.SendMessage("@bob", "this can't wait").with_(priority=20))
        print(f"sent message {sent.id} between two pages")
        print(f"found {search.get(timeout=20)}")

        print(alice.ask(actors.Call("archiving", describe, "I am")))


if __name__ == "__main__":
    main()
