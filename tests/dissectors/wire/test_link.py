"""The link layer: VLAN tags are part of the channel."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dissectors.harness import (
    IP4,
    Packet,
    channels,
    ethernet,
    reported,
    run,
    talk,
    vlan,
)

TALK = talk()


TRUTH = reported(run(TALK.packets()))


PLAIN = [TALK.frame(segment) for segment in TALK.segments]


@pytest.mark.parametrize(
    ("tags", "numbers"),
    [
        (lambda body: (vlan(body, IP4, 12), 0x8100), (12, 0)),
        (lambda body: (vlan(body, IP4, 0x6000 | 12), 0x8100), (12, 0)),
        (lambda body: (vlan(vlan(body, IP4, 34), 0x8100, 12), 0x88A8), (12, 34)),
        (lambda body: (vlan(vlan(body, IP4, 34), 0x8100, 12), 0x8100), (12, 34)),
    ],
)
def test_tags_are_read_and_part_of_the_channel(
    tags: Callable[[bytes], tuple[bytes, int]], numbers: tuple[int, int]
) -> None:
    packets = [
        Packet(ethernet(*tags(frame[14:])), segment.time) for frame, segment in zip(PLAIN, TALK.segments, strict=True)
    ]
    facts = run(packets)
    (channel,) = channels(facts, "modbus")
    assert (channel.vlan, channel.inner_vlan) == numbers
    assert [row[0] for row in reported(facts)] == [row[0] for row in TRUTH]
    assert channel.channel != TRUTH[0][1]
