"""Facts for the tests of the pipeline's side, with only what a test cares about to be said."""

from __future__ import annotations

from collections.abc import Iterable

from dissectors.context import AssetEvent, AssetView, Context, Verdict
from dissectors.facts import (
    AnyFact,
    ChannelOpened,
    ChannelWindow,
    Endpoint,
    Exchange,
    OperationFirst,
    Sighting,
    Target,
    ValueChange,
)
from rules.detections.alert import Alert
from sensor.inventory import AssetRecord, Inventory
from sensor.sinks.sink import Sink

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
START = 1_700_000_000 * SECOND

PLC = ("00:80:f4:01:02:21", "10.0.0.21")
ROUTER = "00:00:0c:11:22:33"
HMI = ("00:1b:1b:aa:00:11", "10.0.0.11")


def sighting(
    device: tuple[str, str],
    attribute: str = "address",
    value: str = "",
    method: str = "arp",
    *,
    at: int = 0,
    vlan: int = 0,
    protocol: str = "",
    unit: str = "",
    confidence: str = "strong",
    frame: int = 0,
) -> Sighting:
    """Return a sighting ``at`` seconds after the start; the frame number is the second unless said."""
    mac, ip = device
    time = START + at * SECOND
    return Sighting(
        time, "a.pcap", frame or at + 1, 0, ip, mac, vlan, protocol, unit, attribute, value or ip, method, confidence
    )


def opened(
    client: tuple[str, str] = HMI,
    server: tuple[str, str] = PLC,
    *,
    protocol: str = "modbus",
    unit: str = "1",
    port: int = 502,
    at: int = 0,
    vlan: int = 0,
    state: str = "established",
    channel: str = "",
) -> ChannelOpened:
    """Return a channel that opened ``at`` seconds after the start."""
    time = START + at * SECOND
    name = channel or f"{client[1]}>{server[1]}:{port}/{protocol}/{unit}"
    return ChannelOpened(
        time=time, source="a.pcap", frame=at + 1, sequence=1, channel=name, protocol=protocol, unit=unit,
        transport="tcp", client=Endpoint(client[1], client[0], 50_000),
        server=Endpoint(server[1], server[0], port), vlan=vlan,
        state=state,
        decided_by="handshake", recognised_by="bytes", first=time, first_frame=at + 1, flow="1:flow",
        visibility="complete",
    )  # fmt: skip


def window(channel: ChannelOpened, *, at: int, packets: tuple[int, int] = (10, 10)) -> ChannelWindow:
    """Return a window of 60 s that ends ``at`` seconds after the start."""
    end = START + at * SECOND
    return ChannelWindow(
        time=end, source="a.pcap", frame=at + 1, sequence=2, channel=channel.channel, start=end - 60 * SECOND, end=end,
        first_frame=1, last_frame=at + 1, packets_client=packets[0], packets_server=packets[1], bytes_client=600,
        bytes_server=700, requests=packets[0], responses=packets[1], reports=0, failures=0, unanswered=0, unmatched=0,
        attempts=0, refused=0, connections=1, resets=0, retransmissions=0, gaps=0, peak_packets=1, latency_count=0,
        latency_sum=0, latency_min=0, latency_max=0, value_changes=0, operations=(), transitions=(),
        visibility="complete",
    )  # fmt: skip


def operation(channel: ChannelOpened, *, at: int = 1) -> OperationFirst:
    """Return the first write of a channel."""
    return OperationFirst(
        START + at * SECOND, "a.pcap", at + 1, 3, channel.channel, "write", "write_single_register", "6",
        "write_single_register 6", (Target("holding_register", 3, 3),), {}, "complete", "1:flow", 50_000,
    )  # fmt: skip


def exchange(channel: ChannelOpened, *, at: int = 1, value: int = 7) -> Exchange:
    """Return a successful write of one register."""
    time = START + at * SECOND
    return Exchange(
        time=time, source="a.pcap", frame=at + 1, sequence=4, channel=channel.channel, verb="write",
        operation="write_single_register", code="6", label="write_single_register 6",
        targets=(Target("holding_register", 3, 3),), values=(value,), answers=(), outcome="success", error_code=0,
        error="",
        latency=1_000, request_time=time, request_frame=at, response_frame=at + 1, repeats=0, detail={"min": 1},
        visibility="complete", flow="1:flow", client_port=50_000, excerpt=b"\x00\x01", offset=54, length=12,
    )  # fmt: skip


def change(channel: ChannelOpened, *, at: int = 1) -> ValueChange:
    """Return a changed register."""
    return ValueChange(
        START + at * SECOND,
        "a.pcap",
        at + 1,
        5,
        channel.channel,
        "holding_register",
        (3,),
        (7,),
        (6,),
        0,
        "complete",
    )


def alert(incident: str = "i-1", revision: int = 1, severity: str = "high", *, at: int = 0) -> Alert:
    """Return one revision of an incident last seen ``at`` seconds after the start."""
    time = START + at * SECOND
    return Alert(
        id="MB-001", name="Modbus write from unapproved master", version=1, severity=severity, risk=70.0,
        incident=incident, revision=revision, status="open", time=time, first=START, last=time, count=revision,
        targets=(Target("coil", 1, 2),), values=(1, 2.5, "x"), why={"b": 1, "a": "two"}, verdict=Verdict(kind="deny"),
        client=AssetView(id="a-1", name="hmi", ip="10.0.0.11"), frames=(1, 2), excerpt=b"\x00\xff", detail={"n": 0.5},
    )  # fmt: skip


def events(inventory: Inventory, kind: str = "") -> list[AssetEvent]:
    """Take the events, of one kind when it is named."""
    return [event for event in inventory.take_events() if kind in {"", event.kind}]


def by_ip(inventory: Inventory) -> dict[str, AssetRecord]:
    """Return the records by address."""
    return {record.ip: record for record in inventory.records()}


def give(sink: Sink, facts: Iterable[AnyFact], verdict: Verdict | None = None) -> None:
    """Let a sink take facts of which nothing more is known than the verdict."""
    for fact in facts:
        sink.take(Context(fact=fact, verdict=verdict))
