"""Frames of the floods: Ethernet with ARP, UDP, TCP and protocols of their own, each of a sender that may never come again."""

from __future__ import annotations

import struct
from typing import Final

from dissectors.dnp3.crc import crc16
from tools.bench.frame import ACK, PUSH, RST, SYN, SYN_ACK, End, Way

SERVER: Final = 0x0A160001
SERVER_MAC: Final = 0x0080F4160001
CLIENTS: Final = 0x0B000000
CLIENT_MACS: Final = 0x001B1B000000
DNP3_BLOCK: Final = 16

__all__ = ["ACK", "PUSH", "RST", "SYN", "SYN_ACK", "End", "Way"]


def line(client: int, client_port: int, server: int, server_port: int) -> tuple[Way, Way]:
    """Return both ways of a connection of the client and the server of these numbers."""
    one = End(CLIENTS + client, CLIENT_MACS + (client & 0xFFFFFF), client_port)
    two = End(SERVER + server, SERVER_MAC + server, server_port)
    return Way(one, two, 0), Way(two, one, 0)


def opened(ask: Way, answer: Way) -> list[bytes]:
    """Return the handshake of a connection."""
    return [ask.packet(b"", SYN), answer.packet(b"", SYN_ACK), ask.packet(b"", ACK)]


def udp(source: int, port: int, target_port: int, payload: bytes) -> bytes:
    """Return a datagram to the server of the floods."""
    head = SERVER_MAC.to_bytes(6, "big") + (CLIENT_MACS + (source & 0xFFFFFF)).to_bytes(6, "big") + b"\x08\x00"
    size = 28 + len(payload)
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, size, 0, 0x4000, 64, 17, 0, CLIENTS + source, SERVER)
    return head + ip + struct.pack(">HHHH", port, target_port, 8 + len(payload), 0) + payload


def arp(mac: int, address: int, target: int) -> bytes:
    """Return an ARP question of ``mac`` at ``address`` for ``target``."""
    sender = mac.to_bytes(6, "big")
    question = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + sender + struct.pack(">I6xI", address, target)
    return b"\xff" * 6 + sender + b"\x08\x06" + question + bytes(18)


def announcement(mac: int, texts: tuple[bytes, bytes, bytes]) -> bytes:
    """Return an LLDP announcement: port description, name and description of the system."""
    sender = mac.to_bytes(6, "big")
    body = b"\x02\x07\x04" + sender + b"\x04\x05\x05port" + b"\x06\x02\x00\x78"
    for kind, text in zip((4, 5, 6), texts, strict=True):
        body += struct.pack(">H", kind << 9 | len(text)) + text
    return b"\x01\x80\xc2\x00\x00\x0e" + sender + b"\x88\xcc" + body + b"\x00\x00"


def dnp3(control: int, destination: int, source: int, user: bytes = b"") -> bytes:
    """Return a frame of the DNP3 link."""
    head = struct.pack("<BBBBHH", 5, 0x64, 5 + len(user), control, destination, source)
    pieces = [head, struct.pack("<H", crc16(head, 0, len(head)))]
    for start in range(0, len(user), DNP3_BLOCK):
        block = user[start : start + DNP3_BLOCK]
        pieces += [block, struct.pack("<H", crc16(block, 0, len(block)))]
    return b"".join(pieces)


def modbus(transaction: int, unit: int, body: bytes) -> bytes:
    """Return a message of Modbus/TCP."""
    return struct.pack(">HHHB", transaction & 0xFFFF, 0, 1 + len(body), unit) + body


def tpkt(body: bytes) -> bytes:
    """Return a frame of ISO transport on TCP."""
    return struct.pack(">BBH", 3, 0, 4 + len(body)) + body
