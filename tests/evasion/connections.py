"""How connections begin and end: SYN, FIN and RST that the target drops, or takes otherwise."""

from __future__ import annotations

from tests.dissectors.harness import ACK, FIN, RST, SYN
from tests.evasion.kind import CHECKSUM, NUMBERS, kind
from tests.evasion.talker import ATTACK, HARMLESS, Talker


@kind("data in the SYN that the target does not take")
def syn_data() -> Talker:
    it = Talker(opened=False)
    it.segment(0, HARMLESS, sequence=-1, flags=SYN)
    it.segment(1, b"", sequence=-1, flags=SYN | ACK)
    it.segment(0, b"")
    it.attack()
    return it


@kind("data in the SYN that the target takes")
def syn_data_taken() -> Talker:
    it = Talker(opened=False)
    it.segment(0, ATTACK, sequence=-1, flags=SYN)
    it.sent[0] += 12
    it.segment(1, b"", sequence=-1, flags=SYN | ACK)
    it.segment(0, b"")
    it.say(1, ATTACK)
    return it


@kind("a FIN with a wrong checksum before the write", CHECKSUM)
def fin_checksum() -> Talker:
    it = Talker()
    it.segment(0, b"", flags=FIN | ACK, wrong=True)
    it.attack()
    return it


@kind("a RST with a wrong checksum before the write", CHECKSUM)
def rst_checksum() -> Talker:
    it = Talker()
    it.segment(0, b"", flags=RST | ACK, wrong=True)
    it.attack()
    return it


@kind("a RST whose time to live ends before the target")
def rst_low_ttl() -> Talker:
    it = Talker()
    it.segment(0, b"", flags=RST | ACK, ttl=2)
    it.attack()
    return it


@kind("a RST and a SYN of other numbers in the client's name, both with a low time to live", NUMBERS)
def reset_and_syn() -> Talker:
    it = Talker()
    it.segment(0, b"", flags=RST, ttl=2)
    it.segment(0, b"", sequence=it.sent[0] + 777, flags=SYN, ttl=2)
    it.attack()
    return it


@kind("a RST in the client's and a SYN in the server's name, both with a low time to live")
def reset_and_syn_of_the_server() -> Talker:
    it = Talker()
    it.segment(0, b"", flags=RST, ttl=2)
    it.segment(1, b"", sequence=it.sent[1] + 777, flags=SYN, ttl=2)
    it.attack()
    return it


@kind("a SYN/ACK of another number in the client's name, within the handshake")
def syn_ack_of_the_client() -> Talker:
    it = Talker(opened=False)
    it.segment(0, b"", sequence=-1, flags=SYN)
    it.segment(0, b"", sequence=8_000, flags=SYN | ACK, ttl=2)
    it.segment(1, b"", sequence=-1, flags=SYN | ACK)
    it.segment(0, b"")
    it.attack()
    return it


@kind("a SYN/ACK of another number in the server's name, before the real one")
def syn_ack_of_the_server() -> Talker:
    it = Talker(opened=False)
    it.segment(0, b"", sequence=-1, flags=SYN)
    it.segment(1, b"", sequence=50, flags=SYN | ACK, ttl=2)
    it.segment(1, b"", sequence=-1, flags=SYN | ACK)
    it.segment(0, b"")
    it.attack()
    return it


@kind("a split handshake: the server answers a SYN with a SYN")
def split_handshake() -> Talker:
    it = Talker(opened=False)
    it.segment(0, b"", sequence=-1, flags=SYN)
    it.segment(1, b"", sequence=-1, flags=SYN)
    it.segment(0, b"", sequence=-1, flags=SYN | ACK)
    it.segment(1, b"")
    it.attack()
    return it


@kind("a handshake in the server's name before the real one")
def handshake_of_the_server() -> Talker:
    it = Talker(opened=False)
    it.segment(1, b"", sequence=-1, flags=SYN, ttl=2)
    it.segment(0, b"", sequence=-1, flags=SYN | ACK, ttl=2)
    it.open()
    it.attack()
    return it
