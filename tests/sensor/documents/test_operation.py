"""What an operation says in its document."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dissectors.facts import Target
from sensor.documents.alert import alert_document
from sensor.documents.operation import operation_document
from tests.sensor.build import HMI, PLC
from tests.sensor.documents.contexts import (
    DENIED,
    HMI_VIEW,
    ORIGIN,
    PLC_VIEW,
    act,
    alarm,
    channel,
)
from tests.sensor.documents.ecs_check import problems


def operated(talk: Any = None, **changes: Any) -> dict[str, Any]:
    return operation_document(ORIGIN, act(**changes), talk or channel(), HMI_VIEW, PLC_VIEW, DENIED)


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
