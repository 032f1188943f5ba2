"""Turning pydantic's errors into sentences with line, place and fix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from rules.policy.document import schema
from rules.policy.problem import PROBLEMS_MAX, PolicyError, Problem, nearest
from rules.policy.source import Data, Path, Source

DIMENSIONS = frozenset(
    {"from", "to", "protocol", "functions", "objects", "values", "limits", "when", "starts", "expires"}
)

_LABELS = {
    "assets": "asset",
    "groups": "group",
    "security_devices": "security device",
    "zones": "zone",
    "conduits": "conduit",
    "point_sets": "point set",
    "windows": "window",
    "rules": "rule",
    "exceptions": "exception",
    "maintenance_windows": "maintenance window",
}
_SHAPES = {
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number; write it without quotes",
    "float_type": "must be a number; write it without quotes",
    "bool_type": "must be true or false; write one of them without quotes",
    "tuple_type": "must be a list; write it in [ ]",
    "dict_type": "must be a mapping; write key: value lines",
    "model_type": "must be a mapping; write key: value lines",
}


def complaints(error: ValidationError, source: Source) -> PolicyError:
    """Return the mistakes in the file as sentences (a union reports its mistake once).

    Of a file that is wrong everywhere only the first PROBLEMS_MAX places are put into words: the rest is counted.
    """
    found: dict[Path, list[tuple[str, Mapping[str, Any]]]] = {}
    for detail in error.errors(include_url=False):
        path, key = _resolve(source.data, tuple(detail["loc"]))
        found.setdefault(path, []).append((key, detail))
    above = {path[:length] for path in found for length in range(len(path))}
    order = sorted(found, key=source.line)
    problems: list[Problem] = []
    for path in order[:PROBLEMS_MAX]:
        problems.extend(_problems(path, found[path], path in above, source))
    return PolicyError(problems, more=max(0, len(order) - PROBLEMS_MAX))


def _problems(
    path: Path, details: list[tuple[str, Mapping[str, Any]]], deeper: bool, source: Source
) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    value = _at(source.data, path)
    for key, mistake in details[:PROBLEMS_MAX]:
        if (deeper or len(details) > 1) and _other_branch(str(mistake["type"]), value, details):
            continue
        code, text = _sentence(mistake, key, value)
        seen[text] = code
    unknown = any(mistake["type"] == "extra_forbidden" for _, mistake in details)
    where = _where(source.data, path[:-1] if unknown else path)
    for text, code in seen.items():
        yield Problem(code=code, file=source.name, line=source.line(path), where=where, text=text)


def _resolve(data: Data, loc: tuple[str | int, ...]) -> tuple[Path, str]:
    """Return the part of ``loc`` that is in the data, and the key that is not (a missing one, or a union's tag)."""
    path: list[str | int] = []
    missing = ""
    for part in loc:
        if isinstance(data, dict) and part in data:
            data = data[str(part)]
            path.append(part)
            missing = ""
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
            path.append(part)
            missing = ""
        else:
            missing = str(part)
    return tuple(path), missing


def _at(data: Data, path: Path) -> Data:
    for part in path:
        if isinstance(data, dict):
            data = data[str(part)]
        elif isinstance(data, list):
            data = data[int(part)]
    return data


def _other_branch(kind: str, value: Data, details: list[tuple[str, Mapping[str, Any]]]) -> bool:
    """Whether an error comes from the branch of a union that the value was not meant for."""
    if isinstance(value, (dict, list)):
        return kind in {"literal_error", "string_type", "int_type", "float_type", "bool_type"} or (
            kind in {"tuple_type", "dict_type", "model_type"} and len(details) > 1
        )
    literal = any(detail["type"] == "literal_error" for _, detail in details)
    return literal and kind in {"tuple_type", "dict_type", "model_type"}


def _sentence(detail: Mapping[str, Any], key: str, value: Data) -> tuple[str, str]:
    """Return code and text of one error."""
    kind = str(detail["type"])
    last = str(detail["loc"][-1])
    context: Mapping[str, Any] = detail.get("ctx", {})
    if kind == "missing":
        if last in DIMENSIONS:
            free = last in {"values", "limits", "when"}
            hint = f"add it, or write {last}: any" if free else "add it; no dimension is implied"
            return "E17", f"dimension '{last}' is missing; {hint}"
        return "E18", f"key '{last}' is missing; add it"
    if kind == "extra_forbidden":
        beside = _keys_beside(last, len(detail["loc"]) == 1)
        return "E18", f"key '{last}' is not known{nearest(last, beside)}".replace("define it or ", "")
    if kind == "value_error":
        return "E18", str(context.get("error", detail["msg"]))
    if kind == "literal_error":
        more = " or a list or mapping" if key.startswith("literal[") else ""
        return "E18", f"{value!r} is not possible; write {context['expected']}{more}"
    if kind in _SHAPES:
        return "E18", _SHAPES[kind]
    if kind == "string_pattern_mismatch":
        return "E18", f"'{value}' is not a name; use letters, digits and . _ : - (at most 64)"
    return "E18", f"{value!r}: {detail['msg'][:1].lower()}{detail['msg'][1:]}; correct it"


def _keys_beside(word: str, outermost: bool) -> frozenset[str]:
    """Return the keys of the language, to find what a misspelt one meant; of the document itself those that it has."""
    return (frozenset(schema()["properties"]) if outermost else _keys()) - {word}


@cache
def _keys() -> frozenset[str]:
    return frozenset(_all_keys(schema()))


def _all_keys(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "properties" and isinstance(value, dict):
                yield from value
            yield from _all_keys(value)
    elif isinstance(part, list):
        for value in part:
            yield from _all_keys(value)


def _where(data: Data, path: Path) -> str:
    """Return the label of the part of the document: ``rule R-011: functions``."""
    if not path:
        return ""
    label = _LABELS.get(str(path[0]))
    if label is None or len(path) < 2:
        return ": ".join(str(part) for part in path if isinstance(part, str))
    entry = _at(data, path[:2])
    name = entry.get("id") if isinstance(entry, dict) and isinstance(path[1], int) else path[1]
    shown = f"{label} {name}" if isinstance(name, str) else f"{label} number {int(path[1]) + 1}"
    rest = [str(part) for part in path[2:] if isinstance(part, str)]
    return ": ".join([shown, ".".join(rest)]) if rest else shown
