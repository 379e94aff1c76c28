"""Sessions inside a program of Pykka actors: your own ThreadingActors talk to them through their refs.

    python examples/embed_in_a_pykka_app.py

A newsroom is told of every new message in a chat and has another account forward it. It runs against the loopback,
the Telegram server for tests that comes with the library; for Telegram itself start sessions with configs of your own
(api_id and api_hash from my.telegram.org, and a Telethon StringSession string of a login):

    config = actors.SessionConfig(name="reader", api_id=12345, api_hash="...", session="1BVts...")
"""

from __future__ import annotations

import pykka

import actors
from actors.testing import loopback


class Newsroom(pykka.ThreadingActor):
    """Reads with one account and writes with another. `edition` gets the texts of the first `size` news."""

    def __init__(self, reader: actors.SessionRef, writer: actors.SessionRef, edition: pykka.Future[list[str]]) -> None:
        super().__init__()
        self.reader, self.writer, self.edition = reader, writer, edition
        self.texts: list[str] = []

    def on_start(self) -> None:
        """Ask for the news: from now on they arrive as messages like any other."""
        monitoring = self.reader.ask(actors.Monitor(["@news"], to=self.actor_ref, lifetime=600))
        print(f"monitor {monitoring.id} runs")

    def on_receive(self, message: object) -> None:
        """Handle what the session and the supervisor say."""
        match message:
            case actors.MessageReceived(message=news):
                print(f"news: {news.text}")
                self.writer.tell(actors.SendMessage("@editor", f"seen: {news.text}"))  # nobody waits for it
                self.texts.append(news.text)
                if len(self.texts) == 3:  # noqa: PLR2004  an edition
                    self.writer.tell(actors.SendMessage("@nobody_at_all", "extra!"))
            case actors.OperationFailed(operation_type=operation_type, error=error):
                print(f"told, and failed: {operation_type}: {error}")
                self.edition.set(self.texts)
            case actors.MonitorEnded(reason=reason):
                print(f"the monitor ended: {reason}")


def main() -> None:
    """Start everything, post some news, and stop everything as Pykka does."""
    with loopback() as telegram:
        telegram.add_channel("news", members=["reader", "agency"])
        telegram.add_session("editor")
        try:
            supervisor = actors.SupervisorActor.start()
            reader: actors.SessionRef = supervisor.ask(actors.StartSession(telegram.add_session("reader")), block=True)
            writer: actors.SessionRef = supervisor.ask(actors.StartSession(telegram.add_session("writer")), block=True)
            edition: pykka.ThreadingFuture[list[str]] = pykka.ThreadingFuture()
            newsroom = Newsroom.start(reader, writer, edition)
            supervisor.ask(actors.Subscribe(newsroom, only=(actors.OperationFailed,)))
            newsroom.ask("ready?")  # answered after on_start, so that no news comes before the monitor

            telegram.post_many("news", ["rain", "more rain", "sun"], author="agency")
            print(f"edition: {edition.get(timeout=10)}")
            reader.stop()  # a session stops like any actor: what it accepted is done first
        finally:
            pykka.ActorRegistry.stop_all()
        print(f"the editor has: {[message.text for message in telegram.messages('editor')]}")


if __name__ == "__main__":
    main()
