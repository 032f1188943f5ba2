"""Frames that come twice are counted and read all the same; what a station sends again on purpose is not counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dissectors.wire.doubles import DOUBLE_NANOSECONDS
from tests.dissectors.harness import Packet, health, run, talk


def mirrored(packets: list[Packet], after: int) -> list[Packet]:
    """Every packet and its copy."""
    return [copy for packet in packets for copy in (packet, replace(packet, time=packet.time + after))]


@pytest.mark.parametrize("after", [0, 1_000, DOUBLE_NANOSECONDS])
def test_every_frame_of_a_link_that_is_mirrored_twice_is_counted_once(after: int) -> None:
    packets = talk().packets()
    counters = health(run(mirrored(packets, after)))
    assert counters["duplicate_frames"] == len(packets)
    assert counters["packets"] == 2 * len(packets)


def test_a_third_copy_begins_another_pair() -> None:
    packet = talk().packets()[0]
    assert health(run([packet] * 3))["duplicate_frames"] == 1
    assert health(run([packet] * 4))["duplicate_frames"] == 2


def test_a_frame_that_is_sent_again_later_or_differs_in_one_byte_is_not_doubled() -> None:
    packets = talk().packets()
    assert "duplicate_frames" not in health(run(packets))
    assert "duplicate_frames" not in health(run(mirrored(packets, DOUBLE_NANOSECONDS + 1)))
    for place in (0, len(packets[0].data) - 1):
        data = bytearray(packets[0].data)
        data[place] ^= 1
        assert "duplicate_frames" not in health(run([packets[0], replace(packets[0], data=bytes(data))]))
