"""Promises about the documents of every stream: valid ECS, and what an analyst and Kibana rely on in them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dissectors.context import Context
from dissectors.facts import Endpoint, Target
from rules.detections.alert import SEVERITIES
from sensor.documents import STREAMS, Documents, Origin
from sensor.documents.alert import alert_document
from sensor.documents.asset import asset_document
from sensor.documents.endpoint import direction
from sensor.documents.operation import operation_document
from tests.sensor.build import HMI, PLC, START
from tests.sensor.documents.contexts import (
    DENIED,
    HMI_VIEW,
    HOSTILE,
    ORIGIN,
    PLC_VIEW,
    act,
    alarm,
    changed,
    channel,
    record,
    written,
)
from tests.sensor.documents.ecs_check import problems


def operated(talk: Any = None, **changes: Any) -> dict[str, Any]:
    return operation_document(ORIGIN, act(**changes), talk or channel(), HMI_VIEW, PLC_VIEW, DENIED)


def test_every_document_of_a_run_is_valid_ecs_and_every_stream_is_there() -> None:
    documents = written()
    assert {word for word, _ in documents} == set(STREAMS)
    assert [(word, problems(document, word)) for word, document in documents if problems(document, word)] == []


def test_a_document_goes_to_the_stream_of_its_site() -> None:
    for word, document in written():
        target = document["data_stream"]
        assert ORIGIN.stream(word) == f"{target['type']}-{target['dataset']}-{target['namespace']}"


@pytest.mark.parametrize(("severity", "number"), [("low", 21), ("medium", 47), ("high", 73), ("critical", 99)])
def test_severities_are_the_four_numbers_that_promotion_rules_compare(severity: str, number: int) -> None:
    document = alert_document(ORIGIN, alarm(severity=severity))
    assert severity in SEVERITIES
    assert document["event"]["severity"] == number
    assert document["event"]["risk_score"] == document["event"]["risk_score_norm"] == 71.0


def test_the_message_of_an_alert_is_its_short_name_and_the_reason_the_sentence() -> None:
    document = alert_document(ORIGIN, alarm())
    assert document["message"] == document["rule"]["name"] == "Modbus write from unapproved master"
    assert document["event"]["reason"] == "HMI-1 wrote 12 holding registers of PLC-7."


def test_the_host_of_an_alert_is_the_asset_and_the_sensor_is_only_the_observer() -> None:
    document = alert_document(ORIGIN, alarm())
    assert document["host"]["id"] == "a-plc"
    assert document["observer"]["name"] == "sensor1"
    assert "sensor1" not in str(document["host"])


def test_an_alert_about_a_client_only_is_about_that_client() -> None:
    document = alert_document(ORIGIN, alarm(server=None, server_endpoint=Endpoint()))
    assert document["host"]["id"] == "a-hmi"
    assert "destination" not in document
    assert problems(document, "alert") == []


def test_an_alert_about_the_sensor_is_valid_without_any_traffic() -> None:
    bare = alarm(
        client=None, server=None, client_endpoint=Endpoint(), server_endpoint=Endpoint(), channel="",
        protocol="", unit="",
        transport="", vlan=0, flow="", operation="", verb="", code="", targets=(), values=(), outcome="", verdict=None,
        frames=(), offset=-1, length=0, excerpt=b"", techniques=(), context=(), detail={},
    )  # fmt: skip
    document = alert_document(ORIGIN, bare)
    assert problems(document, "alert") == []
    assert document["event"]["type"] == ["info"]
    assert "threat" not in document and "network" not in document and "host" not in document


def test_an_alert_says_what_was_expected_observed_and_where_the_excerpt_is() -> None:
    reported = alert_document(ORIGIN, alarm())["spanwatch"]["alert"]
    assert reported["expected"] and reported["observed"] and reported["false_positives"] and reported["normal"]
    assert reported["why"] == {"master": "HMI-1", "writes": "12"}
    assert reported["evidence"] == {
        "capture": "a.pcap",
        "frames": [7, 9],
        "offset": 54,
        "length": 37,
        "excerpt": "0001ff",
    }


def test_techniques_and_tactics_stand_side_by_side_and_sub_techniques_below_their_parent() -> None:
    threat = alert_document(ORIGIN, alarm())["threat"]
    assert len(threat["tactic"]["id"]) == len(threat["technique"]["id"]) == len(threat["technique"]["name"])
    assert set(threat["technique"]["id"]) == {"T0836", "T1692"}
    assert threat["technique"]["subtechnique"]["id"] == ["T1692.001"]
    assert threat["technique"]["subtechnique"]["reference"] == ["https://attack.mitre.org/techniques/T1692/001/"]
    assert not any("/tactics/" in link for link in threat["technique"]["reference"])


def test_a_technique_that_the_pin_does_not_know_does_not_lose_the_alert() -> None:
    document = alert_document(ORIGIN, alarm(techniques=("T9999",)))
    assert document["threat"]["technique"]["id"] == ["T9999"]
    assert problems(document, "alert") == []


@pytest.mark.parametrize(
    ("outcome", "reported"),
    [
        ("success", "success"),
        ("failure", "failure"),
        ("unanswered", "unknown"),
        ("unmatched", "unknown"),
        ("one_way", "unknown"),
    ],
)
def test_what_nobody_saw_end_has_an_unknown_outcome(outcome: str, reported: str) -> None:
    document = operated(outcome=outcome)
    assert document["event"]["outcome"] == reported
    assert document["spanwatch"]["operation"]["outcome"] == outcome


def test_a_modbus_write_reports_unit_function_registers_and_exception() -> None:
    document = operated()
    assert document["event"]["action"] == "modbus-write-multiple-registers"
    assert document["spanwatch"]["modbus"] == {
        "unit_id": "1",
        "transaction_id": "4723",
        "function": {"code": "16", "name": "write_multiple_registers"},
        "register": {"table": "holding_register", "first": 400, "last": 411, "count": 12},
        "values": list(range(12)),
        "exception": {"code": "2", "name": "illegal_data_address"},
    }


def test_an_unsolicited_dnp3_response_comes_from_the_outstation() -> None:
    talk = channel(protocol="dnp3", unit="1>10")
    document = operated(
        talk, operation="unsolicited_response", verb="report", code="130", error="", outcome="success",
        targets=(Target("g2v1", 0, 3),), detail={"iin": 0x1000},
    )  # fmt: skip
    assert document["client"]["ip"] == document["source"]["ip"] == PLC[1]
    assert document["server"]["ip"] == HMI[1]
    assert document["host"]["id"] == "a-plc"
    reported = document["spanwatch"]["dnp3"]
    assert (reported["source_address"], reported["destination_address"], reported["unsolicited"]) == ("10", "1", True)
    assert reported["iin"] == "0x1000"
    assert problems(document, "operation") == []


def test_an_s7_address_is_reported_in_bytes_and_an_error_as_class_and_code() -> None:
    talk = channel(protocol="s7comm", unit="0/2")
    document = operated(
        talk, operation="write_var", code="0x05", targets=(Target("DB10", 80, 95),), error="object_in_wrong_state",
        error_code=0x8402,
    )  # fmt: skip
    reported = document["spanwatch"]["s7"]
    assert (reported["area"], reported["db_number"], reported["first_byte"]) == ("DB", 10, 10)
    assert (reported["rack"], reported["slot"]) == ("0", "2")
    assert reported["error"] == {"class": "0x84", "code": "0x02"}
    assert problems(document, "operation") == []


def test_a_block_of_a_program_is_reported_by_type_and_number() -> None:
    talk = channel(protocol="s7comm", unit="0/2")
    document = operated(talk, operation="download_block", verb="program", targets=(Target("OB", 1, 1),), error="")
    assert document["spanwatch"]["s7"]["block"] == {"type": "OB", "number": "1"}


@pytest.mark.parametrize(
    ("protocol", "verb", "operation", "change"),
    [
        ("s7comm", "program", "download_block", True),
        ("s7comm", "time", "set_clock", True),
        ("s7comm", "program", "start_upload", False),
        ("s7comm", "write", "write_var", False),
        ("modbus", "firmware", "firmware_replacement", True),
        ("modbus", "program", "umas_upload_block", False),
        ("", "program", "anything", True),
    ],
)
def test_only_what_changes_a_device_is_a_configuration_change(
    protocol: str, verb: str, operation: str, change: bool
) -> None:
    document = operated(channel(protocol=protocol), verb=verb, operation=operation)
    assert ("configuration" in document["event"]["category"]) is change
    assert ("change" in document["event"]["type"]) is change
    assert problems(document, "operation") == []


def test_a_password_is_in_no_document() -> None:
    secret = {"verb": "auth", "values": ("hunter2",), "answers": ("hunter2",), "detail": {"p": "hunter2"}}
    for document in (
        operated(**secret, excerpt=b"hunter2"),
        alert_document(ORIGIN, alarm(**secret, excerpt=b"hunter2")),
    ):
        text = msgspec.json.encode(document)
        assert b"hunter2" not in text and b"hunter2".hex().encode() not in text


def test_values_and_texts_are_bounded() -> None:
    document = operated(values=tuple(range(500)), error="x" * 5000, detail={str(n): "y" * 5000 for n in range(500)})
    reported = document["spanwatch"]["operation"]
    assert len(reported["values"]) == 64 and len(document["spanwatch"]["modbus"]["values"]) == 64
    assert len(reported["error"]) == 1024 and len(reported["detail"]) == 64
    assert max(map(len, reported["detail"].values())) == 1024


def test_a_hostile_name_stays_text_of_one_line_in_every_stream() -> None:
    view = msgspec.structs.replace(PLC_VIEW, name=HOSTILE, zone=HOSTILE, role=HOSTILE)
    event = changed(old=HOSTILE, new=HOSTILE)
    asset = record(name=HOSTILE, vendor=HOSTILE, role=HOSTILE)
    alert = alarm(server=view, reason=HOSTILE, values=(HOSTILE,), why={HOSTILE: HOSTILE}, detail={"name": HOSTILE})
    talk = channel(interface=HOSTILE, unit=HOSTILE)
    exchange = act(values=(HOSTILE,), detail={"file": HOSTILE}, error=HOSTILE, source=HOSTILE)
    for word, document in (
        ("alert", alert_document(ORIGIN, alert)),
        ("asset", asset_document(ORIGIN, asset, event, START)),
        ("operation", operation_document(ORIGIN, exchange, talk, HMI_VIEW, view, DENIED)),
    ):
        line = msgspec.json.encode(document)
        assert problems(document, word) == []
        assert b"\n" not in line and b"\x1b" not in line and b"\x00" not in line
        back = msgspec.json.decode(line)
        assert back["event"]["kind"] == document["event"]["kind"] != "x"
        assert back["host"]["name"].startswith("PLC\x1b[31m")


def test_values_of_any_size_survive_as_text_where_a_long_cannot_hold_them() -> None:
    document = operated(values=(1 << 64, -1, 1.5, float("inf"), "x"))
    assert document["spanwatch"]["modbus"]["values"] == [-1]
    assert document["spanwatch"]["operation"]["values"] == [str(1 << 64), "-1", "1.5", "inf", "x"]
    assert problems(document, "operation") == []


def test_a_conversation_without_ip_is_reported_by_its_macs() -> None:
    talk = channel(
        client=Endpoint("", HMI[0], 0), server=Endpoint("", PLC[0], 0), transport="ethernet", protocol="goose", flow=""
    )
    document = operation_document(ORIGIN, act(flow="", client_port=0), talk, None, None, None)
    assert document["source"] == {"mac": "00-1B-1B-AA-00-11"}
    assert document["client"] == {"mac": "00-1B-1B-AA-00-11"}
    assert "direction" not in document["network"] and "related" not in document
    assert problems(document, "operation") == []


@pytest.mark.parametrize(
    ("source", "destination", "reported"),
    [
        ("10.0.0.1", "10.0.0.2", "internal"),
        ("10.0.0.1", "8.8.8.8", "outbound"),
        ("8.8.8.8", "10.0.0.1", "inbound"),
        ("8.8.8.8", "1.1.1.1", "external"),
        ("fe80::1", "ff02::1", "internal"),
        ("", "10.0.0.1", ""),
    ],
)
def test_directions_are_seen_from_the_perimeter(source: str, destination: str, reported: str) -> None:
    assert direction(source, destination) == reported


@pytest.mark.parametrize("site", ["Plant", "plant-1", "", "a" * 101, "_x", "a/b", "a b", "plant\n"])
def test_a_site_that_elasticsearch_would_refuse_is_refused_before_anything_is_written(site: str) -> None:
    with pytest.raises(ValueError, match="site name"):
        Origin(site=site, sensor="sensor1", version="0")


@pytest.mark.parametrize("sensor", ["", "a\x1fb", "a" * 101, "-x"])
def test_a_sensor_name_that_could_forge_an_id_is_refused(sensor: str) -> None:
    with pytest.raises(ValueError, match="sensor name"):
        Origin(site="plant1", sensor=sensor, version="0")


def test_the_first_time_that_is_reported_names_the_run() -> None:
    documents = Documents(Origin(site="plant1", sensor="s", version="0"), lambda word, document: None)
    talk = channel()
    documents.take(Context(fact=talk, channel=talk))
    documents.alert(alarm())
    assert documents.origin.epoch == "20231114T221320.000000000Z"
