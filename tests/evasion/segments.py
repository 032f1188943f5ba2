"""Segments that overlap, lie elsewhere, or come when nobody waits for them any more."""

from __future__ import annotations

from tests.dissectors.harness import ACK, PSH, registers
from tests.evasion.kind import AGAIN, TWO, kind
from tests.evasion.talker import ATTACK, HARMLESS, Talker

URG = 32


@kind("the end of a segment is sent first, with other bytes", TWO)
def overlap_from_the_end() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS[6:], sequence=it.sent[0] + 6)
    it.attack()
    return it


@kind("a segment in the middle of another is sent first, with other bytes", TWO)
def overlap_contained() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS[6:9], sequence=it.sent[0] + 6)
    it.attack()
    return it


@kind("a second segment overlaps the end of the first with other bytes", TWO)
def overlap_last() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS[:9])
    it.segment(0, ATTACK[5:], sequence=it.sent[0] + 5)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("the first of two overlapping segments holds the write", TWO)
def overlap_first() -> Talker:
    it = Talker()
    it.segment(0, ATTACK[:9])
    it.segment(0, HARMLESS[5:9] + ATTACK[9:], sequence=it.sent[0] + 5)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("a segment far outside of the window")
def out_of_window() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, sequence=it.sent[0] + 900_000)
    it.attack()
    return it


@kind("the write in two segments, late and the end first, behind a read that came before it")
def late_into_a_hole() -> Talker:
    it = Talker()
    it.segment(0, AGAIN, sequence=it.sent[0] + 12)
    it.wait(0.6)
    it.segment(0, ATTACK[5:], sequence=it.sent[0] + 5)
    it.say(0, ATTACK[:5])
    it.sent[0] += 7 + len(AGAIN)
    it.say(1, ATTACK)
    it.say(1, registers(8, 1, 2))
    return it


@kind("the write in one segment a byte, late, behind a read that came before it")
def late_byte_by_byte() -> Talker:
    it = Talker()
    it.segment(0, AGAIN, sequence=it.sent[0] + 12)
    it.wait(0.6)
    for byte in ATTACK:
        it.say(0, bytes((byte,)))
    it.sent[0] += len(AGAIN)
    it.say(1, ATTACK)
    it.say(1, registers(8, 1, 2))
    return it


@kind("an acknowledgement of the write in the server's name, before the write", TWO)
def acknowledged_before() -> Talker:
    it = Talker()
    it.segment(1, registers(9, 1, 2), acked=it.sent[0] + 12, ttl=2)
    it.wait(0.6)
    it.attack()
    return it


@kind("an urgent byte that the target takes out of the stream", TWO)
def urgent_byte() -> Talker:
    it = Talker()
    it.segment(0, ATTACK[:4] + b"!" + ATTACK[4:], flags=ACK | PSH | URG, urgent=5)
    it.sent[0] += 13
    it.say(1, ATTACK)
    return it


@kind("an urgent byte in a message of two segments, the end sent first", TWO)
def urgent_byte_of_parts() -> Talker:
    it = Talker()
    data = ATTACK[:4] + b"!" + ATTACK[4:]
    it.segment(0, data[2:6], sequence=it.sent[0] + 2, flags=ACK | PSH | URG, urgent=3)
    it.segment(0, data[:2])
    it.segment(0, data[6:], sequence=it.sent[0] + 6)
    it.sent[0] += 13
    it.say(1, ATTACK)
    return it


@kind("a pointer to an urgent byte in an acknowledgement before the message", TWO)
def urgent_byte_to_come() -> Talker:
    it = Talker()
    it.segment(0, b"", flags=ACK | URG, urgent=5)
    it.say(0, ATTACK[:4] + b"!" + ATTACK[4:])
    it.say(1, ATTACK)
    return it


@kind("a pointer to an urgent byte of the message in the segment before it", TWO)
def urgent_byte_of_the_next() -> Talker:
    it = Talker()
    it.segment(0, AGAIN, flags=ACK | PSH | URG, urgent=17)
    it.sent[0] += 12
    it.say(0, ATTACK[:4] + b"!" + ATTACK[4:])
    it.say(1, registers(8, 1, 2))
    it.say(1, ATTACK)
    return it


@kind("an urgent byte in a message that comes late into a hole", TWO)
def urgent_byte_in_a_hole() -> Talker:
    it = Talker()
    it.segment(0, b"\x00", sequence=it.sent[0] + 13)
    it.wait(1.0)
    it.segment(0, ATTACK[:4] + b"!" + ATTACK[4:], flags=ACK | PSH | URG, urgent=5)
    it.sent[0] += 13
    it.say(1, ATTACK)
    return it
