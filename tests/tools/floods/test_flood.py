"""Each flood is what its name says: packets that the worker reads, of as many sources as it claims."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from dissectors.facts import ChannelOpened, Exchange, Health, Sighting, ValueChange, Violation
from sensor.capture.reader import read
from sensor.worker import Worker
from tools.floods.flood import FLOODS
from tools.floods.measure import START, write

SMALL = 0.001
SIGNS = {
    "syn": (ChannelOpened, "unanswered"),
    "udp": (ChannelOpened, "attempted"),
    "arp": (ChannelOpened, "arp"),
    "modbus": (ChannelOpened, "modbus"),
    "dnp3-pairs": (ChannelOpened, "dnp3"),
    "units": (ChannelOpened, "modbus"),
    "identities": (Sighting, "lldp"),
    "plc-stops": (Exchange, "start_stop"),
    "dnp3-points": (ChannelOpened, "dnp3"),
    "fragments": (ChannelOpened, "s7comm"),
    "numbers": (ChannelOpened, "modbus"),
    "violations": (Violation, "dnp3"),
    "clock": (Health, "clock_jumps"),
}


@pytest.mark.parametrize("flood", FLOODS, ids=[flood.name for flood in FLOODS])
def test_the_worker_reads_in_each_flood_what_it_is_a_flood_of(tmp_path: Path, flood) -> None:  # type: ignore[no-untyped-def]
    capture = tmp_path / "flood.pcap"
    written = write(flood, capture, SMALL)
    worker = Worker()
    reading = read([capture], worker.wire)
    facts = worker.finish()
    kind, word = SIGNS[flood.name]
    assert reading.files[0].packets == written
    assert not reading.problems
    assert sum(1 for fact in facts if type(fact) is kind and word in repr(fact)) > 0
    assert not [fact for fact in facts if isinstance(fact, ValueChange) and word not in repr(fact)]


def test_sources_of_the_large_floods_never_come_again() -> None:
    for flood in FLOODS[:3]:
        frames = list(islice(flood.packets(5_000), 5_000))
        assert len({frame[6:] for frame in frames}) == 5_000


def test_packets_are_in_the_order_of_their_time(tmp_path: Path) -> None:
    write(FLOODS[0], tmp_path / "a.pcap", SMALL)
    worker = Worker()
    read([tmp_path / "a.pcap"], worker.wire)
    assert int(worker.wire.clock.first) == START
    assert int(worker.wire.clock.jumps) == 0
