"""Values from the wire on their way into a document: bounded, valid, otherwise untouched."""

from __future__ import annotations

from typing import Any

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


def test_values_and_texts_are_bounded() -> None:
    document = operated(values=tuple(range(500)), error="x" * 5000, detail={str(n): "y" * 5000 for n in range(500)})
    reported = document["spanwatch"]["operation"]
    assert len(reported["values"]) == 64 and len(document["spanwatch"]["modbus"]["values"]) == 64
    assert len(reported["error"]) == 1024 and len(reported["detail"]) == 64
    assert max(map(len, reported["detail"].values())) == 1024


def test_values_of_any_size_survive_as_text_where_a_long_cannot_hold_them() -> None:
    document = operated(values=(1 << 64, -1, 1.5, float("inf"), "x"))
    assert document["spanwatch"]["modbus"]["values"] == [-1]
    assert document["spanwatch"]["operation"]["values"] == [str(1 << 64), "-1", "1.5", "inf", "x"]
    assert problems(document, "operation") == []
