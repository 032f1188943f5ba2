"""Promises about the field catalogue: complete, without doubles, and without names that Elasticsearch would mistype."""

from __future__ import annotations

import re

from sensor.documents.fields import FIELDS, properties
from sensor.documents.origin import STREAMS
from tests.sensor.documents.contexts import written
from tests.sensor.documents.ecs_check import leaves

TRAPS = (
    (r"(\.|_)ip$", {"ip"}),
    (r"\.(name|title)$", {"keyword"}),
    (r"(\.(start|end|created|timestamp|installed)|_timestamp)$", {"date"}),
    (r"\.location$", {"geo_point"}),
    (r"(_score$|\.score\.)", {"float"}),
    (r"\.message$", {"match_only_text"}),
    (r"\.usage$", {"scaled_float"}),
    (r"(exports|imports)$", {"flattened"}),
    (r"(url\.path|command_line)$", {"wildcard"}),
)


def test_every_field_is_declared_once_below_the_one_root() -> None:
    names = [field.name for field in FIELDS]
    assert len(names) == len(set(names))
    assert all(name.startswith("spanwatch.") for name in names)


def test_no_field_is_the_parent_of_another() -> None:
    names = {field.name for field in FIELDS}
    parents = {name.rsplit(".", depth)[0] for name in names for depth in range(1, name.count("."))}
    assert names & parents == set()


def test_no_name_ends_in_a_word_that_means_another_type() -> None:
    wrong = [
        field.name for field in FIELDS for ending, types in TRAPS
        if re.search(ending, field.name) and field.type not in types
    ]  # fmt: skip
    assert wrong == []


def test_the_limit_of_fields_per_stream_is_far() -> None:
    assert max(sum(stream in field.streams for field in FIELDS) for stream in STREAMS) < 200


def test_every_number_of_the_time_series_says_what_kind_of_metric_it_is() -> None:
    rows = [field for field in FIELDS if field.name.startswith("spanwatch.sensor.")]
    assert {field.type: field.metric for field in rows if field.type == "boolean"} == {"boolean": ""}
    assert all(field.metric in {"counter", "gauge"} for field in rows if field.type == "long")


def test_the_mapping_of_a_stream_has_its_fields_only_and_keeps_unknown_ones_unindexed() -> None:
    mapping = properties("channel")
    assert mapping["dynamic"] is False
    assert mapping["properties"]["channel"]["properties"]["requests"] == {"type": "long"}
    assert "modbus" not in mapping["properties"]
    whole = properties()["properties"]["modbus"]["properties"]
    assert whole["values"] == {"type": "long", "index": False, "doc_values": False}


def test_the_fields_that_the_contract_names_are_written() -> None:
    used = {name for _, document in written() for name, _ in leaves(document) if name.startswith("spanwatch.")}
    promised = {
        "spanwatch.alert.id", "spanwatch.alert.status", "spanwatch.alert.severity", "spanwatch.alert.count",
        "spanwatch.alert.revision", "spanwatch.alert.detector", "spanwatch.alert.attack_version", "spanwatch.policy.id",
        "spanwatch.policy.verdict", "spanwatch.policy.version", "spanwatch.policy.conduit", "spanwatch.purdue.source",
        "spanwatch.purdue.destination", "spanwatch.zone.source", "spanwatch.zone.destination",
        "spanwatch.operation.class", "spanwatch.operation.object", "spanwatch.operation.count",
        "spanwatch.modbus.unit_id", "spanwatch.modbus.register.first", "spanwatch.channel.id",
        "spanwatch.channel.window_s", "spanwatch.channel.one_sided", "spanwatch.channel.gaps",
        "spanwatch.asset.purdue_level", "spanwatch.asset.firmware_version", "spanwatch.asset.changed",
        "spanwatch.asset.identification.method", "spanwatch.asset.identification.confidence",
        "spanwatch.sensor.uptime_s", "spanwatch.sensor.capture.packets", "spanwatch.sensor.capture.dissect_errors",
    }  # fmt: skip
    assert promised - used == set()
