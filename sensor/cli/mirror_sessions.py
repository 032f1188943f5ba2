"""``mirror_sessions`` of the configuration: the tunnels that bring the sensor its traffic.

Each is a mapping of kind, and of from, to and id where not every one of that kind is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final

from dissectors.wire.mirrors import KINDS, MirrorSession
from rules.policy import Problem, Source, nearest

KEY: Final = "mirror_sessions"
KIND: Final = "kind"
ID: Final = "id"
ENDS: Final = ("from", "to")
KEYS: Final = (KIND, *ENDS, ID)
MAX_SESSIONS: Final = 256
MAX_ID: Final = 0xFFFFFFFF


def mirror_mistakes(rows: Any, source: Source) -> list[Problem]:
    """Return what is wrong with the list of mirror sessions."""
    if rows is None:
        return []
    if not isinstance(rows, list):
        return [
            _problem(source, (), "must be a list; write one line '- {kind: erspan, from: 10.0.0.5}' for each session")
        ]
    if len(rows) > MAX_SESSIONS:
        return [_problem(source, (), f"{len(rows)} sessions are more than {MAX_SESSIONS}; leave out from, to or id")]
    problems: list[Problem] = []
    for place, row in enumerate(rows):
        if not isinstance(row, dict):
            problems.append(_problem(source, (place,), "must be a mapping; write {kind: erspan, from: 10.0.0.5}"))
            continue
        problems += [
            _problem(source, (place, name), text) for name, value in row.items() if (text := _mistake(name, value))
        ]
        if KIND not in row:
            problems.append(_problem(source, (place,), f"kind is missing; write one of {', '.join(KINDS)}"))
    return problems


def _mistake(name: Any, value: Any) -> str:
    """Return what is wrong with one key, "" when nothing is."""
    if name not in KEYS:
        return f"key '{name}' is not known{nearest(str(name), list(KEYS))}".replace("define it or ", "")
    if name == KIND:
        if value in KINDS:
            return ""
        return f"{value!r} is no kind of tunnel; write one of {', '.join(KINDS)}"
    if name == ID:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_ID:
            return ""
        return f"{value!r} is no number of a session or network; write a whole number of 0 or more, without quotes"
    try:
        ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return f"{value!r} is no IP address; write the outer address of the session"
    return ""


def mirrors_of(rows: Any) -> tuple[MirrorSession, ...]:
    """Return the sessions of a list without mistakes."""
    return tuple(_session(row) for row in rows or ())


def _session(row: Mapping[str, Any]) -> MirrorSession:
    ends = [str(ip_address(row[end])) if end in row else "" for end in ENDS]
    return MirrorSession(row[KIND], ends[0], ends[1], row.get(ID, -1))


def _problem(source: Source, path: tuple[str | int, ...], text: str) -> Problem:
    whole = (KEY, *path)
    return Problem(code="", file=source.name, line=source.line(whole), where=".".join(map(str, whole)), text=text)
