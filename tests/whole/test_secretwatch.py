"""The watch that every test of the run is under, itself tested: a leak is found, and told without the secret."""

from __future__ import annotations

import base64
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from actors import SessionConfig
from actors.testing import Loopback
from tests.secretwatch import LOGGERS, MARKER, Leak, SecretWatch

PHONE = "+31 600 111 222"
ROOT = Path(__file__).parents[2]


def key_of(config: SessionConfig) -> bytes:
    """Return the auth key in a session string."""
    return base64.urlsafe_b64decode(config.session[1:])[-256:]


FORMS: dict[str, Callable[[SessionConfig], str]] = {
    "session string": lambda config: config.session,
    "its last third": lambda config: config.session[-120:],
    "key in hex": lambda config: key_of(config).hex(),
    "key as bytes": lambda config: repr(key_of(config)),
    "key in base64": lambda config: base64.b64encode(key_of(config)).decode(),
    "api_hash": lambda config: config.api_hash,
    "api_hash in a list": lambda config: str(["api", config.api_hash]),
    "a text": lambda config: f"hello {config.name}, {MARKER}",
    "a phone number": lambda _: "31600111222",
}


def test_a_logger_that_leaks_what_the_kit_handed_out_is_found_and_named(
    telegram: Loopback, watch: SecretWatch, request: pytest.FixtureRequest
) -> None:
    """In whatever form, at DEBUG, as an argument, in a child of each logger that is watched."""
    config = telegram.add_session("alice")
    telegram.add_account("lena", phone=PHONE)
    found = []
    for logger in LOGGERS:
        for form, show in FORMS.items():
            logging.getLogger(f"{logger}.leaky").debug("Sending %s", show(config))
            found += [(leak.logger, form) for leak in watch.take_leaks() if request.node.name in leak.test]
    assert found == [(f"{logger}.leaky", form) for logger in LOGGERS for form in FORMS]


def test_a_secret_in_a_traceback_is_found(telegram: Loopback, watch: SecretWatch) -> None:
    """What is raised is logged with its text."""
    config = telegram.add_session("alice")
    try:
        dict[str, int]()[config.session]
    except KeyError:
        logging.getLogger("asyncio").exception("Task exception was never retrieved")
    assert [leak.logger for leak in watch.take_leaks()] == ["asyncio"]


def test_harmless_lines_are_no_leaks(telegram: Loopback, watch: SecretWatch) -> None:
    """Names, numbers, the server's address and public key, and the beginning that all session strings share."""
    config = telegram.add_session("alice")
    assert config.server is not None
    lines = [config.name, repr(config), config.server.public_key, config.session[:10], "7711827615547117672", "a" * 500]
    before = watch.lines
    for line in lines:
        logging.getLogger("actors.session").debug("%s", line)
    assert watch.lines >= before + len(lines)
    assert watch.take_leaks() == []


def test_a_code_is_a_secret_only_while_its_test_lasts() -> None:
    """Five digits may be anything afterwards."""
    watch = SecretWatch()
    watch.plant_code("12345")
    assert watch.is_leak("the code is 12345.")
    assert not watch.is_leak("123456 bytes")
    watch.take_leaks()
    assert not watch.is_leak("12345 bytes")


def test_a_word_is_no_secret_to_look_for() -> None:
    """It would be found everywhere."""
    with pytest.raises(ValueError, match="16 characters"):
        SecretWatch().plant("secret")


LEAKY = f"""
import logging

def test_that_leaks():
    logging.getLogger("actors.deep.down").debug("hello %s", "{MARKER[:3]}" + "{MARKER[3:]}")

def test_that_does_not():
    logging.getLogger("actors.deep.down").debug("hello")
"""


def test_a_test_in_whose_time_a_secret_was_logged_fails_and_names_who_said_it(tmp_path: Path) -> None:
    """In a run of its own, on a worker, under the fixtures of this suite; the line isn't shown."""
    (tmp_path / "test_leaky.py").write_text(LEAKY)
    (tmp_path / "pytest.ini").write_text("[pytest]")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
        "-n",
        "2",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  ours
    assert "2 passed, 1 error" in done.stdout
    assert "a secret was logged by actors.deep.down in test_leaky.py::test_that_leaks" in done.stdout
    assert MARKER not in done.stdout


def test_no_more_leaks_are_kept_than_are_needed() -> None:
    """A loop that leaks doesn't fill the memory."""
    watch = SecretWatch()
    record = logging.LogRecord("actors.x", logging.DEBUG, __file__, 1, MARKER, (), None)
    for _ in range(1000):
        watch.handle(record)
    leaks = watch.take_leaks()
    assert len(leaks) == 100
    assert {type(leak) for leak in leaks} == {Leak}
