"""The form of our set-up that the bare test server accepts.

The server of the tests has no lifecycle, no ingest processors, no templates of the stack, no time series and a few
field types less. Everything else stays as a real cluster gets it, so what the tests prove of mappings, settings and
bulk answers holds for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from sensor.elastic.requests import Request

REPLACED: Final = {
    "constant_keyword": "keyword",
    "wildcard": "keyword",
    "match_only_text": "text",
    "scaled_float": "float",
}
"""Field types the server lacks, and what stands in for each."""
ONLY_OF_REPLACED: Final = {"scaling_factor", "time_series_metric", "time_series_dimension"}
"""Mapping parameters that go with the types and modes that are gone."""
OUR_PATHS: Final = ("/_component_template/", "/_index_template/spanwatch-")


def reduced(requests: Sequence[Request]) -> list[Request]:
    """Return the component and index templates among ``requests`` in the form the bare test server accepts.

    constant_keyword and wildcard become keyword, match_only_text text, scaled_float float; pipeline, lifecycle,
    time series mode, transforms and the component templates of the stack ("logs@mappings", ...) are left out.
    """
    kept = []
    for request in requests:
        if request.method != "PUT" or not request.path.startswith(OUR_PATHS) or request.body is None:
            continue
        body = _mapped(request.body)
        if request.path.startswith("/_index_template/"):
            _bare(body)
        kept.append(msgspec.structs.replace(request, body=body))
    return kept


def _bare(template: dict[str, Any]) -> None:
    """Take out of an index template what the server does not have."""
    template["composed_of"] = [name for name in template["composed_of"] if "@" not in name]
    index = template.get("template", {}).get("settings", {}).get("index", {})
    for name in ("default_pipeline", "lifecycle"):
        index.pop(name, None)
    if index.get("mode") == "time_series":
        del index["mode"]


def _mapped(value: Any) -> Any:
    """Return a copy with replaced field types."""
    if isinstance(value, list):
        return [_mapped(each) for each in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("type")
    if isinstance(kind, str):
        # A field: its parameters are scalars, so a field that is itself called "type" never comes here.
        field = {name: _mapped(each) for name, each in value.items() if name not in ONLY_OF_REPLACED}
        if kind == "constant_keyword":
            field.pop("value", None)
        field["type"] = REPLACED.get(kind, kind)
        return field
    return {name: _mapped(each) for name, each in value.items()}
