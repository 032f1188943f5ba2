"""The catalogue of custom fields: every ``spanwatch.*`` field with its Elasticsearch type and where it occurs.

Templates, package fields and checks are made from this list. Elasticsearch types an undeclared field by its ending,
so none of these ends in a word that means another type (``.start``, ``.end``, ``_ip``, ``.location``, ...).
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from dissectors.registry import PROTOCOLS
from dissectors.words import VERBS

ROOT: Final = "spanwatch"
LOGS: Final = ("alert", "operation", "channel", "asset")
TRAFFIC: Final = ("alert", "operation")


class Field(msgspec.Struct, frozen=True):
    """One field. ``metric`` is "counter" or "gauge" in the time series, ``index`` False where it is only kept."""

    name: str
    type: str
    streams: tuple[str, ...]
    metric: str = ""
    index: bool = True

    @property
    def mapping(self) -> dict[str, Any]:
        """The mapping of this field."""
        mapping: dict[str, Any] = {"type": self.type}
        if self.type == "keyword":
            mapping["ignore_above"] = 1024
        if self.metric:
            mapping["time_series_metric"] = self.metric
        if not self.index:
            mapping |= {"index": False, "doc_values": False}
        return mapping


def _fields(group: str, streams: tuple[str, ...], metric: str = "", index: bool = True, **types: str) -> list[Field]:
    """Return the fields of a group; each keyword names a type, its value the fields that have it."""
    return [
        Field(f"{ROOT}.{group}.{name}" if group else f"{ROOT}.{name}", kind, streams, metric, index)
        for kind, names in types.items()
        for name in names.split()
    ]


def _of_protocols() -> list[Field]:
    """Return the fields that the protocols declare, those of a family once."""
    families = {protocol.family: protocol.fields for protocol in PROTOCOLS if protocol.family}
    return [
        Field(f"{ROOT}.{family}.{row.name}", row.type, TRAFFIC, index=row.index)
        for family, rows in families.items()
        for row in rows
    ]


_ROWS: Final = [
    *_fields(
        "alert",
        ("alert",),
        keyword="id status severity detector attack_version attack_former attack_context visibility "
        "evidence.capture evidence.excerpt",
        text="expected observed false_positives normal",
        long="count revision evidence.frames evidence.offset evidence.length",
        boolean="review",
        flattened="why detail",
    ),
    *_fields(
        "policy",
        ("alert", "operation", "channel"),
        keyword="id verdict conduit rule_id sha256 missing closest matches flags ticket",
        text="expected observed reason",
        long="version",
        boolean="safety",
        date="exception_until",
    ),
    *_fields(
        "anomaly",
        ("alert",),
        keyword="model reason baseline features contributions",
        text="support",
        double="p_value score",
        long="window_s",
        boolean="weak",
    ),
    *_fields("purdue", ("alert", "operation", "channel"), keyword="source destination"),
    *_fields("zone", ("alert", "operation", "channel"), keyword="source destination"),
    *_fields(
        "operation",
        TRAFFIC,
        keyword="class object name code label outcome error values answers visibility evidence.capture evidence.excerpt",
        long="count repeats latency_us evidence.frames evidence.offset evidence.length",
        flattened="detail",
    ),
    *_of_protocols(),
    *_fields("channel", ("alert", "operation", "channel"), keyword="id tunnel"),
    *_fields(
        "channel",
        ("channel",),
        keyword="unit state decided_by recognised_by framing visibility operations network also_seen",
        long="window_s requests responses reports failures unanswered late unasked attempts refused connections resets "
        "retransmissions gaps copies value_changes latency_mean_us latency_min_us latency_max_us "
        + " ".join(f"class.{verb}" for verb in VERBS),
        boolean="one_sided",
    ),
    *_fields(
        "asset",
        ("asset",),
        keyword="purdue_level zone role vendor firmware_version hardware_version site_area own_names description "
        "protocols services units criticality identity mac_reason network cards parent links partners "
        "merged_into conflicts changed changed_from changed_to changed_by identification.method evidence.capture",
        text="role_reason",
        long="evidence.frames",
        boolean="safety known router",
        date="first_seen last_seen",
        float="identification.confidence",
    ),
    *_fields("sensor", ("sensor",), "gauge", long="uptime_s capture.flows capture.channels"),
    *_fields(
        "sensor",
        ("sensor",),
        "counter",
        long="capture.packets capture.bytes capture.dropped capture.gaps capture.one_sided_flows "
        "capture.dissect_errors capture.truncated capture.clock_jumps capture.overlaps "
        "capture.duplicates capture.forgotten capture.wrong_checksums capture.senders_without_checksums "
        "spool.dropped output.acked output.duplicates output.retried output.failure_store output.dead_letter",
    ),
    *_fields("sensor", ("sensor",), "gauge", long="spool.documents spool.bytes spool.oldest_age_s"),
    *_fields("sensor", ("sensor",), keyword="capture.unread"),
    *_fields("sensor", ("sensor",), boolean="output.paused"),
]

FIELDS: Final[tuple[Field, ...]] = tuple(sorted(_ROWS, key=lambda field: field.name))
"""Every custom field, in the order of their names."""


def properties(stream: str = "") -> dict[str, Any]:
    """Return the mapping of ``spanwatch`` for one stream, or for all: unknown fields are kept, not indexed."""
    root: dict[str, Any] = {"dynamic": False, "properties": {}}
    for field in FIELDS:
        if stream and stream not in field.streams:
            continue
        *parents, leaf = field.name.split(".")[1:]
        place = root["properties"]
        for parent in parents:
            place = place.setdefault(parent, {"properties": {}})["properties"]
        place[leaf] = field.mapping
    return root
