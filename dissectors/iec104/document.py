"""The fields of IEC 60870-5-104 in documents."""

from __future__ import annotations

from typing import Final

from dissectors.act import Act
from dissectors.iec104.table import TYPES
from dissectors.spec import FUNCTION_FIELDS, Ecs


def _acronym(act: Act) -> str:
    row = TYPES.get(int(act.code)) if act.code.isdigit() else None
    return row.acronym if row is not None else ""


FIELDS: Final = (
    Ecs("common_address", "keyword", lambda act: act.unit),
    *FUNCTION_FIELDS,
    Ecs("type", "keyword", _acronym),
    Ecs("cause", "keyword", lambda act: act.detail.get("cause")),
    Ecs("originator", "keyword", lambda act: act.detail.get("originator")),
    Ecs("ioa.first", "long", lambda act: act.numbered.first if act.numbered else None),
    Ecs("ioa.last", "long", lambda act: act.numbered.last if act.numbered else None),
    Ecs("file", "long", lambda act: act.detail.get("file")),
)
