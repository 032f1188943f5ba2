"""What the documents of these tests are made of: one plant, its hostile visitor, and every stream of both."""

from __future__ import annotations

from typing import Any

import msgspec

from dissectors.context import AssetEvent, AssetView, Context, Verdict
from dissectors.facts import AnyFact, ChannelOpened, Endpoint, Exchange, Health, OperationCount, Target, Visibility
from rules.detections.alert import Alert
from sensor.documents import Documents, Origin
from sensor.inventory.record import Address, AssetRecord, Attribute, Observation, ProtocolUse, Role, Service
from sensor.sinks.document_sink import DocumentSink
from tests.sensor.build import HMI, PLC, SECOND, START, exchange, opened, window

ORIGIN = Origin(site="plant1", sensor="sensor1", version="0.1.0", epoch="20261121T060000.123456789Z")
HOSTILE = 'PLC\x1b[31m","event":{"kind":"x"}}\n[red]\x00\u202e\udcff' + "A" * 4000

HMI_VIEW = AssetView(
    id="a-hmi", name="HMI-1", ip=HMI[1], mac=HMI[0], vlan=204, zone="z-sup", role="hmi", level="2", known=True
)
PLC_VIEW = AssetView(
    id="a-plc", name="PLC-7", ip=PLC[1], mac=PLC[0], vlan=204, zone="z-chem", role="plc", level="1", criticality="high",
    vendor="Schneider Electric", safety=True, known=True,
)  # fmt: skip
DENIED = Verdict(
    kind="default-deny", rule="", missing="functions", closest="r-poll", matches=("r-poll",), conduit="c-sup-chem",
    client_zone="z-sup", server_zone="z-chem", expected="read", observed="write", reason="No rule allows writes.",
    policy="wtp-north", version=14, sha256="ab" * 32, flags=("direction: inferred",), expires=START,
)  # fmt: skip


def channel(**changes: Any) -> ChannelOpened:
    """Return a Modbus channel on VLAN 204 of interface eth1."""
    given: dict[str, Any] = {
        "interface": "eth1",
        "vlan": 204,
        "inner_vlan": 7,
        "channel": "c-1",
        "flow": "1:1tDiEYWpDgowpONq9W4Dv+Z//UE=",
    }
    return msgspec.structs.replace(opened(), **(given | changes))


def act(**changes: Any) -> Exchange:
    """Return a refused write of twelve registers."""
    given: dict[str, Any] = {
        "operation": "write_multiple_registers",
        "code": "16",
        "targets": (Target("holding_register", 400, 411),),
        "values": tuple(range(12)),
        "outcome": "failure",
        "error": "illegal_data_address",
        "error_code": 2,
        "detail": {"transaction": 4723},
        "latency": 4_000_000,
    }
    return msgspec.structs.replace(exchange(channel()), channel="c-1", **(given | changes))


def alarm(**changes: Any) -> Alert:
    """Return a full alert about that write."""
    given: dict[str, Any] = {
        "id": "MB-001", "name": "Modbus write from unapproved master", "version": 3, "severity": "high", "risk": 71.0,
        "incident": "inc-1", "revision": 1, "status": "open", "time": START + 5 * SECOND, "first": START + 2 * SECOND,
        "last": START + 5 * SECOND, "count": 12, "client": HMI_VIEW, "server": PLC_VIEW,
        "client_endpoint": Endpoint(HMI[1], HMI[0], 50_211), "server_endpoint": Endpoint(PLC[1], PLC[0], 502),
        "channel": "c-1", "protocol": "modbus", "unit": "7", "transport": "tcp", "vlan": 204,
        "flow": "1:1tDiEYWpDgowpONq9W4Dv+Z//UE=", "operation": "write_multiple_registers", "verb": "write",
        "code": "16",
        "targets": (Target("holding_register", 0, 11),), "values": (1, 2.5, "x"), "outcome": "success",
        "message": "long", "reason": "HMI-1 wrote 12 holding registers of PLC-7.",
        "expected": "Writes of approved masters.",
        "observed": "A write of 12 registers.", "why_kind": "policy", "why": {"writes": 12, "master": "HMI-1"},
        "verdict": DENIED, "source": "a.pcap", "interface": "eth1", "frames": (7, 9), "offset": 54, "length": 37,
        "excerpt": b"\x00\x01\xff", "false_positives": "A new station.", "normal": "Add it to the policy.",
        "techniques": ("T0836", "T1692.001"), "context": ("T0831",), "category": "policy-violation",
        "detail": {"transaction": 4723}, "sequence": 5,
    }  # fmt: skip
    return Alert(**(given | changes))


