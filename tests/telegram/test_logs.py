"""What Telethon may log."""

from __future__ import annotations

import logging

import pytest
from telethon import functions, types

from actors.telegram.logs import TELETHON_LOGGER, DiscreetLogger

SECRET = "the text that nobody may see"
PHONE = "+4915112345678"
FINER = logging.DEBUG - 1
REQUEST = functions.messages.SendMessageRequest(types.InputPeerSelf(), SECRET, random_id=1)


@pytest.mark.parametrize(
    "secret", [SECRET, SECRET.encode(), REQUEST, [REQUEST], {"text": SECRET}, ValueError(SECRET), PHONE]
)
@pytest.mark.parametrize("level", [5, logging.DEBUG, logging.CRITICAL])
def test_no_argument_tells_a_secret(secret: object, level: int, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever its type and the level, the record has the name of its class."""
    caplog.set_level(1, logger="actors.telethon")
    TELETHON_LOGGER.getChild("network").getChild("deep").log(level, "Received %s and %r", secret, secret)
    (record,) = caplog.records
    assert SECRET not in f"{record.__dict__} {record.getMessage()}"
    assert PHONE not in f"{record.__dict__} {record.getMessage()}"


def test_numbers_and_names_of_classes_stay(caplog: pytest.LogCaptureFixture) -> None:
    """Or the log would be of no use."""
    caplog.set_level(logging.DEBUG, logger="actors.telethon")
    TELETHON_LOGGER.getChild("x").debug("Assigned msg_id = %d to %s (%x), type %08x", 7, "GetConfigRequest", 255, 1)
    assert caplog.records[0].getMessage() == "Assigned msg_id = 7 to GetConfigRequest (255), type 1"


def test_an_exception_is_told_by_its_class_and_place(caplog: pytest.LogCaptureFixture) -> None:
    """Its text may quote what was received."""
    try:
        int(SECRET)
    except ValueError:
        TELETHON_LOGGER.getChild("x").exception("Unhandled 100% error")
    (record,) = caplog.records
    assert record.exc_info is None
    assert "Unhandled 100% error [ValueError at test_logs.py:" in record.getMessage()
    assert SECRET not in record.getMessage()


def test_levels_are_set_as_for_any_logger() -> None:
    """The logger of the same name in `logging` decides, also after the first record."""
    child = TELETHON_LOGGER.getChild("levels")
    assert not child.isEnabledFor(FINER)
    logging.getLogger("actors.telethon.levels").setLevel(FINER)
    assert child.isEnabledFor(FINER)


def test_a_child_is_made_once_and_is_as_discreet() -> None:
    """Every client asks for the same ones."""
    child = TELETHON_LOGGER.getChild("network.mtprotosender")
    assert isinstance(child, DiscreetLogger)
    assert child is TELETHON_LOGGER.getChild("network.mtprotosender")
    assert child.name == "actors.telethon.network.mtprotosender"
