"""In a Pykka program: refs, proxies, the registry and `stop_all` behave as Pykka's users expect."""

from __future__ import annotations

from typing import Any

import pykka
import pytest

import actors
from actors.session.actor import SessionActor
from actors.testing import Loopback


class Clerk(pykka.ThreadingActor):
    """A user's own actor that talks to a session."""

    def __init__(self, session: actors.SessionRef) -> None:
        super().__init__()
        self.session = session

    def greet(self, name: str) -> actors.SentMessage:
        """Send a message, and wait for it in this actor's thread."""
        return self.session.ask(actors.SendMessage(name, f"hello {name}"))


def test_a_threading_actor_talks_to_a_session_of_a_supervisor_of_its_own(telegram: Loopback) -> None:
    """No `open_system` needed; `stop_all` stops everything."""
    telegram.add_session("bob")
    supervisor = actors.SupervisorActor.start()
    alice = supervisor.ask(actors.StartSession(telegram.add_session("alice")))
    assert isinstance(alice, pykka.ActorRef)
    clerk = Clerk.start(alice).proxy()
    assert clerk.greet("bob").get().random_id != 0
    assert [m.text for m in telegram.messages("bob")] == ["hello bob"]
    assert alice in pykka.ActorRegistry.get_by_class(SessionActor)
    assert pykka.ActorRegistry.get_by_urn(alice.actor_urn) == alice
    pykka.ActorRegistry.stop_all(timeout=10)
    assert pykka.ActorRegistry.get_all() == []
    assert not alice.is_alive()


@pytest.mark.both_hosts
def test_the_ref_and_the_urn_of_a_session_outlive_its_clients(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef
) -> None:
    """Reconnect and restart change what is inside; waiting operations stay in order."""
    telegram.add_session("bob")
    urn = alice.actor_urn
    telegram.fail("messages.sendMessage", account="alice", delay=0.3, times=1)
    asked: list[Any] = [alice.ask(actors.SendMessage("bob", str(number)), block=False) for number in range(10)]
    system.restart_session("alice")
    for future in asked:
        future.get(timeout=20)
    arrived = [m.text for m in telegram.messages("bob")]
    assert sorted(arrived) == sorted(map(str, range(10)))
    assert [text for text in arrived if text != "0"] == [str(number) for number in range(1, 10)]
    assert system.session("alice") == alice
    assert (alice.actor_urn, alice.status().restarts) == (urn, 1)
