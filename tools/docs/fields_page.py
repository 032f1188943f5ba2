"""The page of fields: every ``spanwatch.*`` field of documents with its type and the streams it occurs in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from dissectors.attributes import ATTRIBUTES
from dissectors.health import COUNTERS
from sensor.documents.fields import FIELDS, Field
from tools.docs.page import code, page, section, table

ABOUT: Final = """Documents follow the Elastic Common Schema; what it has no field for is below `spanwatch`. Streams are
`logs-spanwatch.WORD-SITE`, for `sensor` `metrics-spanwatch.sensor-SITE`. Numbers of a time series are counters, which only grow,
or gauges. Fields that are kept without being indexed cannot be searched."""


def _group(field: Field) -> str:
    return field.name.split(".")[1]


def _note(field: Field) -> str:
    return field.metric or ("" if field.index else "kept, not indexed")


def pages() -> Iterator[tuple[str, str]]:
    """Return the page of fields."""
    groups = [
        section(
            f"spanwatch.{group}",
            table(
                ("field", "type", "streams", "note"),
                [(code(field.name), field.type, ", ".join(field.streams), _note(field)) for field in fields],
            ),
        )
        for group, fields in groupby(FIELDS, key=_group)
    ]
    counters = [
        (code(row.name), row.meaning, code(f"spanwatch.sensor.{row.field}" if row.field else ""), row.table)
        for row in COUNTERS
    ]
    attributes = [(code(row.name), row.meaning, code(row.field)) for row in ATTRIBUTES]
    yield (
        "fields.md",
        page(
            "Fields of documents",
            ABOUT,
            *groups,
            section("Counters of health facts", table(("counter", "counts", "field", "table that was full"), counters)),
            section("Attributes of devices", table(("attribute", "meaning", "field"), attributes)),
        ),
    )
