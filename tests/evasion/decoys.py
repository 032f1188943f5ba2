"""Decoys: a segment in the place of the real one, which the target drops."""

from __future__ import annotations

import struct

from tests.dissectors.harness import ACK, PSH, read, registers
from tests.evasion.kind import AGAIN, CHECKSUM, DECOY, OVERLAP, TWO, kind
from tests.evasion.talker import ATTACK, HARMLESS, Talker

OLD_TIME = b"\x01\x01\x08\x0a" + struct.pack("!II", 1, 1)
SIGNATURE = b"\x01\x01\x13\x12" + bytes(16)


@kind("decoy with a wrong TCP checksum", DECOY)
def decoy_checksum() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, wrong=True)
    it.attack()
    return it


@kind("decoy with a wrong IP checksum", DECOY)
def decoy_ip_checksum() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, wrong_ip=True)
    it.attack()
    return it


@kind("decoy whose time to live ends before the target", TWO)
def decoy_low_ttl() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, ttl=2)
    it.attack()
    return it


@kind("two decoys with wrong checksums, one behind the other", DECOY)
def double_decoy_checksum() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, wrong=True)
    it.segment(0, AGAIN, sequence=it.sent[0] + 12, wrong=True)
    it.attack()
    return it


@kind("two decoys with a low time to live, one behind the other", TWO)
def double_decoy_low_ttl() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, ttl=2)
    it.segment(0, AGAIN, sequence=it.sent[0] + 12, ttl=2)
    it.attack()
    return it


@kind("twelve decoys with wrong checksums, one behind the other", DECOY)
def many_decoys() -> Talker:
    it = Talker()
    for number in range(12):
        it.segment(0, read(10 + number, 0, 2), sequence=it.sent[0] + 12 * number, wrong=True)
    it.attack()
    return it


@kind("twelve decoys with a low time to live, one behind the other", TWO)
def many_decoys_low_ttl() -> Talker:
    it = Talker()
    for number in range(12):
        it.segment(0, read(10 + number, 0, 2), sequence=it.sent[0] + 12 * number, ttl=2)
    it.attack()
    return it


@kind("two decoys in the same place", DECOY, CHECKSUM)
def decoys_in_one_place() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, wrong=True)
    it.segment(0, AGAIN, wrong=True)
    it.attack()
    return it


@kind("decoy with an old timestamp (PAWS)", TWO)
def decoy_old_timestamp() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, options=OLD_TIME)
    it.attack()
    return it


@kind("decoy with an MD5 signature option", TWO)
def decoy_signature() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, options=SIGNATURE)
    it.attack()
    return it


@kind("decoy without the ACK flag", TWO)
def decoy_without_ack() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, flags=PSH)
    it.attack()
    return it


@kind("decoy that acknowledges what was never sent", TWO)
def decoy_acknowledges_ahead() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, acked=500_000_000)
    it.attack()
    return it


@kind("a message in two segments, each behind a decoy with a wrong checksum", DECOY)
def decoys_of_parts() -> Talker:
    it = Talker()
    for part in (slice(0, 6), slice(6, 12)):
        it.segment(0, HARMLESS[part], wrong=True)
        it.say(0, ATTACK[part])
    it.say(1, ATTACK)
    return it


@kind("a message in two segments, each behind a decoy with a low time to live", TWO)
def decoys_of_parts_low_ttl() -> Talker:
    it = Talker()
    for part in (slice(0, 9), slice(9, 12)):
        it.segment(0, HARMLESS[part], ttl=2)
        it.say(0, ATTACK[part])
    it.say(1, ATTACK)
    return it


@kind("three versions of the begin of a message, the right one between two decoys", TWO)
def three_versions() -> Talker:
    it = Talker()
    it.segment(0, b"\x55" * 3, ttl=2)
    it.segment(0, ATTACK[:3])
    it.segment(0, b"\x66" * 3, ttl=2)
    it.segment(0, ATTACK[3:], sequence=it.sent[0] + 3)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("a decoy of the whole message, and the right bytes one by one", TWO)
def decoy_and_single_bytes() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, ttl=2)
    for byte in ATTACK:
        it.say(0, bytes((byte,)))
    it.say(1, ATTACK)
    return it


@kind("a decoy that differs in one byte, sent again behind the right begin of the message", TWO)
def decoy_twice() -> Talker:
    it = Talker()
    it.segment(0, ATTACK[:2] + b"\x55" + ATTACK[3:], ttl=2)
    it.segment(0, ATTACK[:3])
    it.segment(0, ATTACK[:2] + b"\x55" + ATTACK[3:])
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("a decoy and an acknowledgement of it in the server's name, with other bytes between it and the message", OVERLAP)
def decoy_acknowledged() -> Talker:
    it = Talker()
    it.segment(0, b"\x55", ttl=2)
    it.segment(1, b"", acked=it.sent[0] + 1, flags=ACK, ttl=2)
    it.segment(0, ATTACK[1:4], sequence=it.sent[0] + 1, ttl=2)
    it.segment(1, b"", acked=it.sent[0] + 4, flags=ACK, ttl=2)
    it.attack()
    return it


@kind("a decoy that is a message and is acknowledged in the server's name, a byte behind it as well", OVERLAP)
def decoy_message_acknowledged() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, ttl=2)
    it.segment(1, b"", acked=it.sent[0] + 12, flags=ACK, ttl=2)
    it.segment(0, b"\x00", sequence=it.sent[0] + 12, ttl=2)
    it.segment(1, b"", acked=it.sent[0] + 13, flags=ACK, ttl=2)
    it.attack()
    return it


@kind("a decoy and seventy segments of a byte behind it, before the message", TWO)
def decoy_and_many_bytes() -> Talker:
    it = Talker()
    it.segment(0, b"\x55", ttl=2)
    decoys = ATTACK + AGAIN * 6
    for place in range(1, 70):
        it.segment(0, decoys[place : place + 1], sequence=it.sent[0] + place, ttl=2)
    it.attack()
    return it


@kind(
    "a decoy in front of a hole that an acknowledgement in the server's name made, the message in two parts",
    TWO,
    OVERLAP,
)
def decoy_before_a_hole() -> Talker:
    it = Talker()
    it.segment(0, b"\x55" * 4, ttl=2)
    it.segment(1, registers(9, 1, 2), acked=it.sent[0] + 20, ttl=2)
    it.wait(0.1)
    it.say(0, ATTACK[:7])
    it.say(0, ATTACK[7:])
    it.say(1, ATTACK)
    return it


@kind("decoy that begins a long message in the byte before the write, which comes with the next question", OVERLAP, TWO)
def decoy_one_byte_before() -> Talker:
    it = Talker()
    it.segment(0, b"\x03\x09\x00\x00\x00\xfc\x01", sequence=it.sent[0] - 1, ttl=2)
    it.say(0, ATTACK + AGAIN)
    it.say(1, ATTACK)
    return it
