"""The form of our set-up that OpenSearch takes: every field type and the pipeline stay, names of its dialect change.

``flattened`` is ``flat_object``, a ``constant_keyword`` that learns its value is ``keyword``; ``geoip``, which needs a data base, is replaced by ``convert`` to an address, which
runs under the same condition and fails for the same text. The stack's own component templates are not there; of what
they bring, ``ignore_malformed`` is set. Lifecycle, ``logsdb``, time series and failure store do not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from sensor.elastic.requests import Request

KEPT: Final = ("/_component_template/", "/_index_template/spanwatch-", "/_ingest/pipeline/")
UNKNOWN: Final = {"time_series_dimension", "time_series_metric"}
"""Mapping parameters OpenSearch does not have."""


def translated(requests: Sequence[Request]) -> list[Request]:
    """Return pipeline, component and index templates among ``requests`` in OpenSearch's words."""
    return [
        msgspec.structs.replace(request, body=_body(request))
        for request in requests
        if request.method == "PUT" and request.path.startswith(KEPT)
    ]


def _body(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(request.body))
    if request.path.startswith("/_ingest/"):
        body.pop("_meta", None)
        body["processors"] = [_processor(processor) for processor in body["processors"]]
        return body
    body["template"]["mappings"]["properties"] = _fields(body["template"]["mappings"]["properties"])
    if request.path.startswith("/_index_template/"):
        index = body["template"].get("settings", {}).get("index", {})
        index.pop("mode", None)
        index.pop("lifecycle", None)
        limit = index.get("mapping", {}).get("total_fields", {})
        limit.pop("ignore_dynamic_beyond_limit", None)
        if "logs@settings" in body["composed_of"]:
            index.setdefault("mapping", {})["ignore_malformed"] = True
        body["template"].pop("data_stream_options", None)
        body.pop("ignore_missing_component_templates", None)
        body["composed_of"] = [name for name in body["composed_of"] if "@" not in name and not name.endswith("-custom")]
    return body


def _processor(processor: dict[str, Any]) -> dict[str, Any]:
    if "geoip" not in processor:
        return processor
    options = dict(processor["geoip"])
    options["target_field"] += ".stand_in"
    return {"convert": {**options, "type": "ip"}}


def _fields(properties: dict[str, Any]) -> dict[str, Any]:
    """The ``properties`` of a mapping with each field in OpenSearch's words."""
    found: dict[str, Any] = {}
    for name, field in properties.items():
        changed = {key: value for key, value in field.items() if key not in UNKNOWN}
        if changed.get("type") == "flattened":
            changed = {"type": "flat_object"}
        if changed.get("type") == "constant_keyword" and "value" not in changed:
            changed = {"type": "keyword"}
        if "properties" in changed:
            changed["properties"] = _fields(changed["properties"])
        found[name] = changed
    return found
