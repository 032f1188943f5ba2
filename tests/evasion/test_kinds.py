"""Nothing hides between IP and the message: the write is seen whichever way it is sent, and what was done is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from dissectors.facts import Exchange, OperationFirst, Violation
from rules.detections.catalogue.network import READ_TWICE
from sensor.worker import Worker
from tests.dissectors.harness import feed, of, run
from tests.evasion.kind import OVERLAP
from tests.evasion.kinds import KINDS, Kind, write_captures
from tests.evasion.talker import OPERATION, Talker

each = pytest.mark.parametrize("one", KINDS, ids=[one.name for one in KINDS])


@each
def test_the_write_is_seen_and_what_hid_it_is_said(one: Kind) -> None:
    facts = run(one.make())
    assert OPERATION in {fact.operation for fact in of(facts, OperationFirst)}
    assert [fact for fact in of(facts, Exchange) if fact.operation == OPERATION]
    found = [fact for fact in of(facts, Violation) if fact.name in (*READ_TWICE, OVERLAP)]
    assert {fact.name for fact in found} == set(one.said)
    assert {fact.name for fact in of(facts, Violation) if fact not in found} <= {"not_modbus"}


@pytest.mark.parametrize(
    "one", [one for one in KINDS if set(one.said) & {"decoy", "two_readings", OVERLAP}], ids=lambda one: one.name
)
def test_the_finding_names_the_operation_that_was_hidden(one: Kind) -> None:
    texts = [fact.text for fact in of(run(one.make()), Violation)]
    assert any(OPERATION in text for text in texts), texts


def test_the_other_reading_is_marked() -> None:
    one = next(one for one in KINDS if one.name == "decoy_low_ttl")
    writes = [fact for fact in of(run(one.make()), Exchange) if fact.operation == OPERATION]
    assert [fact.detail.get("reading") for fact in writes] == ["other"]


def test_a_decoy_whose_target_dropped_it_is_not_another_reading() -> None:
    one = next(one for one in KINDS if one.name == "decoy_checksum")
    writes = [fact for fact in of(run(one.make()), Exchange) if fact.operation == OPERATION]
    assert [(fact.outcome, "reading" in fact.detail) for fact in writes] == [("success", False)]


def test_wrong_checksums_of_a_sender_that_leaves_them_to_its_card_mean_nothing() -> None:
    worker = Worker()
    facts = []
    for number in range(12):
        it = Talker(opened=False)
        it.ports = (41000 + number, 502)
        it.segment(0, b"", sequence=-1, flags=2, wrong=True)
        it.segment(1, b"", sequence=-1, flags=18)
        it.segment(0, b"", wrong=True)
        it.segment(0, b"\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x02", wrong=True)
        it.segment(0, b"\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x02", wrong=True)
        facts += run(it.packets, worker) if number == 11 else []
        if number < 11:
            facts += feed(worker, it.packets)
    assert not of(facts, Violation)
    assert worker.wire.senders.left_to_card == 1
    assert worker.wire.senders.dropped == 0


def test_the_kinds_can_be_written_as_captures(tmp_path: Path) -> None:
    write_captures(tmp_path)
    assert {path.stem for path in tmp_path.glob("*.pcap")} == {one.name for one in KINDS}
    assert all(path.stat().st_size > 200 for path in tmp_path.glob("*.pcap"))
