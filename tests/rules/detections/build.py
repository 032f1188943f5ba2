"""Builders of stories: two stations that talk, with the facts their conversation makes, and events of other kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dissectors.context import AssetEvent, AssetView, Context, Event, FindingEvent, SensorEvent, Verdict
from dissectors.facts import (
    ChannelOpened,
    ChannelWindow,
    Endpoint,
    Exchange,
    Health,
    OperationCount,
    OperationFirst,
    Sighting,
    Target,
    Value,
    Violation,
    Visibility,
)
from dissectors.finding import Contribution, Finding
from rules.detections.alert import Alert
from rules.detections.engine import Detections
from tests.dissectors.vocabulary import OPERATIONS

START = 1_700_000_000_000_000_000
SECOND = 1_000_000_000
Input = Event | int
"""What an engine is fed: an event, or an int for a tick at that packet time."""


def at(seconds: float) -> int:
    """Return the packet time so many seconds after the start of the story."""
    return START + round(seconds * SECOND)


def asset(ip: str, **changes: object) -> AssetView:
    """Return an asset of level 1 or 2 that the policy knows."""
    fields: dict[str, object] = {"id": f"a-{ip}", "name": f"host-{ip.rpartition('.')[2]}", "ip": ip, "zone": "z-cell"}
    fields.update(level="1", role="plc", known=True)
    fields.update(changes)
    return AssetView(**fields)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Talk:
    """A client and a server over one protocol; its methods make the contexts of their conversation."""

    protocol: str = "modbus"
    port: int = 502
    unit: str = "1"
    client: str = "10.0.0.11"
    server: str = "10.0.0.21"
    transport: str = "tcp"
    verdict: Verdict | None = None
    visibility: str = "complete"
    network: str = ""
    recognised_by: str = "bytes"
    client_view: AssetView | None = None
    server_view: AssetView | None = None

    def but(self, **changes: object) -> Talk:
        """Return the same conversation with changes."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def channel(self, state: str = "established", seconds: float = 0.0) -> ChannelOpened:
        """Return the channel of this conversation."""
        return ChannelOpened(
            time=at(seconds),
            source="story",
            frame=1 + int(seconds * 10),
            sequence=0,
            channel=f"{self.client}>{self.server}:{self.port}/{self.protocol}/{self.unit}",
            protocol=self.protocol,
            unit=self.unit,
            transport=self.transport,
            client=Endpoint(self.client, "02:00:00:00:00:11", 40000),
            server=Endpoint(self.server, "02:00:00:00:00:21", self.port),
            vlan=0,
            state=state,
            decided_by="handshake",
            recognised_by=self.recognised_by,
            first=at(seconds),
            first_frame=1 + int(seconds * 10),
            flow="1:flow",
            visibility=self.visibility,
            network=self.network,
        )

    def context(self, fact: object, state: str = "established") -> Context:
        """Return the fact with the stations around it."""
        return Context(
            fact=fact,  # type: ignore[arg-type]
            channel=fact if isinstance(fact, ChannelOpened) else self.channel(state),
            client=self.client_view or asset(self.client, role="hmi", level="2"),
            server=self.server_view or asset(self.server),
            verdict=self.verdict,
        )

    def opened(self, seconds: float = 0.0, state: str = "established") -> Context:
        """Return the opening of the conversation."""
        return self.context(self.channel(state, seconds))

    def ask(
        self,
        operation: str,
        seconds: float = 0.0,
        *,
        code: str = "",
        verb: str = "control",
        targets: Sequence[Target] = (),
        values: Sequence[Value] = (),
        outcome: str = "success",
        error: str = "",
        error_code: int = 0,
        detail: Mapping[str, Value] | None = None,
        repeats: int = 0,
    ) -> Context:
        """Return one exchange."""
        label = " ".join([operation, *(f"{target.kind}:{target.first}" for target in targets)])
        answered = outcome in {"success", "failure", "unmatched"}
        return self.context(
            Exchange(
                time=at(seconds),
                source="story",
                frame=10 + int(seconds * 10),
                sequence=0,
                channel=self.channel().channel,
                verb=verb,
                operation=operation,
                code=code or operation,
                label=label,
                targets=tuple(targets),
                values=tuple(values),
                answers=(),
                outcome="failure" if error and outcome == "success" else outcome,
                error_code=error_code or (1 if error else 0),
                error=error,
                latency=1_000_000,
                request_time=at(seconds) - 1_000_000,
                request_frame=0 if outcome == "unmatched" else 9 + int(seconds * 10),
                response_frame=10 + int(seconds * 10) if answered else 0,
                repeats=repeats,
                detail=dict(detail or {}),
                visibility=self.visibility,
                flow="1:flow",
                client_port=40000,
                excerpt=b"\x00\x01",
                offset=54,
                length=12,
            )
        )

    def first(self, operation: str, seconds: float, targets: Sequence[Target] = (), verb: str = "read") -> Context:
        """Return the first time of an operation."""
        return self.context(
            OperationFirst(
                time=at(seconds), source="story", frame=10, sequence=0, channel=self.channel().channel, verb=verb,
                operation=operation, code=operation, label=operation, targets=tuple(targets), detail={},
                visibility=self.visibility, flow="1:flow", client_port=40000,
            )
        )  # fmt: skip

    def window(self, seconds: float, operations: Sequence[OperationCount] = (), **numbers: int) -> Context:
        """Return the minute that ends at ``seconds``."""
        fields = dict.fromkeys(ChannelWindow.__struct_fields__[4:], 0)
        values: dict[str, object] = {
            **fields, "time": at(seconds), "source": "story", "frame": 10, "sequence": 0,
            "channel": self.channel().channel, "start": at(seconds - 60), "end": at(seconds),
            "operations": tuple(operations), "transitions": (), "visibility": self.visibility, **numbers,
        }  # fmt: skip
        return self.context(ChannelWindow(**values))  # type: ignore[arg-type]

    def violation(self, name: str, seconds: float = 0.0, *, from_client: bool = True, protocol: str = "") -> Context:
        """Return a violation."""
        return self.context(
            Violation(
                time=at(seconds), source="story", frame=10 + int(seconds * 10), sequence=0,
                channel=self.channel().channel, protocol=protocol or self.protocol, name=name, at=2,
                clause="section 4", text=f"the field says {name}", from_client=from_client,
                visibility=self.visibility, flow="1:flow", client_port=40000, excerpt=b"\x00", offset=54, length=9,
            )
        )  # fmt: skip

    def seen_as(self, state: str, seconds: float = 0.0, missing_bytes: int = 0) -> Context:
        """Return a change of visibility."""
        return self.context(
            Visibility(at(seconds), "story", 10, 0, self.channel().channel, state, "TLS handshake", missing_bytes)
        )