def _attribute(name: str, value: str) -> Attribute:
    seen = Observation(
        value=value, method="modbus.43.14.2", confidence="strong", source="a.pcap", first=START, last=START, count=1,
        frames=(3, 4),
    )  # fmt: skip
    return Attribute(name=name, state="known", value=value, observations=(seen,))


def record(**changes: Any) -> AssetRecord:
    """Return a controller that has reported all about itself."""
    names = {
        "firmware_version": "V2.9.4", "location": "Hall 3", "manufacturer": "Schneider Electric",
        "model": "Modicon M340",
        "product_code": "BMXP342020", "serial_number": "21190512345",
    }  # fmt: skip
    given: dict[str, Any] = {
        "id": "a-plc", "name": "PLC-7", "ip": PLC[1], "mac": PLC[0], "vlan": 204, "known": True, "zone": "z-chem",
        "role": "plc", "level": "1", "criticality": "high", "first": START, "last": START + 60 * SECOND,
        "source": "a.pcap", "frames": (1, 99),
        "addresses": (Address(ip=PLC[1], mac=PLC[0], vlan=204, confirmed=True, first=START, last=START, frames=(1,)),),
        "attributes": tuple(_attribute(name, value) for name, value in names.items()),
        "protocols": (ProtocolUse(protocol="modbus", side="server", first=START, last=START, frames=(1,)),),
        "services": (Service(transport="tcp", port=502, protocol="modbus", first=START, last=START, frames=(1,)),),
        "roles": (Role(role="plc", reason="It answers Modbus requests.", first=START, frame=2),),
    }  # fmt: skip
    return AssetRecord(**(given | changes))


def changed(**changes: Any) -> AssetEvent:
    """Return a change of firmware."""
    given: dict[str, Any] = {
        "kind": "changed", "asset": PLC_VIEW, "time": START + 30 * SECOND, "source": "a.pcap", "frames": (3, 40),
        "attribute": "firmware_version", "old": "V2.8.1", "new": "V2.9.4", "method": "modbus.43.14.2",
    }  # fmt: skip
    return AssetEvent(**(given | changes))


def health(end: int, source: str = "a.pcap", interface: str = "eth1", **counters: int) -> Health:
    """Return what a worker counted in the minute that ends ``end`` seconds after the start."""
    time = START + end * SECOND
    return Health(time, source, end, 9, time - 60 * SECOND, time, interface, counters or {"packets": 10, "bytes": 700})


def around(fact: AnyFact, talk: ChannelOpened) -> Context:
    """Return a denied fact of ``talk``, with both ends."""
    return Context(fact=fact, channel=talk, client=HMI_VIEW, server=PLC_VIEW, verdict=DENIED)


def reported(documents: Documents | DocumentSink) -> None:
    """Report one run with every stream in it."""
    talk = channel()
    documents.take(around(talk, talk))
    documents.take(around(act(), talk))
    documents.take(around(Visibility(START, "a.pcap", 3, 0, "c-1", "one_sided", "one side only"), talk))
    count = OperationCount("write_multiple_registers", "write", 3, 1, 1, 2, 10, 100, 4, 6)
    for minute in range(1, 8):
        row = msgspec.structs.replace(
            window(talk, at=minute * 60), channel="c-1", operations=(count,), gaps=1, latency_count=2, latency_sum=40,
            latency_min=10 + minute, latency_max=30 + minute,
        )  # fmt: skip
        documents.take(around(row, talk))
        documents.take(Context(fact=health(minute * 60, flows=3, packets=10, byte_count=700)))
    documents.alert(alarm())
    documents.asset(record(), changed())
    documents.asset(record(), None)
    documents.finish()


def written(origin: Origin = ORIGIN) -> list[tuple[str, dict[str, Any]]]:
    """Return the stream and document of everything that ``reported`` makes."""
    found: list[tuple[str, dict[str, Any]]] = []
    reported(Documents(origin, lambda word, document: found.append((word, document))))
    return found
