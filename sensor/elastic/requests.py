"""What ``spanwatch elastic setup`` asks of a cluster, as data: nothing here needs a server.

``setup_requests()`` is the whole list in the order it must be applied; a stream created before its template keeps the
wrong mapping until its next rollover. ``api_key`` is the request for a sensor's own key, ``latest_requests()`` the
optional inventory of newest asset records. Applying any of them twice leaves the cluster as once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from sensor.documents.fields import LOGS, properties
from sensor.elastic.mappings import ecs_properties
from sensor.elastic.templates import (
    ILM_POLICY,
    INGEST_PIPELINE,
    LATEST,
    LATEST_TRANSFORM,
    PIPELINE,
    POLICY,
    latest_template,
    sensor_template,
    stream_template,
)

KEY_DAYS: Final = 365
"""Days after which a sensor's key ends."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One call: ``path`` begins with "/" and may carry parameters; ``body`` None means no body."""

    method: str
    path: str
    body: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        """The call as Kibana's console takes it."""
        head = f"{self.method} {self.path}\n"
        if self.body is None:
            return head
        return head + msgspec.json.format(msgspec.json.encode(self.body), indent=2).decode() + "\n"


def component_templates() -> list[Request]:
    """Return the mappings, generated from the catalogue of fields and the ECS fields that documents use."""
    mappings = {
        "spanwatch-ecs": ecs_properties(),
        "spanwatch-mappings": {"spanwatch": properties()},
        "spanwatch-sensor-mappings": {"spanwatch": properties("sensor")},
    }
    return [
        Request(
            method="PUT",
            path=f"/_component_template/{name}",
            body={"template": {"mappings": {"properties": fields}}, "_meta": {"product": "spanwatch"}},
        )
        for name, fields in mappings.items()
    ]


def index_templates() -> list[Request]:
    """Return the template of every data stream."""
    requests = [
        Request(method="PUT", path=f"/_index_template/spanwatch-{word}", body=stream_template(word)) for word in LOGS
    ]
    return [*requests, Request(method="PUT", path="/_index_template/spanwatch-sensor", body=sensor_template())]


def setup_requests() -> list[Request]:
    """Return everything the data streams need, in order: lifecycle, pipeline, components, index templates."""
    return [
        Request(method="PUT", path=f"/_ilm/policy/{POLICY}", body=ILM_POLICY),
        Request(method="PUT", path=f"/_ingest/pipeline/{PIPELINE}", body=INGEST_PIPELINE),
        *component_templates(),
        *index_templates(),
    ]


def latest_requests() -> list[Request]:
    """Return the inventory of newest asset records: a plain template for its index first, then the transform."""
    return [
        Request(method="PUT", path=f"/_index_template/{LATEST}", body=latest_template()),
        Request(method="PUT", path=f"/_transform/{LATEST}?defer_validation=true", body=LATEST_TRANSFORM),
        Request(method="POST", path=f"/_transform/{LATEST}/_start"),
    ]


def simulations(site: str) -> list[Request]:
    """Return the questions that show whether templates and pipeline do what they should for ``site``."""
    probe = {"docs": [{"_source": {"@timestamp": "2026-01-01T00:00:00.000Z", "event": {"kind": "event"}}}]}
    return [
        Request(method="POST", path=f"/_ingest/pipeline/{PIPELINE}/_simulate", body=probe),
        *(
            Request(method="POST", path=f"/_index_template/_simulate_index/logs-spanwatch.{word}-{site}")
            for word in LOGS
        ),
        Request(method="POST", path=f"/_index_template/_simulate_index/metrics-spanwatch.sensor-{site}"),
    ]


def api_key(site: str, sensor: str) -> Request:
    """Return the request for the key of one sensor: it may create documents of its site and nothing else."""
    indices = {
        "names": [f"logs-spanwatch.*-{site}", f"metrics-spanwatch.*-{site}"],
        "privileges": ["create_doc", "auto_configure"],
    }
    return Request(
        method="POST",
        path="/_security/api_key",
        body={
            "name": f"spanwatch-{site}-{sensor}",
            "expiration": f"{KEY_DAYS}d",
            "role_descriptors": {"writer": {"cluster": [], "indices": [indices]}},
            "metadata": {"product": "spanwatch", "site": site, "sensor": sensor},
        },
    )


def printed(requests: Sequence[Request]) -> str:
    """Return requests as text for Kibana's console, one after the other."""
    return "\n".join(request.text for request in requests)
