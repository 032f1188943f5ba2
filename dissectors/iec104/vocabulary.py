"""What the policy can say of IEC 60870-5-104: functions by name, information objects by address."""

from __future__ import annotations

from typing import Final

from dissectors.iec104.table import COMMAND, CONFIRMS, CONTROL, FILE, MONITOR, ROWS, SELECT_SUFFIX, SELECTABLE, Type
from dissectors.spec import Function, Objects

CONFIGURING: Final = frozenset({"write", "file", "time"})
STATION: Final = frozenset({"interrogation", "counter_interrogation", "clock_synchronisation", "reset_process"})
"""Functions about the whole station: their object is always 0."""
CANCELLED: Final = "_cancelled"
TERMINATED: Final = "_terminated"


def _function(row: Type, name: str) -> Function:
    whole = row.name in STATION or row.name.startswith("test_command") or row.name == "delay_acquisition"
    return Function(
        name,
        "report" if name.endswith(TERMINATED) else row.verb,
        str(int(row.code)),
        objects=() if whole else ("ioa",),
        needs_object=row.side == COMMAND and not whole,
        configures=row.verb in CONFIGURING,
        from_server=row.side == MONITOR or name.endswith(TERMINATED),
    )


def _names(row: Type) -> list[str]:
    """Return the names that messages of a type may have."""
    names = [row.name]
    if row.side == COMMAND:
        selectable = row.form in SELECTABLE and row.code < 100
        names += [row.name + SELECT_SUFFIX] if selectable else []
        names += [row.name + end for end in (CANCELLED, TERMINATED)]
    return names


WORDS: Final = (
    *(_function(row, name) for row in ROWS for name in _names(row)),
    *(
        Function(name, verb, f"U{code}", objects=(), transport=name != "stop_transfer")
        for code, (name, verb) in CONTROL.items()
        if code not in CONFIRMS
    ),
    Function("acknowledge", "session", "S", objects=(), transport=True),
)

OBJECTS: Final = (Objects(key="addresses", kind="ioa", example="4001-4005", last=0xFFFFFF),)

GROUPS: Final = {
    "monitoring": (
        *(row.name for row in ROWS if row.side == MONITOR),
        *(row.name + TERMINATED for row in ROWS if row.side == COMMAND),
    ),
    "commands": tuple(
        name for row in ROWS if row.side == COMMAND and row.verb == "control" and row.code < 100 for name in _names(row)
    ),
    "files": tuple(row.name for row in ROWS if row.side == FILE),
}
"""Policy words that stand for many types."""
