"""Promises about document ids: as specified, the same in every run, and of the content only."""

from __future__ import annotations

import msgspec

from sensor.documents.alert import alert_document
from sensor.documents.asset import asset_document
from sensor.documents.identifier import event_id, rule_uuid
from sensor.documents.moment import epoch_text, moment
from sensor.documents.operation import operation_document
from tests.sensor.build import START
from tests.sensor.documents.contexts import HMI_VIEW, ORIGIN, PLC_VIEW, act, alarm, changed, channel, record, written


def test_the_id_of_the_test_vector_is_as_specified() -> None:
    assert event_id("sensor1", "20261121T060000Z", 8812345, "alert", "MB-001") == "dQ3v6t0DHOQv1heUhRJaPA"


def test_every_part_of_an_id_counts() -> None:
    ids = {
        event_id("sensor1", "20261121T060000Z", 7, "alert", "MB-001"),
        event_id("sensor2", "20261121T060000Z", 7, "alert", "MB-001"),
        event_id("sensor1", "20261121T060001Z", 7, "alert", "MB-001"),
        event_id("sensor1", "20261121T060000Z", 8, "alert", "MB-001"),
        event_id("sensor1", "20261121T060000Z", 7, "operation", "MB-001"),
        event_id("sensor1", "20261121T060000Z", 7, "alert", "MB-002"),
    }
    assert len(ids) == 6


def test_parts_of_an_id_cannot_be_shifted_into_each_other() -> None:
    assert event_id("ab", "c", 1, "alert") != event_id("a", "bc", 1, "alert")


def test_an_id_can_be_made_of_any_text_from_the_wire() -> None:
    assert len(event_id("s", "e", "asset\udcff\x00", "asset")) == 22


def test_a_rule_has_one_uuid_for_ever() -> None:
    assert rule_uuid("MB-001") == "2455061a-4caa-5e35-862f-bc211c71eb2b"
    assert rule_uuid("MB-002") != rule_uuid("MB-001")


def test_times_are_packet_times_in_utc() -> None:
    assert moment(START + 123_999_999) == "2023-11-14T22:13:20.123Z"
    assert epoch_text(START + 123_456_789) == "20231114T221320.123456789Z"


def test_no_two_documents_of_a_run_share_an_id() -> None:
    ids = [document["event"]["id"] for word, document in written() if word != "sensor"]
    assert len(ids) == len(set(ids)) > 4


def test_revisions_of_an_incident_are_documents_of_their_own() -> None:
    first, second = (alert_document(ORIGIN, alarm(revision=number)) for number in (1, 2))
    assert first["event"]["id"] != second["event"]["id"]
    assert first["spanwatch"]["alert"]["id"] == second["spanwatch"]["alert"]["id"]


def test_the_name_of_the_capture_is_in_no_id() -> None:
    talk = channel()
    for source in ("a.pcap", "b.pcap"):
        operation = operation_document(ORIGIN, act(source=source), talk, HMI_VIEW, PLC_VIEW, None)
        assert operation["event"]["id"] == "TV5giYeulYsFVaS7uR7jTA"
        alert = alert_document(ORIGIN, alarm(source=source))
        assert alert["event"]["id"] == "PIyTyWFM5UBY8BKnf9iHKA"
        change = msgspec.structs.replace(changed(), source=source)
        assert asset_document(ORIGIN, record(source=source), change, START)["event"]["id"] == "o3nvmF63GNYBBsDo5sXLMA"
