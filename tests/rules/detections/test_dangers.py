"""Every dangerous command that a protocol declares is raised from bytes: a conversation, its facts, its alert.

A protocol brings its requests in ``tests/dissectors/NAME/dangers.py``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from dissectors.context import Context
from dissectors.danger import Danger
from dissectors.facts import ChannelOpened, Fact
from dissectors.registry import PROTOCOLS
from dissectors.spec import Protocol
from rules.detections.alert import Alert
from rules.detections.engine import Detections
from tests.dissectors.harness import Conversation, run
from tests.repository import ROOT


def words_of(danger: Danger) -> Iterator[str]:
    """Yield what must be shown of a danger: each operation, code and error, and each object of an operation."""
    yield from (*danger.codes, *danger.errors)
    for operation in danger.operations:
        yield from (f"{operation} {kind}" for kind in danger.objects) if danger.objects else (operation,)


def folder_of(protocol: Protocol) -> str:
    """Return the folder in which the protocol and its tests lie."""
    return type(protocol.dissector).__module__.split(".")[1]


DECLARING = [one for one in {folder_of(one): one for one in reversed(PROTOCOLS)}.values() if one.dangers]
SHOWN = [(one, danger, word) for one in DECLARING for danger in one.dangers for word in words_of(danger)]


@pytest.mark.parametrize(("protocol", "danger", "word"), SHOWN, ids=[f"{row[1].number}-{row[2]}" for row in SHOWN])
def test_its_bytes_raise_its_alert(protocol: Protocol, danger: Danger, word: str) -> None:
    given = importlib.import_module(f"tests.dissectors.{folder_of(protocol)}.dangers")
    assert word in given.MESSAGES, f"add bytes for {word} to tests/dissectors/{folder_of(protocol)}/dangers.py"
    asked, answered = given.MESSAGES[word]
    conversation = Conversation(server_port=given.PORT).handshake()
    for side, data in [*given.OPENING, (0, asked), *([(1, answered)] if answered else [])]:
        conversation.say(side, data)
    raised = alerts_of(run(conversation.finish().packets()))
    identifier = f"{protocol.series}-{danger.number:03d}"
    assert identifier in raised
    assert raised[identifier].severity == danger.severities.get(word, danger.severity)


DIFFERENT = [
    ("modbus", "90/64", "MB-031", "its program starts, and with it the process that it controls."),
    ("modbus", "90/65", "MB-031", "its program stops, and with it the process that it controls."),
    ("dnp3", "stop_application", "DNP-014", "a program of the outstation stops."),
    ("dnp3", "start_application", "DNP-014", "a program of the outstation starts."),
    ("s7", "lock_alarms", "S7-030", "alarms of the controller are locked; they reach no operator."),
    ("s7", "unlock_alarms", "S7-030", "alarms of the controller are unlocked; they reach the operators again."),
]


@pytest.mark.parametrize(("folder", "word", "identifier", "said"), DIFFERENT, ids=[row[1] for row in DIFFERENT])
def test_an_alert_of_commands_that_do_different_things_says_which_it_was(
    folder: str, word: str, identifier: str, said: str
) -> None:
    given = importlib.import_module(f"tests.dissectors.{folder}.dangers")
    conversation = Conversation(server_port=given.PORT).handshake()
    for side, data in [*given.OPENING, (0, given.MESSAGES[word][0])]:
        conversation.say(side, data)
    assert alerts_of(run(conversation.packets()))[identifier].reason.endswith(f": {said}")


def alerts_of(facts: list[Fact]) -> dict[str, Alert]:
    """Return the alerts that the facts raise, by id."""
    engine = Detections({}, "s", "e")
    channels: dict[str, ChannelOpened] = {}
    raised: dict[str, Alert] = {}
    for fact in facts:
        if isinstance(fact, ChannelOpened):
            channels[fact.channel] = fact
        context = Context(fact=fact, channel=channels.get(getattr(fact, "channel", "")))
        raised.update({alert.id: alert for alert in engine.see(context)})
    return raised


def test_every_protocol_with_dangers_brings_their_bytes() -> None:
    for protocol in DECLARING:
        assert (ROOT / "tests" / "dissectors" / folder_of(protocol) / "dangers.py").is_file()
