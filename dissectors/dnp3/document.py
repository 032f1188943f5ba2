"""The fields of DNP3 in documents. The source is who speaks: for an unsolicited response the outstation."""

from __future__ import annotations

from typing import Final

from dissectors.act import Act
from dissectors.spec import FUNCTION_FIELDS, Ecs

UNSOLICITED: Final = "unsolicited_response"


def _address(act: Act, of_source: bool) -> str:
    master, _, outstation = act.unit.partition(">")
    return master if of_source != (act.operation == UNSOLICITED) else outstation


def _indications(act: Act) -> str:
    bits = act.detail.get("iin")
    return f"0x{bits:04x}" if isinstance(bits, int) else ""


FIELDS: Final = (
    Ecs("source_address", "keyword", lambda act: _address(act, of_source=True)),
    Ecs("destination_address", "keyword", lambda act: _address(act, of_source=False)),
    *FUNCTION_FIELDS,
    Ecs("iin", "keyword", _indications),
    Ecs("objects", "keyword", lambda act: tuple(dict.fromkeys(target.kind for target in act.targets))),
    Ecs("unsolicited", "boolean", lambda act: act.operation == UNSOLICITED),
)
