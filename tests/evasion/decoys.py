"""Decoys: a segment in the place of the real one, which the target drops."""

from __future__ import annotations

import struct

from tests.dissectors.harness import PSH, read
from tests.evasion.kind import AGAIN, CHECKSUM, DECOY, TWO, kind
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
