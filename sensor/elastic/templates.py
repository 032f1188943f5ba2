"""Lifecycle, ingest pipeline, index templates and transform, as the bodies Elasticsearch takes.

Priority 501 stands above the stack's own templates (100) and those of an integration package (200); the names cannot
collide with either. Each template is composed with a ``spanwatch-<stream>-custom`` component of the user, if there is
one.
"""

from __future__ import annotations

from typing import Any, Final

from sensor.elastic.mappings import nested

POLICY: Final = "spanwatch"
PIPELINE: Final = "spanwatch-default"
LATEST: Final = "spanwatch-latest-asset"
PRIORITY: Final = 501
FIELD_LIMIT: Final = 1_500
ROUTING: Final = ("data_stream.type", "data_stream.dataset", "data_stream.namespace", "event.module", "event.dataset")
"""What names a stream; the inventory of newest records holds several sites, so there these are plain keywords."""
META: Final = {"product": "spanwatch"}

ILM_POLICY: Final[dict[str, Any]] = {
    "policy": {
        "phases": {
            "hot": {"actions": {"rollover": {"max_primary_shard_size": "50gb", "max_age": "30d"}}},
            "delete": {"min_age": "90d", "actions": {"delete": {}}},
        },
        "_meta": META,
    }
}


def _geoip(side: str, direction: str) -> dict[str, Any]:
    """Return the processor that places a public address; only that end of a conversation is one."""
    return {
        "geoip": {
            "tag": f"geoip_{side}",
            "field": f"{side}.ip",
            "target_field": f"{side}.geo",
            "ignore_missing": True,
            "if": f"ctx.network?.direction == '{direction}'",
        }
    }


INGEST_PIPELINE: Final[dict[str, Any]] = {
    "description": "Spanwatch: time of arrival, place of public addresses.",
    "processors": [
        {"set": {"tag": "set_ingested", "field": "event.ingested", "value": "{{{_ingest.timestamp}}}"}},
        _geoip("source", "inbound"),
        _geoip("destination", "outbound"),
    ],
    "on_failure": [
        {"set": {"tag": "set_pipeline_error", "field": "event.kind", "value": "pipeline_error"}},
        {
            "append": {
                "tag": "append_error",
                "field": "error.message",
                "value": "{{{_ingest.on_failure_processor_type}}} [{{{_ingest.on_failure_processor_tag}}}] in "
                "{{{_ingest.pipeline}}}: {{{_ingest.on_failure_message}}}",
            }
        },
    ],
    "_meta": META,
}


def _constant(kind: str, word: str) -> dict[str, Any]:
    """Return the mapping of fields that have one value in the whole stream: a document of another one is refused."""
    return nested(
        {
            "data_stream.type": {"type": "constant_keyword", "value": kind},
            "data_stream.dataset": {"type": "constant_keyword", "value": f"spanwatch.{word}"},
            "data_stream.namespace": {"type": "constant_keyword"},
            "event.module": {"type": "constant_keyword", "value": "spanwatch"},
            "event.dataset": {"type": "constant_keyword", "value": f"spanwatch.{word}"},
        }
    )


def stream_template(word: str) -> dict[str, Any]:
    """Return the index template of a log stream ("alert", "operation", ...)."""
    custom = f"spanwatch-{word}-custom"
    return {
        "index_patterns": [f"logs-spanwatch.{word}-*"],
        "priority": PRIORITY,
        "data_stream": {},
        "composed_of": [
            "logs@mappings",
            "logs@settings",
            "ecs@mappings",
            "spanwatch-ecs",
            "spanwatch-mappings",
            custom,
        ],
        "ignore_missing_component_templates": [custom],
        "template": {
            "settings": {
                "index": {
                    "mode": "logsdb",
                    "default_pipeline": PIPELINE,
                    "lifecycle": {"name": POLICY},
                    "mapping": {"total_fields": {"limit": FIELD_LIMIT, "ignore_dynamic_beyond_limit": True}},
                }
            },
            "mappings": {"properties": _constant("logs", word)},
            "data_stream_options": {"failure_store": {"enabled": True}},
        },
        "_meta": META,
    }


def sensor_template() -> dict[str, Any]:
    """Return the index template of the sensor's health: a time series, one for each sensor and interface."""
    dimension = {"type": "keyword", "time_series_dimension": True}
    properties = _constant("metrics", "sensor") | nested(
        {"observer.name": dimension, "observer.ingress.interface.name": dict(dimension)}
    )
    custom = "spanwatch-sensor-custom"
    return {
        "index_patterns": ["metrics-spanwatch.sensor-*"],
        "priority": PRIORITY,
        "data_stream": {},
        "composed_of": ["metrics@mappings", "metrics@settings", "ecs@mappings", "spanwatch-sensor-mappings", custom],
        "ignore_missing_component_templates": [custom],
        "template": {
            "settings": {"index": {"mode": "time_series", "lifecycle": {"name": POLICY}}},
            "mappings": {"properties": properties},
        },
        "_meta": META,
    }


def latest_template() -> dict[str, Any]:
    """Return the template of the transform's index; without it the stack would make a data stream of that name."""
    return {
        "index_patterns": ["logs-spanwatch_latest.dest_asset-*"],
        "priority": PRIORITY,
        "composed_of": ["ecs@mappings", "spanwatch-ecs", "spanwatch-mappings"],
        "template": {"mappings": {"properties": nested({name: {"type": "keyword"} for name in ROUTING})}},
        "_meta": META,
    }


LATEST_TRANSFORM: Final[dict[str, Any]] = {
    "source": {
        "index": ["logs-spanwatch.asset-*"],
        "query": {
            "bool": {
                "filter": [{"term": {"event.kind": "asset"}}],
                "must_not": [{"exists": {"field": "error.message"}}],
            }
        },
    },
    "dest": {
        "index": "logs-spanwatch_latest.dest_asset-1",
        "aliases": [{"alias": "logs-spanwatch_latest.asset", "move_on_creation": True}],
    },
    "latest": {"unique_key": ["event.dataset", "host.id"], "sort": "@timestamp"},
    "description": "Newest record of each OT asset.",
    "frequency": "30s",
    "sync": {"time": {"field": "event.ingested", "delay": "120s"}},
    "retention_policy": {"time": {"field": "@timestamp", "max_age": "90d"}},
    "settings": {"deduce_mappings": False, "unattended": True},
    "_meta": META,
}
