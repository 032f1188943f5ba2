"""The fields of one OT protocol under ``spanwatch.modbus``, ``spanwatch.dnp3`` or ``spanwatch.s7``.

Register numbers are zero-based PDU addresses, codes and identifiers are text. Targets of S7 areas count bits
(``dissectors.facts.Target``); documents count bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from dissectors.facts import Target, Value
from sensor.documents.text import Document, keywords, longs, text

_BLOCKS: Final = frozenset({"OB", "DB", "SDB", "FC", "SFC", "FB", "SFB"})
_AREA: Final = re.compile(r"(DB|DI)(\d+)")
_NUMBERED_AREAS: Final = frozenset({"T", "C"})
_AREAS: Final = frozenset({"M", "I", "Q", "P", "L", "V", "T", "C"})


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What was done on a channel, as an exchange and an alert both know it."""

    protocol: str
    unit: str
    operation: str = ""
    verb: str = ""
    code: str = ""
    label: str = ""
    targets: tuple[Target, ...] = ()
    values: tuple[Value, ...] = ()
    answers: tuple[Value, ...] = ()
    outcome: str = ""
    error: str = ""
    error_code: int | None = None
    detail: Mapping[str, Value] = {}

    @property
    def is_secret(self) -> bool:
        """Whether values, details and bytes may hold a password and stay out of every document."""
        return self.verb == "auth"


def point_count(targets: Sequence[Target]) -> int:
    """Return how many objects ``targets`` name; a target without numbers counts as one."""
    return sum(target.last - target.first + 1 if target.first >= 0 else 1 for target in targets)


def operation(act: Act) -> Document:
    """Return ``spanwatch.operation``: what all protocols have in common."""
    secret = act.is_secret
    return {
        "class": act.verb,
        "object": text(act.targets[0].kind) if act.targets else "",
        "count": point_count(act.targets) if act.targets else None,
        "name": text(act.operation),
        "code": text(act.code),
        "label": text(act.label),
        "outcome": act.outcome,
        "error": text(act.error),
        "values": [] if secret else keywords(act.values),
        "answers": [] if secret else keywords(act.answers),
    }


def _code(act: Act) -> str:
    return "" if act.error_code is None or not act.error else str(act.error_code)


def _transaction(act: Act, name: str) -> str:
    value = act.detail.get(name)
    return "" if value is None else text(value)


def modbus(act: Act) -> Document:
    """Return ``spanwatch.modbus``."""
    target = act.targets[0] if act.targets else Target("")
    ranged = target.first >= 0
    return {
        "unit_id": text(act.unit),
        "transaction_id": _transaction(act, "transaction"),
        "function": {"code": text(act.code), "name": text(act.operation)},
        "register": {
            "table": target.kind,
            "first": target.first if ranged else None,
            "last": target.last if ranged else None,
            "count": target.last - target.first + 1 if ranged else None,
        },
        "values": [] if act.is_secret else longs(act.values or act.answers),
        "exception": {"code": _code(act), "name": text(act.error)},
    }


def dnp3(act: Act) -> Document:
    """Return ``spanwatch.dnp3``; the source is who speaks, for an unsolicited response the outstation."""
    master, _, outstation = text(act.unit).partition(">")
    unsolicited = act.operation == "unsolicited_response"
    bits = act.detail.get("iin")
    return {
        "source_address": outstation if unsolicited else master,
        "destination_address": master if unsolicited else outstation,
        "function": {"code": text(act.code), "name": text(act.operation)},
        "iin": f"0x{bits:04x}" if isinstance(bits, int) else "",
        "objects": keywords(dict.fromkeys(target.kind for target in act.targets)),
        "unsolicited": unsolicited,
    }


def _s7_place(target: Target) -> Document:
    found = _AREA.fullmatch(target.kind)
    if found is not None:
        place: Document = {"area": found[1], "db_number": int(found[2])}
    elif target.kind in _AREAS:
        place = {"area": target.kind}
    else:
        return {}
    if target.first >= 0 and target.kind not in _NUMBERED_AREAS:
        place["first_byte"] = target.first // 8
    return place


def _s7_block(target: Target) -> Document:
    if target.kind not in _BLOCKS:
        return {}
    return {"type": target.kind, "number": str(target.first) if target.first >= 0 else ""}


def s7(act: Act) -> Document:
    """Return ``spanwatch.s7``. An error number holds the class in its upper byte and the code in its lower."""
    rack, _, slot = text(act.unit).partition("/")
    target = act.targets[0] if act.targets else Target("")
    error = act.error_code if act.error else None
    return {
        "rosctr": {"code": _transaction(act, "rosctr")},
        "function": {"code": text(act.code), "name": text(act.operation)},
        "pdu_reference": _transaction(act, "pdu_reference"),
        "block": _s7_block(target),
        "error": {
            "class": f"0x{error >> 8:02x}" if error else "",
            "code": f"0x{error & 0xFF:02x}" if error else "",
        },
        "rack": rack if slot else "",
        "slot": slot,
        **_s7_place(target),
    }


_PARTS: Final = {"modbus": modbus, "dnp3": dnp3, "s7": s7}
_FAMILIES: Final = {"modbus": "modbus", "dnp3": "dnp3", "s7comm": "s7", "s7commplus": "s7", "s7": "s7"}


def family(protocol: str) -> str:
    """Return the OT family of a protocol ("modbus", "dnp3", "s7"), "" for any other."""
    return _FAMILIES.get(protocol, "")


def industrial(act: Act) -> Document:
    """Return the protocol's own part by its name, {} for a protocol without one."""
    name = family(act.protocol)
    return {name: _PARTS[name](act)} if name else {}
