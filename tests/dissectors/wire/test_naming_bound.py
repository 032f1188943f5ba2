"""A flood of sources that never come again opens a bounded number of channels in a window; the others are counted, not lost for ever."""

from __future__ import annotations

from dissectors.facts import ChannelOpened, Sighting
from sensor.worker import Worker
from tests.dissectors.harness import SECOND, START, Packet, ethernet, health, ip4, of, run, udp


def datagrams(count: int, time: int = START) -> list[Packet]:
    return [
        Packet(ethernet(ip4(udp(b"xx", 4000 + number, 9), 17, f"10.2.{number // 250}.{number % 250}")), time)
        for number in range(count)
    ]


def test_more_sources_than_a_window_opens_are_counted_once_each() -> None:
    worker = Worker()
    worker.wire.naming.limit = 10
    facts = run(datagrams(25) + datagrams(25, START + SECOND), worker)
    assert len(of(facts, ChannelOpened)) == 10
    assert health(facts)["conversations_passed_over"] == 15


def test_who_still_speaks_in_the_next_window_is_opened_in_it() -> None:
    worker = Worker()
    worker.wire.naming.limit = 10
    facts = run(datagrams(15) + datagrams(15, START + 70 * SECOND), worker)
    assert len({fact.channel for fact in of(facts, ChannelOpened)}) >= 15


def test_an_ordinary_window_counts_nothing() -> None:
    facts = run(datagrams(15))
    assert "conversations_passed_over" not in health(facts)
    assert len(of(facts, Sighting)) == 15
