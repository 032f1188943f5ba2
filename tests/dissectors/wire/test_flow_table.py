"""The table of flows: a full one forgets those idle longest, and tells of them first."""

from __future__ import annotations

from collections import Counter

from dissectors.facts import ChannelOpened, Exchange
from sensor.worker import Worker
from tests.dissectors.harness import (
    ACK,
    MILLISECOND,
    SECOND,
    START,
    SYN,
    Packet,
    Segment,
    ethernet,
    feed,
    health,
    ip4,
    of,
    run,
    talk,
    tcp,
    total,
)


def address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def syn(source: str, target: str = "10.200.0.1", port: int = 40000, to: int = 502, time: int = START) -> Packet:
    return Packet(ethernet(ip4(tcp(b"", port, to, sequence=1, flags=SYN), 6, source, target)), time)


def test_a_full_table_of_flows_forgets_the_ones_idle_longest() -> None:
    worker = Worker()
    worker.wire.flows.table.limit = 100
    kept = talk()
    facts = feed(worker, kept.packets(kept.segments[:5]))
    for number in range(1000):
        facts += feed(worker, [syn(address(number), time=START + SECOND + number * MILLISECOND)])
        facts += feed(worker, kept.packets([Segment(0, 1, b"", ACK, START + SECOND + number * MILLISECOND)]))
    assert worker.wire.flows.table.count <= 100
    late = [Segment(s.side, s.sequence, s.data, s.flags, s.time + 3 * SECOND, s.acked) for s in kept.segments[5:]]
    facts += [*feed(worker, kept.packets(late)), *worker.finish()]
    mine = list(of(facts, Exchange))
    assert [fact.visibility for fact in mine] == ["complete"] * 4
    assert health(facts)["evicted_flows"] == worker.wire.flows.evicted >= 900


def test_evicted_flows_are_reported_before_they_go() -> None:
    worker = Worker()
    worker.wire.flows.table.limit = 50
    facts = run([syn(address(number), time=START + number * MILLISECOND) for number in range(400)], worker)
    assert Counter(fact.state for fact in of(facts, ChannelOpened)) == {"unanswered": 400}
    assert total(facts, "attempts") == 400
