"""What every document begins with: time, stream, event and the sensor that saw it.

The sensor is ``observer`` and never ``host``: host is the asset that a document is about. There is no wall clock in a
document: ``event.created`` is added by whoever ships it, ``event.ingested`` by the cluster.
"""

from __future__ import annotations

from sensor.documents.moment import moment
from sensor.documents.origin import ECS_VERSION, MODULE, PRODUCT, STREAMS, Origin
from sensor.documents.text import Document, text


def envelope(origin: Origin, word: str, time: int, event: Document, message: str = "") -> Document:
    """Return the head of a document of stream ``word`` at packet time ``time`` (ns)."""
    dataset = f"{MODULE}.{word}"
    head: Document = {
        "@timestamp": moment(time),
        "ecs": {"version": ECS_VERSION},
        "data_stream": {"type": STREAMS[word], "dataset": dataset, "namespace": origin.site},
        "message": text(message),
        "event": {**event, "module": MODULE, "dataset": dataset},
    }
    return head


def span(first: int, last: int) -> Document:
    """Return start, end and duration (ns) of an event."""
    return {"start": moment(first), "end": moment(last), "duration": max(0, last - first)}


def observer(origin: Origin, interface: str = "", vlan: int = 0, zone: str = "") -> Document:
    """Return the sensor, and where the traffic came into it."""
    return {
        "type": "sensor",
        "vendor": PRODUCT,
        "product": PRODUCT,
        "version": origin.version,
        "name": origin.sensor,
        "ingress": {
            "interface": {"name": text(interface)},
            "vlan": {"id": str(vlan) if vlan else ""},
            "zone": text(zone),
        },
    }


def labels(origin: Origin) -> Document:
    """Return the labels of a document."""
    return {"site": origin.site}
