"""What documents say of IEC 60870-5-104."""

from __future__ import annotations

from dissectors.act import Act
from dissectors.facts import Target, Value
from sensor.documents.industrial import industrial


def part(operation: str, code: str, *targets: Target, **detail: Value) -> object:
    act = Act(protocol="iec104", unit="41", operation=operation, code=code, targets=targets, detail=detail)
    return industrial(act)["iec104"]


def test_a_command_is_told_with_its_station_type_object_and_cause() -> None:
    assert part("single_command", "45", Target("ioa", 4001, 4003), cause="activation", originator=7) == {
        "common_address": "41",
        "function": {"code": "45", "name": "single_command"},
        "type": "C_SC_NA_1",
        "cause": "activation",
        "originator": "7",
        "ioa": {"first": 4001, "last": 4003},
    }


def test_what_has_no_object_or_type_leaves_them_out() -> None:
    assert part("stop_transfer", "U19") == {
        "common_address": "41",
        "function": {"code": "U19", "name": "stop_transfer"},
    }
    assert "type" not in part("type_200", "200")


def test_a_file_is_told_by_its_name() -> None:
    assert part("call_file", "122", Target("ioa", 0, 0), file=1)["file"] == 1
