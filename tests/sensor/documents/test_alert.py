"""What an alert says in its document."""

from __future__ import annotations

import pytest
from msgspec import structs

from dissectors.facts import Endpoint
from rules.detections.alert import SEVERITIES
from sensor.documents.alert import alert_document
from tests.sensor.documents.contexts import (
    ORIGIN,
    alarm,
)
from tests.sensor.documents.ecs_check import problems


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


@pytest.mark.parametrize(
    ("changes", "spoke", "heard"),
    [
        ({}, "HMI", "PLC"),
        ({"sent_by_server": True, "operation": ""}, "PLC", "HMI"),
        ({"protocol": "dnp3", "operation": "unsolicited_response"}, "PLC", "HMI"),
    ],
    ids=["request", "violation of the server", "report of the server"],
)
def test_the_source_and_the_zone_of_entry_are_those_of_who_sent_the_frame(
    changes: dict[str, str | bool], spoke: str, heard: str
) -> None:
    ends = {"HMI": alarm().client_endpoint.ip, "PLC": alarm().server_endpoint.ip}
    zones = {"HMI": "z-operators", "PLC": "z-cell"}
    views = {
        "client": structs.replace(alarm().client, zone=zones["HMI"]),
        "server": structs.replace(alarm().server, zone=zones["PLC"]),
    }
    document = alert_document(ORIGIN, alarm(**views, **changes))
    assert (document["source"]["ip"], document["destination"]["ip"]) == (ends[spoke], ends[heard])
    assert document["observer"]["ingress"]["zone"] == zones[spoke]


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
