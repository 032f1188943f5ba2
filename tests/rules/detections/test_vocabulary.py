"""The vocabulary is closed: what a catalogue entry or a story says is declared by a protocol or a list of words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from dissectors.attributes import NAMES
from dissectors.context import AssetEvent, Context, Event, FindingEvent, Mismatch, Missing, SensorEvent, VerdictKind
from dissectors.danger import Danger, Pattern
from dissectors.facts import ChannelOpened, Exchange, OperationFirst, Sighting, Violation, Visibility
from dissectors.registry import BY_NAME, PROTOCOLS, WIRE_PROTOCOL
from dissectors.words import (
    ASSET_ATTRIBUTES,
    ASSET_EVENTS,
    CHANNEL_STATES,
    DECIDED_BY,
    OUTCOMES,
    RECOGNISED_BY,
    SENSOR_EVENTS,
    VERBS,
    VISIBILITIES,
)
from rules.detections.catalogue import CATALOGUE
from rules.detections.entry import Match
from rules.detections.patterns.declared import patterns_of
from tests.dissectors import vocabulary
from tests.dissectors.vocabulary import ERRORS, OPERATIONS, VIOLATIONS, speaks
from tests.repository import ROOT
from tests.rules.detections.stories.every import STORIES

IDS = frozenset(entry.id for entry in CATALOGUE)
WORDS = {
    ChannelOpened: CHANNEL_STATES,
    Visibility: VISIBILITIES,
    Sighting: NAMES,
    AssetEvent: ASSET_EVENTS,
    SensorEvent: SENSOR_EVENTS,
    FindingEvent: tuple(IDS),
}
"""The words of a Match by the type of event, where they do not hang on the protocol."""


def unknown_in_match(look: Match) -> Iterator[str]:
    """Yield the words of a match that nothing declares."""
    yield from sorted(set(look.protocols) - vocabulary.PROTOCOLS - {WIRE_PROTOCOL})
    yield from sorted(set(look.verbs) - set(VERBS))
    yield from sorted(set(look.outcomes) - set(OUTCOMES))
    yield from sorted(set(look.verdicts) - set(VerdictKind))
    yield from sorted(set(look.means) - IDS)
    yield from (word for word in look.errors if not speaks(ERRORS, look.protocols, word))
    if look.event in {Exchange, OperationFirst}:
        yield from (word for word in look.words if not speaks(OPERATIONS, look.protocols, word))
    elif look.event is Violation:
        yield from (word for word in look.words if not speaks(VIOLATIONS, look.protocols, word))
    else:
        yield from sorted(set(look.words) - set(WORDS.get(look.event, ())))


def unknown_in_event(event: Event) -> Iterator[str]:
    """Yield the words of an event of a story that nothing declares."""
    if isinstance(event, FindingEvent):
        yield from sorted({event.finding.alert} - IDS)
        yield from unknown_in_event(event.context) if event.context is not None else ()
    elif isinstance(event, SensorEvent):
        yield from sorted({event.kind} - set(SENSOR_EVENTS))
    elif isinstance(event, AssetEvent):
        attribute = event.attribute.partition("_")[0] if event.attribute.startswith("module_") else event.attribute
        yield from sorted({event.kind} - set(ASSET_EVENTS))
        yield from sorted({attribute} - set(NAMES) - set(ASSET_ATTRIBUTES) - {""})
    else:
        yield from unknown_in_context(event)


def unknown_in_context(context: Context) -> Iterator[str]:
    fact, channel, verdict = context.fact, context.channel, context.verdict
    if channel is not None:
        yield from sorted({channel.protocol} - vocabulary.PROTOCOLS)
        yield from sorted({channel.state} - set(CHANNEL_STATES))
        yield from sorted({channel.decided_by} - set(DECIDED_BY))
        yield from sorted({channel.recognised_by} - set(RECOGNISED_BY))
    if verdict is not None:
        yield from sorted({verdict.kind} - set(VerdictKind))
        yield from sorted({verdict.missing} - set(Missing))
        yield from sorted({verdict.mismatch} - set(Mismatch))
    yield from sorted({getattr(fact, "visibility", "complete")} - set(VISIBILITIES))
    protocols = (channel.protocol,) if channel is not None else ()
    if isinstance(fact, Exchange | OperationFirst):
        yield from sorted({fact.verb} - set(VERBS))
        if not speaks(OPERATIONS, protocols, fact.operation):
            yield fact.operation
    if isinstance(fact, Exchange):
        yield from sorted({fact.outcome} - set(OUTCOMES))
        if fact.error and not speaks(ERRORS, protocols, fact.error):
            yield fact.error
    elif isinstance(fact, Violation) and not speaks(VIOLATIONS, (fact.protocol,), fact.name):
        yield fact.name
    elif isinstance(fact, Sighting):
        yield from sorted({fact.attribute} - set(NAMES))
    elif isinstance(fact, Visibility):
        yield from sorted({fact.state} - set(VISIBILITIES))


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.id)
def test_an_entry_looks_only_for_words_that_something_declares(entry) -> None:
    assert [word for look in entry.looks for word in unknown_in_match(look)] == []


@pytest.mark.parametrize("identifier", sorted(STORIES))
def test_a_story_speaks_only_words_that_something_declares(identifier: str) -> None:
    story = [event for half in STORIES[identifier] for event in half if not isinstance(event, int)]
    assert sorted({word for event in story for word in unknown_in_event(event)}) == []


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_a_protocol_declares_dangers_and_patterns_in_its_own_words(protocol) -> None:
    named: list[Danger | Pattern] = [*protocol.dangers, *(pattern for _, pattern in patterns_of(protocol.patterns))]
    series = tuple(one.name for one in PROTOCOLS if one.series == protocol.series)
    for one in named:
        assert [word for word in one.operations if not speaks(OPERATIONS, series, word)] == []
        assert [word for word in one.errors if not speaks(ERRORS, (protocol.name,), word)] == []
        assert [word for word in getattr(one, "faults", ()) if not speaks(VIOLATIONS, series, word)] == []
    numbers = [one.number for one in named]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("protocol", [one for one in PROTOCOLS if one.series], ids=lambda protocol: protocol.name)
def test_every_violation_of_a_protocol_reaches_an_alert_or_is_counted(protocol) -> None:
    counted = {"function", "item_syntax"}  # readable and not defined
    reached = {word for _, one in patterns_of(protocol.patterns) for word in one.faults}
    for entry in CATALOGUE:
        reached |= {word for look in entry.looks if protocol.name in look.protocols for word in look.words}
    assert VIOLATIONS[protocol.name] - reached - counted == set()


def stated_in(folder: str) -> set[str]:
    """Return the names of violations that the sources of one dissector state."""
    found = set()
    for path in sorted((ROOT / "dissectors" / folder).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                at = {"ProtocolViolation": 0, "wrong": 1}.get(node.func.id, -1)
                if 0 <= at < len(node.args) and isinstance(node.args[at], ast.Constant):
                    found.add(node.args[at].value)
    return found


@pytest.mark.parametrize(("folder", "name"), [("modbus", "modbus"), ("dnp3", "dnp3"), ("s7", "s7comm"), ("iso", "iso")])
def test_what_a_dissector_states_is_what_it_declares(folder: str, name: str) -> None:
    transport = VIOLATIONS["iso"] if folder == "s7" else frozenset()
    declared = {fault.name for fault in BY_NAME[name].violations if not fault.foreign} - transport
    assert stated_in(folder) == declared


def test_no_protocol_is_named_outside_its_own_file_of_the_catalogue() -> None:
    names = {*BY_NAME, *(protocol.family for protocol in PROTOCOLS)} - {""}
    pattern = re.compile(rf"\b({'|'.join(sorted(names))})\b", re.IGNORECASE)
    own = re.compile(r"catalogue/(__init__|modbus|dnp3_\w+|s7\w*)\.py")
    found = []
    for path in sorted((ROOT / "rules" / "detections").rglob("*.py")):
        where = path.relative_to(ROOT / "rules" / "detections").as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if pattern.search(re.sub(r"\S+\.pcap", "", text)) and not own.fullmatch(where):
                found.append(f"{where}: {text[:60]}")
    assert found == []
