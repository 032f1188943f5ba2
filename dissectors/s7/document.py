"""The fields of S7 in documents. Targets of areas count bits, documents count bytes.

An error number holds the class in its upper byte and the code in its lower.
"""

from __future__ import annotations

import re
from typing import Final

from dissectors.act import Act
from dissectors.facts import Target
from dissectors.s7.table import JOB, USERDATA
from dissectors.spec import FUNCTION_FIELDS, Ecs

BLOCKS: Final = frozenset({"OB", "DB", "SDB", "FC", "SFC", "FB", "SFB"})
AREAS: Final = frozenset({"M", "I", "Q", "P", "L", "V", "T", "C"})
ROSCTR: Final[dict[object, str]] = {JOB: "job", USERDATA: "userdata"}
"""Of the message that began the exchange."""
COUNTED: Final = frozenset({"T", "C"})
"""Areas whose elements are counted themselves, not their bits."""
_DATA_BLOCK: Final = re.compile(r"(DB|DI)(\d+)")


def _area(act: Act) -> str:
    kind = act.target.kind if act.target else ""
    found = _DATA_BLOCK.fullmatch(kind)
    return found[1] if found is not None else kind if kind in AREAS else ""


def _db_number(act: Act) -> int | None:
    found = _DATA_BLOCK.fullmatch(act.target.kind) if act.target else None
    return int(found[2]) if found is not None else None


def _first_byte(act: Act) -> int | None:
    target = act.numbered
    return target.first // 8 if target is not None and _area(act) and target.kind not in COUNTED else None


def _block(act: Act) -> Target | None:
    return act.target if act.target and act.target.kind in BLOCKS else None


def _block_number(act: Act) -> int | None:
    block = _block(act)
    return block.first if block is not None and block.first >= 0 else None


def _rack(act: Act) -> str:
    rack, _, slot = act.unit.partition("/")
    return rack if slot else ""


def _error(act: Act) -> int:
    return act.error_code or 0 if act.error else 0


FIELDS: Final = (
    Ecs("rosctr.code", "keyword", lambda act: act.detail.get("rosctr")),
    Ecs("rosctr.name", "keyword", lambda act: ROSCTR.get(act.detail.get("rosctr"))),
    *FUNCTION_FIELDS,
    Ecs("pdu_reference", "keyword", lambda act: act.detail.get("pdu_reference")),
    Ecs("block.type", "keyword", lambda act: act.target.kind if act.target and _block(act) else ""),
    Ecs("block.number", "keyword", _block_number),
    Ecs("error.class", "keyword", lambda act: f"0x{_error(act) >> 8:02x}" if _error(act) else ""),
    Ecs("error.code", "keyword", lambda act: f"0x{_error(act) & 0xFF:02x}" if _error(act) else ""),
    Ecs("rack", "keyword", _rack),
    Ecs("slot", "keyword", lambda act: act.unit.partition("/")[2]),
    Ecs("area", "keyword", _area),
    Ecs("db_number", "long", _db_number),
    Ecs("first_byte", "long", _first_byte),
)
