"""What a dashboard is made of, as it stands in the YAML files of ``content/``.

The files are YAML and not Python: an analyst reads and edits such files every day (rules, pipelines, playbooks), a
panel is about eight lines of words, and the strict loader names file and line of every mistake. Words that many panels
use (what to count, what to group by) stand once, in ``content/words.yaml``.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from sensor.outputs.fields import LOGS, ROOT

COLUMNS: Final = 48
"""Width of Kibana's grid."""
MAX_ROWS: Final = 200
"""Rows a dashboard may be long."""
MAX_TERMS: Final = 200
"""Values one group may show."""

Conditions = dict[str, str | bool | int | list[str]]
"""Field to the value or values it must have; "*" asks only that the field is there."""


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number. ``of`` is its field (nothing for ``count``).

    ``open`` counts distinct values less those that also meet ``where``: incidents without a closing revision.
    ``rate`` is the growth per second of a counter; it needs a group by time. ``unit`` is how it is written.
    """

    label: str
    is_: Literal["count", "distinct", "sum", "average", "maximum", "last", "open", "rate"] = msgspec.field(name="is")
    of: str = ""
    where: Conditions = {}
    unit: Literal["", "bytes", "µs", "s", "/s"] = ""


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What rows, bars or slices stand for: the values of a field, the most frequent first (or ``by_name``)."""

    label: str
    field: str
    top: int = 10
    by_name: bool = False
    others: bool = False
    colours: dict[str, str] = {}


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The words panels use, and the colours that mean something."""

    measures: dict[str, Measure]
    groups: dict[str, Group]


class View(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A data view: the indices it shows and the streams that panels look at through it."""

    id: str
    name: str
    indices: str
    streams: list[str] = []


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A saved search: documents as rows, newest first."""

    id: str
    title: str
    why: str
    stream: str
    columns: list[str]
    where: Conditions = {}


class Tag(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The tag of everything that is imported."""

    id: str
    name: str
    description: str
    colour: str


class Basis(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the dashboards stand on."""

    tag: Tag
    views: list[View]
    searches: list[Search]


class Panel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One panel. ``at`` is column, row, width and height on the grid; ``why`` what it is for, shown beside the title.

    ``by`` and ``count`` name groups and measures of the words; "time" is the group that needs no entry. ``streams``
    are the documents it looks at. ``search`` names the saved search of ``documents``, ``text`` the words of ``text``.
    """

    id: str
    show: Literal["text", "number", "bars", "lines", "area", "ranking", "donut", "treemap", "table", "documents"]
    at: tuple[int, int, int, int]
    title: str = ""
    why: str = ""
    text: str = ""
    search: str = ""
    streams: list[str] = []
    where: Conditions = {}
    without: Conditions = {}
    by: list[str] = []
    count: list[str] = []


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list of values above the dashboard to choose from."""

    id: str
    label: str
    field: str
    stream: str


class Dashboard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One dashboard. ``since`` is its time range, as Kibana writes it."""

    id: str
    title: str
    why: str
    since: str
    refresh_seconds: int
    controls: list[Control]
    panels: list[Panel]

    @property
    def streams(self) -> list[str]:
        """The streams of all its panels, in the order they first occur."""
        return list(dict.fromkeys(stream for panel in self.panels for stream in panel.streams))


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of ``content/``, read and resolved."""

    words: Words
    basis: Basis
    dashboards: list[Dashboard]

    def view(self, streams: list[str]) -> View:
        """Return the narrowest view that shows all of ``streams``. Raises ``KeyError`` when none does."""
        fitting = [view for view in self.basis.views if set(streams) <= set(view.streams)]
        if not fitting:
            raise KeyError(", ".join(streams))
        return min(fitting, key=lambda view: len(view.streams))

    def search(self, name: str) -> Search:
        """Return a saved search by its id. Raises ``KeyError``."""
        for search in self.basis.searches:
            if search.id == name:
                return search
        raise KeyError(name)


TIME: Final = "time"
STREAM_WORDS: Final = frozenset({*LOGS, "sensor"})


def dataset(stream: str) -> str:
    """Return the dataset of a stream, e.g. "spanwatch.alert"."""
    return f"{ROOT}.{stream}"


def narrowed(streams: list[str], where: Conditions) -> Conditions:
    """Return ``where`` with the dataset in front: every panel says which documents it means, in any data view."""
    names = [dataset(stream) for stream in streams]
    return {"data_stream.dataset": names[0] if len(names) == 1 else names, **where}
