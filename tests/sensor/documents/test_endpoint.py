"""The two ends of a conversation in documents."""

from __future__ import annotations

import pytest

from dissectors.facts import Endpoint
from sensor.documents.endpoint import direction
from sensor.documents.operation import operation_document
from tests.sensor.build import HMI, PLC
from tests.sensor.documents.contexts import (
    ORIGIN,
    act,
    channel,
)
from tests.sensor.documents.ecs_check import problems


def test_a_conversation_without_ip_is_reported_by_its_macs() -> None:
    talk = channel(
        client=Endpoint("", HMI[0], 0), server=Endpoint("", PLC[0], 0), transport="ethernet", protocol="goose", flow=""
    )
    document = operation_document(ORIGIN, act(flow="", client_port=0), talk, None, None, None)
    assert document["source"] == {"mac": "00-1B-1B-AA-00-11"}
    assert document["client"] == {"mac": "00-1B-1B-AA-00-11"}
    assert "direction" not in document["network"] and "related" not in document
    assert problems(document, "operation") == []


@pytest.mark.parametrize(
    ("source", "destination", "reported"),
    [
        ("10.0.0.1", "10.0.0.2", "internal"),
        ("10.0.0.1", "8.8.8.8", "outbound"),
        ("8.8.8.8", "10.0.0.1", "inbound"),
        ("8.8.8.8", "1.1.1.1", "external"),
        ("fe80::1", "ff02::1", "internal"),
        ("", "10.0.0.1", ""),
    ],
)
def test_directions_are_seen_from_the_perimeter(source: str, destination: str, reported: str) -> None:
    assert direction(source, destination) == reported
