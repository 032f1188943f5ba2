"""What is said of a mistake in the configuration file: its line, its place, the nearest word and the fix."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

import click

from rules.policy import Problem, Source, nearest

Keys = dict[str, "click.Option | Keys"]
"""What a mapping of the file may hold: options and further mappings."""
EXCEPT: Final = "except"
"""The setting that every alert has besides ``enabled``: devices about which it says nothing."""
SPANS: Final = ("seconds", "minutes", "hours", "days")
"""How the names of settings end that are a length of time."""
BESIDES: Final = ("settings", "networks", "redundancy", "mirror_sessions")
"""Keys of the file that no option of a command has."""


def mistake_of(mistake: Mapping[str, Any], keys: Keys, source: Source) -> Problem:
    """Return what pydantic found, with its line, as a sentence with the fix."""
    path = tuple(mistake["loc"])
    kind, context = str(mistake["type"]), mistake.get("ctx", {})
    value: Any = source.data
    around: Any = keys
    for word in path:
        value = value[word] if isinstance(value, dict | list) else None
    for word in path[:-1]:
        around = around.get(word, {}) if isinstance(around, dict) else {}
    if kind == "extra_forbidden":
        text = f"key '{path[-1]}' is not known{nearest(str(path[-1]), [*around, *(BESIDES if around is keys else [])])}"
        text = text.replace("define it or ", "")
    elif kind in SHAPES:
        text = SHAPES[kind]
    elif kind == "literal_error":
        text = f"{value!r} is not possible; write {context['expected']}"
    else:
        text = f"{value!r}: {str(mistake['msg']).replace('Input should be', 'write a number that is')}"
    return Problem(code="", file=source.name, line=source.line(path), where=".".join(map(str, path)), text=text)


SHAPES: Final = {
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number; write it without quotes",
    "float_type": "must be a number; write it without quotes",
    "bool_type": "must be true or false; write one of them without quotes",
    "list_type": "must be a list; write it in [ ]",
    "model_type": "must be a mapping; write key: value lines",
}


def settings_mistakes(changes: Any, source: Source) -> list[Problem]:
    """Return what is wrong with the numbers of alerts: an id or a setting that there is not, a value that cannot be."""
    if changes is None:
        return []
    if not isinstance(changes, dict):
        return [_of_settings(source, (), SHAPES["model_type"])]
    from rules.detections.catalogue import CATALOGUE  # noqa: PLC0415  # only for those who change an alert

    known = {entry.id: entry for entry in CATALOGUE}
    problems: list[Problem] = []
    for identifier, numbers in changes.items():
        entry = known.get(identifier)
        if entry is None:
            series, _, number = str(identifier).upper().rpartition("-")
            padded = f"{series}-{number.zfill(3)}"
            near = [padded] if padded in known else get_close_matches(str(identifier), known, n=1, cutoff=0.6)
            meant = f"did you mean '{near[0]}'?" if near else "see the ids in docs or in an alert document (rule.id)"
            problems.append(_of_settings(source, (identifier,), f"there is no alert '{identifier}'; {meant}"))
        elif not isinstance(numbers, dict):
            problems.append(_of_settings(source, (identifier,), SHAPES["model_type"]))
        else:
            for name, number in numbers.items():
                if text := _setting_problem(name, number, entry.settings):
                    problems.append(_of_settings(source, (identifier, name), text))
    return problems


def _setting_problem(name: str, number: Any, settings: Mapping[str, object]) -> str:
    if name == "enabled":
        return "" if isinstance(number, bool) else SHAPES["bool_type"]
    if name == EXCEPT:
        devices = number if isinstance(number, list) else [None]
        return (
            ""
            if all(isinstance(one, str) and one for one in devices)
            else "must be a list of names or addresses in [ ]"
        )
    if name not in settings:
        return f"the alert has no setting '{name}'{nearest(name, [*settings, 'enabled', EXCEPT])}".replace(
            "define it or ", ""
        )
    if isinstance(number, bool) or not isinstance(number, int | float):
        return SHAPES["float_type"]
    if number == 0 and name.endswith(SPANS):
        return "0 is no length of time; write a number above 0, or switch the alert off with enabled: false"
    return "" if number >= 0 else f"{number} is less than 0; write a number of 0 or more"


def _of_settings(source: Source, path: tuple[str, ...], text: str) -> Problem:
    whole = ("settings", *path)
    return Problem(code="", file=source.name, line=source.line(whole), where=".".join(whole), text=text)
