"""The fields of Modbus in documents. Register numbers are zero-based addresses of the PDU."""

from __future__ import annotations

from typing import Final

from dissectors.act import Act
from dissectors.spec import FUNCTION_FIELDS, Ecs


def _count(act: Act) -> int | None:
    return act.numbered.last - act.numbered.first + 1 if act.numbered else None


FIELDS: Final = (
    Ecs("unit_id", "keyword", lambda act: act.unit),
    Ecs("transaction_id", "keyword", lambda act: act.detail.get("transaction")),
    *FUNCTION_FIELDS,
    Ecs("register.table", "keyword", lambda act: act.target.kind if act.target else None),
    Ecs("register.first", "long", lambda act: act.numbered.first if act.numbered else None),
    Ecs("register.last", "long", lambda act: act.numbered.last if act.numbered else None),
    Ecs("register.count", "long", _count),
    Ecs("values", "long", lambda act: act.values or act.answers, index=False, secret=True),
    Ecs("exception.code", "keyword", lambda act: act.error_code if act.error else None),
    Ecs("exception.name", "keyword", lambda act: act.error),
)
