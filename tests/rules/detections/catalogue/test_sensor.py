"""The alerts on doubled frames and on streams that are lost are raised by what the wire counts, not by invented counters."""

from __future__ import annotations

from collections.abc import Sequence

from dissectors.context import Context
from dissectors.facts import Health
from tests.dissectors.harness import Conversation, Packet, of, read, registers, run, talk
from tests.rules.detections.build import run as judge


def raised(packets: Sequence[Packet]) -> dict[str, str]:
    """Return the alerts of the sensor's own counters, with what was observed."""
    story = [Context(fact=fact) for fact in of(run(packets), Health)]
    return {alert.id: alert.observed for alert in judge(story)}


def polled(lost: int) -> list[Packet]:
    """Polls whose answers hold bytes that are no message, ``lost`` times."""
    it = Conversation().handshake()
    for number in range(1, 31):
        it.say(0, read(number, 0, 2))
        it.say(1, (b"\xff" * 9 if number <= lost else b"") + registers(number, 1, 2))
    return it.packets()


def test_a_link_that_is_mirrored_twice_raises_frames_doubled() -> None:
    it = talk()
    packets = it.packets()
    copies = sum(1 for segment in it.segments if segment.data)
    assert "SEN-005" not in raised(packets)
    said = raised([copy for one in packets for copy in (one, one)])["SEN-005"]
    assert f"{copies} of {2 * len(packets)} frames were copies" in said


def test_streams_that_keep_losing_their_place_raise_dissector_refuses() -> None:
    assert "SEN-007" not in raised(polled(9))
    assert "lost their place 10 times" in raised(polled(10))["SEN-007"]
