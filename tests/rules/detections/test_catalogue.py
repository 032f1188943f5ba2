"""The catalogue as data: ids, filled fields, techniques of the pin, a story for each alert."""

from __future__ import annotations

import re
from typing import get_args, get_type_hints

import pytest

from dissectors.context import Context, FindingEvent
from dissectors.facts import Fact
from rules.detections.alert import SEVERITIES
from rules.detections.attack.pin import pin, present_id, technique
from rules.detections.catalogue import CATALOGUE
from rules.detections.entry import NEEDS, SCOPES, Entry
from rules.detections.explanation import FORMS, UNSEEN
from tests.rules.detections.build import run
from tests.rules.detections.stories.every import STORIES

SERIES = ("MB", "DNP", "S7", "IEC", "LLDP", "NET", "AST", "MDL", "SEN")
CONTEXT_ONLY = {"T0809", "T0813", "T0815", "T0826", "T0827", "T0829", "T0831", "T0832", "T0835", "T0837", "T0849",
                "T0859", "T0872", "T0881"}  # fmt: skip
NEVER = {"T0821", "T0840", "T0842"}

every_entry = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.id)


def is_learned(entry: Entry) -> bool:
    """Whether it compares facts with a baseline; findings of models need one too, but bring what they found."""
    return entry.needs == "B" and not any(look.event is FindingEvent for look in entry.looks)


def test_ids_are_unique_sorted_and_in_their_series() -> None:
    ids = [entry.id for entry in CATALOGUE]
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids)
    assert {identifier.rpartition("-")[0] for identifier in ids} == set(SERIES)
    assert all(re.fullmatch(r"[A-Z0-9]+-\d{3}", identifier) for identifier in ids)


def test_every_story_belongs_to_an_entry_and_every_entry_has_one() -> None:
    reported_elsewhere = {"NET-005", "DNP-005"} | {entry.id for entry in CATALOGUE if is_learned(entry)}
    assert set(STORIES) | reported_elsewhere == {entry.id for entry in CATALOGUE}


@every_entry
def test_every_field_of_an_entry_is_filled_with_known_words(entry: Entry) -> None:
    assert entry.severity in SEVERITIES
    assert entry.needs in NEEDS
    assert entry.scope in SCOPES
    assert entry.explanation.form in FORMS
    assert entry.looks
    texts = (entry.name, entry.false_positives, entry.normal, entry.category, entry.capture_fires, entry.capture_silent)
    for text in (*texts, entry.explanation.reason, entry.explanation.expected, entry.explanation.observed):
        assert text.strip()
    assert all(re.search(r"[a-z]", name) for name in entry.settings)


@every_entry
def test_a_predicate_takes_every_type_of_event_that_its_entry_looks_at(entry: Entry) -> None:
    first = next(iter(get_type_hints(entry.predicate).values()))
    taken = set(get_args(first) or (first,))
    looked = {Context if issubclass(look.event, Fact) else look.event for look in entry.looks}
    assert looked <= taken, f"{entry.id}: annotate what the predicate is given"


@every_entry
def test_every_technique_is_in_the_pin_and_context_is_never_claimed_as_coverage(entry: Entry) -> None:
    for identifier in (*entry.techniques, *entry.context):
        found = technique(identifier)
        assert found.name
        assert found.tactics
        assert identifier not in NEVER
    assert not CONTEXT_ONLY & set(entry.techniques)
    assert set(entry.context) <= CONTEXT_ONLY


def test_every_former_id_maps_to_a_present_one_and_back() -> None:
    data = pin()
    known = {row.id: row for row in data.techniques}
    for former, present in data.crosswalk.items():
        assert known[former].revoked
        assert technique(present).former == former
        assert present_id(former) == present
        with pytest.raises(KeyError):
            technique(former)


def test_the_pin_names_its_bundle_and_the_owner_of_the_text() -> None:
    data = pin()
    assert data.bundle.file == f"ics-attack-{data.bundle.version}.json"
    assert re.fullmatch(r"[0-9a-f]{64}", data.bundle.sha256)
    assert "The MITRE Corporation" in data.copyright


@pytest.mark.parametrize("identifier", sorted(STORIES))
def test_its_story_fires_the_alert_and_every_sentence_is_complete(identifier: str) -> None:
    alerts = [alert for alert in run(STORIES[identifier][0]) if alert.id == identifier]
    assert alerts
    for alert in alerts:
        for text in (alert.message, alert.reason, alert.expected, alert.observed, alert.normal):
            assert text.strip()
            assert UNSEEN not in text
            assert "None" not in text.replace("None known", "").replace("None:", "")
            assert "{" not in text
            assert "  " not in text
            assert " ." not in text
        assert alert.incident
        assert alert.source


@pytest.mark.parametrize("identifier", sorted(STORIES))
def test_its_normal_story_stays_silent(identifier: str) -> None:
    assert identifier not in {alert.id for alert in run(STORIES[identifier][1])}
