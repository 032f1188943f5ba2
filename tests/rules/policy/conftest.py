"""Builders of the few facts a judgement reads, with the addresses of the sample plant in example.yaml."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dissectors.facts import ChannelOpened, Endpoint, Exchange, OperationFirst, Target
from rules.policy import Judge, Policy, load

EXAMPLE = Path(__file__).with_name("example.yaml")

HOSTS = {
    "hmi-1": ("10.20.2.11", "00:1b:1b:aa:00:11"),
    "scada-1": ("10.20.2.10", "00:1b:1b:aa:00:10"),
    "ews-1": ("10.20.2.50", "00:1b:1b:aa:00:50"),
    "hist-1": ("10.20.3.20", "00:50:56:bb:00:20"),
    "plc-chem": ("10.20.1.21", "00:80:f4:01:02:21"),
    "plc-filt": ("10.20.1.22", "00:1b:1b:22:10:02"),
    "rtu-res": ("10.20.4.31", "00:30:a7:12:34:31"),
    "sis-chlor": ("10.20.9.5", "00:80:f4:09:09:05"),
    "stranger": ("10.20.2.99", "02:11:11:11:11:99"),
    "office": ("10.10.5.5", "02:00:00:20:02:01"),
}
FIREWALL = "02:00:00:20:02:01"
GATEWAY = "02:00:00:20:02:fe"
PORTS = {"modbus": 502, "dnp3": 20000, "s7comm": 102, "s7commplus": 102}
TUESDAY_NOON = "2026-11-10T12:00:00+01:00"


def at(text: str) -> int:
    """Return a time as nanoseconds."""
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000_000


def open_channel(
    client: str, server: str, protocol: str = "modbus", *, time: str = TUESDAY_NOON, **changed: Any
) -> ChannelOpened:
    """Return a channel as a SPAN port on 10.20.2.0/24 shows it: what is not local carries the device's MAC."""
    macs = []
    for name in (client, server):
        ip, mac = HOSTS[name]
        remote = GATEWAY if ip.startswith("10.20.4.") else FIREWALL
        macs.append(mac if ip.startswith("10.20.2.") else remote)
    fields: dict[str, Any] = {
        "unit": "",
        "transport": "tcp",
        "client_mac": macs[0],
        "server_mac": macs[1],
        "port": PORTS.get(protocol, 0),
        "state": "established",
        "decided_by": "handshake",
        "visibility": "complete",
    } | changed
    moment = at(time)
    return ChannelOpened(
        time=moment,
        source="span",
        frame=1,
        sequence=0,
        channel=f"{client}>{server}/{protocol}/{fields}",
        protocol=protocol,
        unit=fields["unit"],
        transport=fields["transport"],
        client=Endpoint(HOSTS[client][0], fields["client_mac"], 40000),
        server=Endpoint(HOSTS[server][0], fields["server_mac"], fields["port"]),
        vlan=0,
        state=fields["state"],
        decided_by=fields["decided_by"],
        recognised_by="bytes" if protocol else "port",
        first=moment,
        first_frame=1,
        flow="flow",
        visibility=fields["visibility"],
    )


def first(name: str, *targets: tuple[str, int, int], code: str = "", verb: str = "read") -> OperationFirst:
    """Return an operation seen for the first time; its time is set by ``ask``."""
    return OperationFirst(
        time=at(TUESDAY_NOON),
        source="span",
        frame=2,
        sequence=0,
        channel="",
        verb=verb,
        operation=name,
        code=code,
        label=f"{name} {code} {targets}",
        targets=tuple(Target(*target) for target in targets),
        detail={},
        visibility="complete",
        flow="flow",
        client_port=40000,
    )


def exchange(
    name: str, *targets: tuple[str, int, int], code: str = "", values: tuple[int, ...] = (), **changed: Any
) -> Exchange:
    """Return a write with its values."""
    fields: dict[str, Any] = {
        "verb": "write",
        "outcome": "success",
        "time": TUESDAY_NOON,
        "detail": {},
        "visibility": "complete",
    }
    fields |= changed
    moment = at(fields["time"])
    return Exchange(
        time=moment,
        source="span",
        frame=3,
        sequence=0,
        channel="",
        verb=fields["verb"],
        operation=name,
        code=code,
        label=f"{name} {code} {targets}",
        targets=tuple(Target(*target) for target in targets),
        values=values,
        answers=(),
        outcome=fields["outcome"],
        error_code=0,
        error="",
        latency=1,
        request_time=moment,
        request_frame=3,
        response_frame=4,
        repeats=0,
        detail=fields["detail"],
        visibility=fields["visibility"],
        flow="flow",
        client_port=40000,
        excerpt=b"",
        offset=0,
        length=0,
    )


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The worked example."""
    return load(EXAMPLE)


@pytest.fixture
def judge(policy: Policy) -> Judge:
    """A fresh judge of the worked example."""
    return Judge([policy])


@pytest.fixture(scope="session")
def opened() -> Callable[..., ChannelOpened]:
    """Make channels."""
    return open_channel


@pytest.fixture(scope="session")
def asked() -> Callable[..., OperationFirst]:
    """Make operations without values."""
    return first


@pytest.fixture(scope="session")
def exchanged() -> Callable[..., Exchange]:
    """Make operations with values."""
    return exchange


@pytest.fixture(scope="session")
def example_text() -> str:
    """The YAML of the worked example."""
    return EXAMPLE.read_text(encoding="utf-8")
