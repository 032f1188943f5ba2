"""The four groups of operation classes that novelty speaks of, and which of them are never learned silently.

A verb the table does not know is treated as the most dangerous one. ``session`` and ``report`` are reading: they keep a
conversation alive or bring data that was asked for before.
"""

from __future__ import annotations

from typing import Final

READ: Final = "read"
WRITE: Final = "write"
CONTROL_PROGRAM: Final = "control_program"
DIAGNOSTIC: Final = "diagnostic"

GROUP_OF_VERB: Final = {
    "read": READ,
    "report": READ,
    "session": READ,
    "write": WRITE,
    "control": CONTROL_PROGRAM,
    "program": CONTROL_PROGRAM,
    "firmware": CONTROL_PROGRAM,
    "start_stop": CONTROL_PROGRAM,
    "auth": CONTROL_PROGRAM,
    "time": CONTROL_PROGRAM,
    "file": CONTROL_PROGRAM,
    "unknown": CONTROL_PROGRAM,
    "diagnostic": DIAGNOSTIC,
}
GUARDED: Final = frozenset({WRITE, CONTROL_PROGRAM})
"""Groups that enter a baseline only when a named person or a rule of an approved policy says so."""
HOUSEKEEPING: Final = "session"
"""Connects, confirms and their like belong to their conversation; they are never novel by themselves."""


def group_of(verb: str) -> str:
    """Return the group of ``verb``; an unknown one counts as control."""
    return GROUP_OF_VERB.get(verb, CONTROL_PROGRAM)


def is_guarded(verb: str) -> bool:
    """Whether ``verb`` needs a named person before it is normal."""
    return group_of(verb) in GUARDED
