"""The frames of the floods, read back by scapy."""

from __future__ import annotations

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether

from dissectors.dnp3.link import measure
from tools.floods.packet import PUSH, announcement, arp, dnp3, line, modbus, tpkt, udp


def test_connections_datagrams_and_questions_are_what_they_say() -> None:
    ask, answer = line(7, 1024, 3, 502)
    there, back = Ether(ask.packet(b"abc", PUSH)), Ether(answer.packet(b"", PUSH))
    assert (there[IP].src, there[TCP].dport, bytes(there[TCP].payload)) == ("11.0.0.7", 502, b"abc")
    assert (back[IP].dst, back[TCP].ack) == ("11.0.0.7", there[TCP].seq + 3)
    assert Ether(udp(7, 1024, 53, b"x"))[UDP].len == 9
    asked = Ether(arp(0x020000000001, 0x0A000001, 0x0A000002))[ARP]
    assert (asked.hwsrc, asked.psrc, asked.pdst) == ("02:00:00:00:00:01", "10.0.0.1", "10.0.0.2")


def test_messages_have_their_lengths() -> None:
    frame = dnp3(0xC9, 1, 2, bytes(40))
    assert measure(frame, 0, len(frame)) == len(frame)
    assert int.from_bytes(modbus(1, 2, b"\x03")[4:6], "big") == 2
    assert int.from_bytes(tpkt(b"ab")[2:4], "big") == 6
    assert announcement(1, (b"p", b"n", b"d"))[12:14] == b"\x88\xcc"
