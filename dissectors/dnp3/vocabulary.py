"""What the policy can say of DNP3: functions by name, objects with their indexes, select before operate."""

from __future__ import annotations

import re
from typing import Final

from dissectors.base.message import REPORT
from dissectors.dnp3.function import ROWS
from dissectors.dnp3.link import PRIMARY_FUNCTIONS, SECONDARY_FUNCTIONS
from dissectors.spec import Function, Objects, Requirement

NEED_OBJECT: Final = frozenset(
    {"read", "write", "select", "operate", "direct_operate", "direct_operate_no_response"}
)  # fmt: skip
WITHOUT_OBJECT: Final = frozenset({"confirm", "cold_restart", "warm_restart", "delay_measure", "record_current_time"})
LINK_STATUS: Final = frozenset({"reset_link_states", "test_link_states", "request_link_status"})
"""Link functions that keep a connection alive. The others of a primary station carry or reset the application."""

WORDS: Final = (
    *(
        Function(
            row.name,
            row.verb,
            str(row.code),
            objects=() if row.name in WITHOUT_OBJECT else None,
            needs_object=row.name in NEED_OBJECT,
            from_server=row.kind == REPORT,
        )
        for row in ROWS
    ),
    *(
        Function(row.name, row.verb, f"link.{number}", objects=(), transport=row.name in LINK_STATUS)
        for number, row in PRIMARY_FUNCTIONS.items()
    ),
    *(
        Function(row.name, row.verb, f"link.{number}", objects=(), transport=True)
        for number, row in SECONDARY_FUNCTIONS.items()
    ),
)

_OBJECT: Final = re.compile(r"g(\d{1,3})v(\d{1,3}|\*)", re.ASCII)


def parse_object(text: str) -> str:
    """Return the object ``g12v1`` or ``g12v*``. Raises ``ValueError``."""
    match = _OBJECT.fullmatch(text)
    if not match or int(match[1]) > 255 or (match[2] != "*" and int(match[2]) > 255):
        raise ValueError(f"'{text}' is not a DNP3 object; write it like g12v1 or g1v*")
    return f"g{int(match[1])}v{match[2] if match[2] == '*' else int(match[2])}"


def every_variation(kind: str) -> str:
    """Return the word for all variations of the group of an object."""
    return kind.partition("v")[0] + "v*"


OBJECTS: Final = (
    Objects(
        key="indexes",
        kind=_OBJECT.pattern,
        example="0-3",
        tables_key="objects",
        read_table=parse_object,
        wider=every_variation,
        optional=True,
    ),
)

REQUIREMENTS: Final = (
    Requirement(
        "select_before_operate",
        first="select",
        then=("operate",),
        breaks=("direct_operate", "direct_operate_no_response"),
    ),
)
