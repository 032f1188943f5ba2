"""Fragments and headers of IP."""

from __future__ import annotations

import struct

from tests.evasion.kind import CHECKSUM, FRAGMENTS, TWO, kind
from tests.evasion.talker import ATTACK, HARMLESS, Talker, ip4


@kind("a TCP header cut into tiny fragments")
def tiny_fragments() -> Talker:
    it = Talker()
    for part in it.fragments(it.tcp(0, ATTACK), 8, 16, 24):
        it.fragment(*part)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


def _in_fragments(six: bool, order: str) -> Talker:
    """A write in fragments, whose last part also comes with the bytes of a read: before it, behind it, or in a part of it."""
    it = Talker(six=six)
    whole, other = it.tcp(0, ATTACK), it.tcp(0, HARMLESS)
    (at, head, more), (middle, evil, _) = it.fragments(whole, 24)
    decoy = other[24:]
    if order == "first":
        it.fragment(middle, decoy, False)
        it.fragment(middle, evil, False)
        it.fragment(at, head, more)
    elif order == "last":
        it.fragment(middle, evil, False)
        it.fragment(middle, decoy, False)
        it.fragment(at, head, more)
    elif order == "behind":
        it.fragment(at, head, more)
        it.fragment(middle, decoy, False)
        it.fragment(middle, evil, False)
    else:
        it.fragment(24, other[24:], False)
        it.fragment(0, whole[:16] + other[16:24], True)
        it.fragment(16, whole[16:], False)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("IPv4 fragments: other bytes before those that count", FRAGMENTS)
def fragments_other_first() -> Talker:
    return _in_fragments(False, "first")


@kind("IPv4 fragments: other bytes behind those that count", FRAGMENTS)
def fragments_other_last() -> Talker:
    return _in_fragments(False, "last")


@kind("IPv4 fragments: the datagram is whole before the bytes that count come", FRAGMENTS)
def fragments_behind() -> Talker:
    return _in_fragments(False, "behind")


@kind("IPv4 fragments: one covers parts of two others", FRAGMENTS, TWO)
def fragments_contained() -> Talker:
    return _in_fragments(False, "contained")


@kind("an IPv4 fragment with a wrong header checksum before the real one", CHECKSUM)
def fragment_checksum() -> Talker:
    it = Talker()
    whole, other = it.tcp(0, ATTACK), it.tcp(0, HARMLESS)
    it.fragment(0, whole[:24], True)
    it.fragment(24, other[24:], False, wrong=True)
    it.fragment(24, whole[24:], False)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("IPv6 fragments: other bytes before those that count", FRAGMENTS)
def fragments6_other_first() -> Talker:
    return _in_fragments(True, "first")


@kind("IPv6 fragments: the datagram is whole before the bytes that count come", FRAGMENTS)
def fragments6_behind() -> Talker:
    return _in_fragments(True, "behind")


@kind("IPv6 fragments: the last names another next header")
def fragments6_next_header() -> Talker:
    it = Talker(six=True)
    first, last = it.fragments(it.tcp(0, ATTACK), 24)
    it.fragment(*first)
    it.fragment(*last, following=17)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("IPv6 fragments: options behind the fragment header")
def fragments6_options() -> Talker:
    it = Talker(six=True)
    payload = struct.pack("!BB", 6, 0) + b"\x01\x04" + bytes(4) + it.tcp(0, ATTACK)
    for part in it.fragments(payload, 24):
        it.fragment(*part, following=60)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("the write behind an Authentication Header")
def behind_authentication() -> Talker:
    it = Talker()
    payload = it.tcp(0, ATTACK)
    it.put(0, ip4(struct.pack("!BBHII", 6, 4, 0, 1, 1) + bytes(12) + payload, it.ends, protocol=51))
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it
