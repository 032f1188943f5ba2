"""Reading ``content/``: strict YAML into definitions. Every mistake is reported with its file, line and the fix.

The parser is the one of the policy (no tags, anchors, duplicate keys or words that YAML versions read differently).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, TypeVar

import msgspec

from rules.policy.problem import PolicyError
from rules.policy.source import Path, Source, read_source
from tools.dashboards.definition import STREAM_WORDS, TIME, Basis, Content, Dashboard, Panel, Words

WORDS: Final = "words.yaml"
BASIS: Final = "basis.yaml"
DASHBOARDS: Final = ("triage.yaml", "activity.yaml", "assets.yaml", "sensors.yaml")
_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+)\]")

_Kind = TypeVar("_Kind")


class ContentError(Exception):
    """A definition that cannot be used; the message names file, line, what is wrong and what to write."""


def _steps(text: str) -> Path:
    return tuple(int(number) if number else name for name, number in _STEP.findall(text))


def _read(folder: Traversable, name: str, kind: type[_Kind]) -> tuple[_Kind, Source]:
    try:
        source = read_source(folder.joinpath(name).read_bytes(), name)
    except PolicyError as error:
        raise ContentError(str(error)) from None
    try:
        return msgspec.convert(source.data, kind), source
    except msgspec.ValidationError as error:
        said, _, place = str(error).partition(" - at `$")
        raise ContentError(f"{name}:{source.line(_steps(place.rstrip('`')))}: {said}") from None


def _known(name: str, known: Iterable[str], place: str, what: str) -> None:
    """Refuse a name that is not there and say which is meant."""
    names = sorted(known)
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
        raise ContentError(f"{place}: there is no {what} {name!r}; {hint}")


def _resolve(panel: Panel, place: str, content: Content) -> None:
    """Refuse a panel whose words are not there or do not make a picture."""
    for stream in panel.streams:
        _known(stream, STREAM_WORDS, place, "stream")
    for group in panel.by:
        _known(group, {*content.words.groups, TIME}, place, "group")
    for measure in panel.count:
        _known(measure, content.words.measures, place, "measure")
    if panel.show == "text":
        if not panel.text or panel.streams or panel.by or panel.count:
            raise ContentError(f"{place}: panel {panel.id} shows text: give it text and nothing to count")
        return
    if not panel.title or not panel.streams:
        raise ContentError(f"{place}: panel {panel.id} needs a title and streams")
    if panel.show == "documents":
        _known(panel.search, (search.id for search in content.basis.searches), place, "saved search")
        return
    if not panel.count:
        raise ContentError(f"{place}: panel {panel.id} counts nothing; name a measure in count")
    most = {"number": (0, 0), "ranking": (1, 1), "donut": (1, 1), "treemap": (1, 2), "table": (1, 3)}.get(panel.show)
    least, upper = most or (1, 2)
    if not least <= len(panel.by) <= upper:
        raise ContentError(f"{place}: panel {panel.id} ({panel.show}) takes {least} to {upper} groups in by")
    is_timed = panel.show in {"bars", "lines", "area"}
    if is_timed != (panel.by[:1] == [TIME]) or TIME in panel.by[1:]:
        raise ContentError(f"{place}: panel {panel.id}: bars, lines and area begin with by: [time, ...], others never")


def load(folder: Traversable) -> Content:
    """Return the content of a folder. Raises ``ContentError``."""
    words, _ = _read(folder, WORDS, Words)
    basis, _ = _read(folder, BASIS, Basis)
    content = Content(words=words, basis=basis, dashboards=[])
    for name in DASHBOARDS:
        dashboard, source = _read(folder, name, Dashboard)
        for number, panel in enumerate(dashboard.panels):
            _resolve(panel, f"{name}:{source.line(('panels', number))}", content)
        content.dashboards.append(dashboard)
    return content


@cache
def content() -> Content:
    """Return the content that comes with Spanwatch."""
    return load(files("tools.dashboards") / "content")
