"""How connections begin and end: SYN, FIN and RST that the target drops, or takes otherwise."""

from __future__ import annotations

from tests.dissectors.harness import ACK, FIN, RST, SYN, read, registers
from tests.evasion.kind import CHECKSUM, NUMBERS, kind
from tests.evasion.talker import ATTACK, HARMLESS, Talker

FORGED = b"\x00\x00"


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


@kind("an acknowledgement far ahead, both FINs and a SYN, all with a low time to live, between two parts of the write")
def hole_ended_by_a_syn() -> Talker:
    it = Talker()
    it.segment(1, b"", flags=FIN | ACK, ttl=2, acked=it.sent[0] + 60_000)
    it.segment(0, b"", flags=FIN | ACK, ttl=2)
    it.segment(0, ATTACK[4:], sequence=it.sent[0] + 4)
    it.segment(1, b"", sequence=it.sent[1], flags=SYN, ttl=2)
    it.segment(0, ATTACK[:4])
    it.sent[0] += len(ATTACK)
    it.say(1, ATTACK)
    return it


@kind("both FINs with a low time to live and a SYN with a wrong checksum between two parts of the write", CHECKSUM)
def syn_checksum() -> Talker:
    it = Talker()
    it.say(0, ATTACK[:5])
    it.segment(0, b"", flags=FIN | ACK, ttl=2)
    it.segment(1, b"", flags=FIN | ACK, ttl=2)
    it.segment(0, b"", sequence=it.sent[0] + 9_000, flags=SYN, wrong=True)
    it.say(0, ATTACK[5:])
    it.say(1, ATTACK)
    return it


@kind("more SYNs with data than numbers are followed, with a low time to live, between two parts of the write", NUMBERS)
def many_numbers() -> Talker:
    it = Talker()
    it.say(0, ATTACK[:5])
    it.segment(0, b"", sequence=it.sent[0] + 500, flags=RST, ttl=2)
    for number in range(12):
        place = it.sent[0] + 3_000_000 + 5_000 * number
        it.segment(0, b"", sequence=place, flags=SYN, ttl=2)
        it.segment(0, FORGED, sequence=place + 1, ttl=2)
    it.say(0, ATTACK[5:])
    it.say(1, ATTACK)
    return it


@kind("bytes far ahead with a low time to live, first of all of a connection joined in its midst")
def first_far_ahead() -> Talker:
    it = Talker(opened=False)
    it.segment(0, HARMLESS, sequence=300_000, ttl=2)
    it.segment(1, registers(7, 1, 2), sequence=300_000, ttl=2, acked=300_012)
    it.wait(0.7)
    it.say(0, read(6, 0, 2))
    it.say(1, registers(6, 1, 2))
    it.attack()
    return it


@kind("the write in two parts that come swapped, first of all of a connection joined in its midst")
def first_swapped() -> Talker:
    it = Talker(opened=False)
    it.segment(0, ATTACK[5:], sequence=5)
    it.segment(0, ATTACK[:5])
    it.sent[0] += len(ATTACK)
    it.say(1, ATTACK)
    return it
