"""Hostile YAML to plain data with line numbers.

Only the events of PyYAML's safe parser are used; nothing is ever constructed from a tag. Refused: anchors, aliases,
tags, directives, duplicate keys, several documents, keys that are not text, nesting deeper than 24 (counted here, not
left to the parser, whose own limit is another one in each version), more than 1 MiB or VALUES_MAX keys and values,
bytes that are not UTF-8, NaN and Infinity, and every plain word that YAML 1.1 and 1.2 read differently (``yes``,
``010``, ``0x11``, ``06:00``). Times stay text: the models read them, so that a time without offset is refused there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

import msgspec
import yaml

from rules.policy.problem import PROBLEMS_MAX, PolicyError, Problem

SIZE_MAX = 1 << 20
DEPTH_MAX = 24
VALUES_MAX = 200_000
"""Keys and values of one file; a file of a size that is read holds fewer unless it is made of nothing."""
_TOO_DEEP = f"nesting is deeper than {DEPTH_MAX}; flatten it"

Data = None | bool | int | float | str | list["Data"] | dict[str, "Data"]
Path = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")
_TREACHEROUS = re.compile(
    r"y|n|yes|no|on|off|[-+]?0[0-9_]+|[-+]?0[xob][0-9a-f_]+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
    r"|[-+]?[0-9]+_[0-9_]*|[-+]?\.?(inf|infinity|nan)|=",
    re.IGNORECASE,
)


class Source(msgspec.Struct, frozen=True):
    """Plain data of one document, and the line (from 1) of every key and list entry by its path."""

    name: str
    data: Data
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """Return the line of ``path`` or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_source(data: bytes, name: str, empty: str = "write apiVersion, kind, metadata and zones") -> Source:
    """Return the data of the one YAML document in ``data``. Raises ``PolicyError`` with every problem found.

    ``empty`` says what belongs into a file that has nothing in it.
    """
    if len(data) > SIZE_MAX:
        raise PolicyError([_problem(name, 0, f"the file is larger than {SIZE_MAX} bytes; split it by site")])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PolicyError([_problem(name, line, "the file is not UTF-8; save it as UTF-8")]) from None
    composer = _Composer(name)
    try:
        composer.compose(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError as error:
        composer.stopped(text, error)
    if not composer.problems and composer.documents == 0:
        composer.problems.append(_problem(name, 0, f"the file is empty; {empty}"))
    if composer.problems:
        raise PolicyError(composer.problems)
    return Source(name, composer.data, composer.lines)


def _problem(name: str, line: int, text: str) -> Problem:
    return Problem(code="E18", file=name, line=line, where="", text=text)


def _syntax(name: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    line = mark.line + 1 if mark is not None else 0
    return _problem(name, line, f"not valid YAML: {what}; check indentation, quotes and brackets here")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


class _Composer:
    """Builds data from parser events and notes what is refused."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data: Data = None
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self.documents = 0
        self.depth = 0
        self.read_to = 0
        self.values = 0

    def compose(self, parsed: Iterator[yaml.Event]) -> None:
        events = self._bounded(parsed)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if event.version or event.tags:
                    self._refuse(event, "a YAML directive is not allowed; remove the line that starts with %")
                if self.documents > 1:
                    self._refuse(event, "a second document starts here; keep one document in a file")
                    return
            elif isinstance(event, yaml.NodeEvent):
                self.data = self._node(event, events, ())

    def _bounded(self, events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
        for event in events:
            if isinstance(event, yaml.CollectionStartEvent):
                self.depth += 1
                if self.depth > DEPTH_MAX:
                    self._refuse(event, _TOO_DEEP)
                    raise PolicyError(self.problems)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.depth -= 1
            if event.end_mark is not None:
                self.read_to = event.end_mark.index
            yield event

    def stopped(self, text: str, error: yaml.YAMLError) -> None:
        """Note why the parser gave up.

        It reads ahead of its events, up to a line full of brackets, and has limits of its own that differ from version
        to version. The brackets it read ahead are counted here, so that deep nesting is always reported as deep nesting.
        """
        mark = getattr(error, "problem_mark", None)
        depth = self.depth
        for place in range(self.read_to, mark.index + 1 if mark is not None else 0):
            depth += (text[place : place + 1] in {"[", "{"}) - (text[place : place + 1] in {"]", "}"})
            if depth > DEPTH_MAX:
                line = text.count("\n", 0, place) + 1
                self.problems.append(_problem(self.name, line, _TOO_DEEP))
                return
        self.problems.append(_syntax(self.name, error))

    def _refuse(self, event: yaml.Event, text: str) -> None:
        self.problems.append(_problem(self.name, _line(event), text))
        if len(self.problems) > 2 * PROBLEMS_MAX:
            raise PolicyError(self.problems)

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> Data:
        self.values += 1
        if self.values > VALUES_MAX:
            self._refuse(event, f"more than {VALUES_MAX} keys and values; split it by site")
            raise PolicyError(self.problems)
        self.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"alias '*{event.anchor}' is not allowed; write the value out")
            return None
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor:
            self._refuse(event, f"anchor '&{anchor}' is not allowed; remove it and write the value out")
        if tag:
            self._refuse(event, f"tag '{tag}' is not allowed; remove it")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return self._mapping(events, path)

    def _sequence(self, events: Iterator[yaml.Event], path: Path) -> Data:
        entries: list[Data] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            entries.append(self._node(event, events, (*path, len(entries))))
        return entries

    def _mapping(self, events: Iterator[yaml.Event], path: Path) -> Data:
        entries: dict[str, Data] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, events, path)
            value_path = (*path, key)
            if key in entries:
                first = self.lines[value_path]
                self._refuse(event, f"key '{key}' is already in line {first}; keep one of them")
            self.lines.setdefault(value_path, _line(event))
            entries[key] = self._node(next(events), events, value_path)
        return entries

    def _key(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> str:
        key = self._node(event, events, (*path, "<key>"))
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value == "<<":
            self._refuse(event, "merge key '<<' is not allowed; write the keys out")
        elif isinstance(event, yaml.ScalarEvent) and not isinstance(key, str):
            self._refuse(event, f'key {event.value} is not text; quote it: "{event.value}"')
        elif not isinstance(key, str) and not isinstance(event, yaml.AliasEvent):
            self._refuse(event, "a key must be text, not a list or mapping")
        return key if isinstance(key, str) else str(getattr(event, "value", "?"))

    def _scalar(self, event: yaml.ScalarEvent) -> Data:
        word = event.value
        if not event.implicit[0] or event.style:
            return word
        if _INTEGER.fullmatch(word):
            return int(word)
        if word in {"true", "false"}:
            return word == "true"
        if word in {"", "~", "null"}:
            return None
        if _TREACHEROUS.fullmatch(word) or word in {"True", "TRUE", "False", "FALSE", "Null", "NULL"}:
            fix = f'quote it ("{word}") or write true, false or a decimal number'
            self._refuse(event, f"{word} has several readings in YAML; {fix}")
            return word
        if _FLOAT.fullmatch(word):
            number = float(word)
            if not math.isfinite(number):
                self._refuse(event, f"number {word} is too large; write a finite number")
            return number
        return word
