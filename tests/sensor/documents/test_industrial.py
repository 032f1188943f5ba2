"""The part of its protocol in the document of an operation."""

from __future__ import annotations

from typing import Any

from dissectors.facts import Target
from sensor.documents.operation import operation_document
from tests.sensor.documents.contexts import (
    DENIED,
    HMI_VIEW,
    ORIGIN,
    PLC_VIEW,
    act,
    channel,
)
from tests.sensor.documents.ecs_check import problems


def operated(talk: Any = None, **changes: Any) -> dict[str, Any]:
    return operation_document(ORIGIN, act(**changes), talk or channel(), HMI_VIEW, PLC_VIEW, DENIED)


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