MB = Talk()
DNP = Talk(protocol="dnp3", port=20000, unit="1>10")
S7 = Talk(protocol="s7comm", port=102, unit="0/2")
TCP = Talk(protocol="", port=8080, unit="")
REGISTER = (Target("holding_register", 100, 100),)
POINT = (Target("g12v1", 3, 3),)
ALLOW = Verdict(kind="allow", rule="R-1")

Story = tuple[Sequence[Input], Sequence[Input]]
"""What fires an alert and what stays silent."""


def lacks(missing: str, **fields: Any) -> Verdict:
    """Return a default deny that lacks one dimension."""
    return Verdict(kind="default-deny", missing=missing, **fields)


def each(count: int, make: Callable[[int], Input]) -> list[Input]:
    """Return ``count`` inputs, made from 0, 1, 2, ..."""
    return [make(number) for number in range(count)]


def write(seconds: float, value: int = 1, talk: Talk = MB, **fields: Any) -> Context:
    """Return a write of one register."""
    return talk.ask(
        "write_single_register", seconds, code="6", verb="write", targets=REGISTER, values=(value,), **fields
    )


def order(operation: str, seconds: float = 0.0, talk: Talk = DNP, **fields: Any) -> Context:
    """Return a DNP3 request."""
    return talk.ask(operation, seconds, **fields)


