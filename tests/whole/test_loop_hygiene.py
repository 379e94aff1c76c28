"""No disk and no DNS on the loop: watched by an audit hook, which can't be taken back, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap

PROGRAM = """
    import sys, tempfile, threading
    import actors
    from actors.testing import loopback

    BAD = {"open", "os.listdir", "os.scandir", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen"}
    seen, loop_thread = [], []

    def watch(event, args):
        if event in BAD and loop_thread and threading.get_ident() == loop_thread[0]:
            seen.append((event, str(args[0])))

    sys.addaudithook(watch)

    async def where(client):
        return threading.get_ident()

    async def reads_a_file(client):
        with open(actors.__file__) as file:
            return len(file.read())

    with loopback() as telegram, actors.open_system() as system:
        telegram.add_channel("news", messages=300, members=["alice", "bob"])
        telegram.add_session("bob")
        config = telegram.add_session("alice")
        alice = system.start_session(config)      # the first one loads what is loaded when it is first used
        alice.ask(actors.SendMessage("bob", "warm"))
        loop_thread.append(alice.ask(actors.Call("where", where)))
        alice.ask(actors.SendMessage("bob", "hello"))
        alice.ask(actors.ScrapeHistory("news", limit=300))
        alice.ask(actors.ScrapeParticipants("news"))
        sent = alice.ask(actors.SendFile("bob", actors.__file__))
        with tempfile.TemporaryDirectory() as folder:
            alice.ask(actors.DownloadFile("bob", sent.id, folder + "/kept"))
            alice.ask(actors.ExportHistory("news", folder + "/news.jsonl"))
            alice.ask(actors.ExportHistory("news", folder + "/news.db"))
        telegram.disconnect("alice")
        alice.ask(actors.SendMessage("bob", "after a cut"))
        system.restart_session("alice")
        system.start_session(telegram.add_session("twin", account="alice"))
        system.stop_session("twin")
        print(len(seen), seen[:5])
        alice.ask(actors.Call("reads", reads_a_file))
        print([event for event, _ in seen])
"""


def test_nothing_of_ours_touches_disk_or_dns_on_the_loop() -> None:
    """Sending, scraping, files, healing, restarting and stopping; the watch sees a file that is opened there."""
    run = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", textwrap.dedent(PROGRAM)], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["0 []", "['open']"]
