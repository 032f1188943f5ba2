"""A small site reported as facts: channels that poll, minute by minute, with whatever a test wants to be different."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from dissectors.context import Context
from dissectors.facts import (
    AnyFact,
    ChannelOpened,
    ChannelWindow,
    Endpoint,
    Exchange,
    OperationCount,
    OperationFirst,
    Target,
    TransitionCount,
    TransitionFirst,
)
from models import Approval, Baseline, Ensemble, Finding, Settings, Training, findings_of

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
START = 1_795_000_020 // 60 * MINUTE
APPROVAL = Approval(by="OT engineer on duty", ticket="CHG-1", role="OT engineer")
QUICK = Settings(period_seconds=60, trees=20, tree_samples=64)

READ = ("read", "read_holding_registers", "3", (Target("holding_register", 0, 9),))
COILS = ("read", "read_coils", "1", (Target("coil", 0, 7),))
WRITE = ("write", "write_multiple_registers", "16", (Target("holding_register", 100, 101),))
IDENTIFY = ("diagnostic", "read_device_identification", "43", ())
RESTART = ("control", "restart_communications", "8", ())

Operation = tuple[str, str, str, tuple[Target, ...]]


def label(operation: Operation) -> str:
    parts = [operation[1]]
    for target in operation[3]:
        parts.append(f"{target.kind}:{target.first}-{target.last}" if target.first >= 0 else target.kind)
    return " ".join(parts)


def opened(
    client: str = "10.0.0.10",
    server: str = "10.0.0.20",
    unit: str = "1",
    time: int = START,
    channel: str = "",
    state: str = "established",
    visibility: str = "complete",
) -> ChannelOpened:
    return ChannelOpened(
        time=time,
        source="site.pcap",
        frame=1,
        sequence=0,
        channel=channel or f"c-{client}-{server}-{unit}",
        protocol="modbus",
        unit=unit,
        transport="tcp",
        client=Endpoint(client, "00:00:5e:00:53:01", 40000),
        server=Endpoint(server, "00:00:5e:00:53:02", 502),
        vlan=0,
        state=state,
        decided_by="handshake",
        recognised_by="bytes",
        first=time,
        first_frame=1,
        flow="f-1",
        visibility=visibility,
    )


def first(channel: ChannelOpened, operation: Operation, time: int = START) -> OperationFirst:
    verb, name, code, targets = operation
    return OperationFirst(
        time, "site.pcap", 2, 0, channel.channel, verb, name, code, label(operation), targets, {}, "complete", "f-1", 1
    )


def followed(channel: ChannelOpened, one: Operation, two: Operation, time: int = START) -> TransitionFirst:
    return TransitionFirst(time, "site.pcap", 2, 0, channel.channel, label(one), label(two), "complete")


def exchange(
    channel: ChannelOpened,
    operation: Operation,
    time: int,
    values: tuple[int, ...] = (75, 20),
    outcome: str = "success",
) -> Exchange:
    verb, name, code, targets = operation
    return Exchange(
        time=time,
        source="site.pcap",
        frame=11,
        sequence=0,
        channel=channel.channel,
        verb=verb,
        operation=name,
        code=code,
        label=label(operation),
        targets=targets,
        values=values,
        answers=(),
        outcome=outcome,
        error_code=0,
        error="",
        latency=1_000_000,
        request_time=time,
        request_frame=10,
        response_frame=11,
        repeats=0,
        detail={},
        visibility="complete",
        flow="f-1",
        client_port=40000,
        excerpt=b"",
        offset=0,
        length=12,
    )


def count(
    operation: Operation, requests: int, fresh: bool = False, period: float = 1.0, **changes: int
) -> OperationCount:
    """One operation of a window: ``requests`` at a steady ``period`` (s); ``fresh`` when its first is among them."""
    gaps = requests - 1 if fresh else requests
    gap = int(period * 1e6)
    values = {
        "requests": requests,
        "failures": 0,
        "peak": max(1, round(1 / period)),
        "gap_count": gaps,
        "gap_sum": gaps * gap,
        "gap_squares": gaps * gap * gap,
        "gap_min": gap - 900 if gaps else 0,
        "gap_max": gap + 1100 if gaps else 0,
    }
    return OperationCount(label=label(operation), verb=operation[0], **{**values, **changes})


def window(
    channel: ChannelOpened,
    minute: int,
    operations: Sequence[OperationCount],
    transitions: Iterable[tuple[Operation, Operation, int]] = (),
    start: int = START,
    seconds: int = 60,
    **changes: object,
) -> ChannelWindow:
    begin = start + minute * MINUTE
    end = begin + seconds * SECOND
    requests = sum(one.requests for one in operations)
    values: dict[str, object] = {
        "time": end,
        "source": "site.pcap",
        "frame": 100 + minute,
        "sequence": 0,
        "channel": channel.channel,
        "start": begin,
        "end": end,
        "first_frame": 1 + 100 * minute,
        "last_frame": 100 * (minute + 1),
        "packets_client": requests,
        "packets_server": requests,
        "bytes_client": requests * 66 + minute % 3,
        "bytes_server": requests * 80 + minute % 5,
        "requests": requests,
        "responses": requests,
        "latency_count": requests,
        "latency_sum": requests * (900 + minute % 7),
        "latency_min": 500,
        "latency_max": 2000 + minute % 11,
        "operations": tuple(operations),
        "transitions": tuple(TransitionCount(label(one), label(two), n) for one, two, n in transitions),
        "visibility": "complete",
        "last": end - SECOND // 2,
        "places": (),
    }
    values.update(changes)
    for name in ChannelWindow.__struct_fields__:
        values.setdefault(name, 0)
    return ChannelWindow(**values)  # type: ignore[arg-type]


def polling(
    channel: ChannelOpened, minutes: int, begin: int = 0, odd: Callable[[int], Sequence[AnyFact] | None] | None = None
) -> list[AnyFact]:
    """A channel that reads registers and coils each second, one after the other; ``odd(minute)`` may replace a minute."""
    reported: list[AnyFact] = []
    if begin == 0:
        reported += [channel, first(channel, READ, START), first(channel, COILS, START + 1000)]
        reported += [followed(channel, READ, COILS, START + 1000), followed(channel, COILS, READ, START + SECOND)]
    for minute in range(begin, begin + minutes):
        replaced = odd(minute) if odd is not None else None
        if replaced is not None:
            reported += replaced
        else:
            reported.append(normal_minute(channel, minute))
    return reported


def normal_minute(channel: ChannelOpened, minute: int) -> ChannelWindow:
    fresh = minute == 0
    pairs = [(READ, COILS, 60), (COILS, READ, 59 if fresh else 60)]
    return window(channel, minute, [count(READ, 60, fresh), count(COILS, 60, fresh)], pairs)


def in_order(*stories: Sequence[AnyFact]) -> list[AnyFact]:
    return sorted((fact for story in stories for fact in story), key=_time)


def _time(fact: AnyFact) -> int:
    return fact.time


def train(
    facts: Sequence[AnyFact], settings: Settings = QUICK, approval: Approval | None = None, **reported: object
) -> Baseline:
    allowed = reported.pop("allowed", None)
    training = Training(settings, allowed)  # type: ignore[arg-type]
    channels: dict[str, ChannelOpened] = {}
    for fact in facts:
        if isinstance(fact, ChannelOpened):
            channels[fact.channel] = fact
        training.learn(Context(fact=fact, channel=channels.get(getattr(fact, "channel", ""))))
    return training.finish(approval, **reported)  # type: ignore[arg-type]


def judge(baseline: Baseline, facts: Sequence[AnyFact]) -> list[Finding]:
    return findings_of(Ensemble(baseline), facts)


def alerts(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(finding.alert, finding.reason) for finding in findings]