def job(operation: str, seconds: float = 0.0, **fields: Any) -> Context:
    """Return an S7 job."""
    return S7.ask(operation, seconds, **fields)


def refused(
    code: str, seconds: float, error: str = "illegal_function", talk: Talk = MB, *, repeats: int = 0
) -> Context:
    """Return a refused request; another code is another operation."""
    operations = sorted(OPERATIONS[talk.protocol])
    operation = operations[int(code.partition("/")[0]) % len(operations)]
    return talk.ask(operation, seconds, code=code, verb="read", error=error, repeats=repeats)


def counted(label: str, verb: str, requests: int, *, failures: int = 0, peak: int = 0, gap: int = 0) -> OperationCount:
    """Return the count of one operation in a window; ``gap`` is the even gap in microseconds."""
    gaps = max(0, requests - 1) if gap else 0
    return OperationCount(label, verb, requests, failures, peak, gaps, gap * gaps, 0, gap, gap)


def health(seconds: float, unread: Mapping[str, int] | None = None, **counters: int) -> Context:
    """Return the counters of the minute that ends at ``seconds``, and what was not read in it."""
    return Context(
        fact=Health(at(seconds), "story", 0, 0, at(seconds - 60), at(seconds), "eth1", counters, unread or {})
    )


def asked_for(seconds: float, address: str) -> Context:
    """Return an ARP request for an address."""
    mac = "02:00:00:00:00:66"
    return Context(
        fact=Sighting(at(seconds), "story", 5, 0, "10.0.0.66", mac, 0, "arp", "", "asked_for", address, "arp", "strong")
    )


def event(kind: str, seconds: float = 0.0, *, view: AssetView | None = None, **fields: object) -> AssetEvent:
    """Return a change of the inventory."""
    values: dict[str, object] = {"source": "story", "frames": (3, 4), "method": "arp"}
    values.update(fields)
    return AssetEvent(kind=kind, asset=view or asset("10.0.0.21"), time=at(seconds), **values)  # type: ignore[arg-type]


def report(kind: str, seconds: float = 0.0, **fields: str) -> SensorEvent:
    """Return something that happened to the sensor."""
    return SensorEvent(
        kind=kind, time=at(seconds), source="eth1", subject=fields.get("subject", "policy.yaml"), observed="line 3"
    )


def odd(alert: str, seconds: float = 0.0, context: Context | None = None, **fields: object) -> FindingEvent:
    """Return what a model found odd on a channel, with the context around it."""
    given: dict[str, object] = {
        "reason": f"M.{alert}", "model": "M1 novelty", "source": "story", "frames": (7, 9), "first": at(seconds),
        "last": at(seconds), "expected": "Reads of 20 input registers.", "observed": "One register alone, 40 times.",
        "support": "Learned from 9 minutes and 2160 requests.", "baseline": "ab" * 32,
        "contributions": (Contribution("object", 0.7, "input_register 3", "input_register 0-19"),),
        "channel": context.channel.channel if context is not None and context.channel is not None else "",
    }  # fmt: skip
    given.update(fields)
    finding = Finding(alert=alert, time=at(seconds), **given)  # type: ignore[arg-type]
    return FindingEvent(finding=finding, context=context)


def feed(engine: Detections, story: Sequence[Input]) -> list[Alert]:
    """Feed a story without ending it."""
    alerts: list[Alert] = []
    for one in story:
        alerts += engine.tick(one) if isinstance(one, int) else engine.see(one)
    return alerts


def run(story: Sequence[Input], settings: Mapping[str, Mapping[str, float]] | None = None) -> list[Alert]:
    """Feed a story to a new engine and end it a day later."""
    engine = Detections(settings or {}, "sensor-1", "epoch-1")
    return feed(engine, story) + engine.finish(at(86_400))


def order_of(context: Context) -> str:
    """Return the label of the operation of a context."""
    assert isinstance(context.fact, Exchange)
    return context.fact.label
