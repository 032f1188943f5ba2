"""A conversation whose packets have right checksums, unless one is asked to be wrong: what evasions are made of.

Nothing here needs scapy. Sequence numbers count from the first byte of data of a side; times grow by a millisecond, or by what is waited.
"""

from __future__ import annotations

import itertools
import struct
from ipaddress import ip_address
from pathlib import Path

from tests.dissectors.harness import (
    ACK,
    CLIENT,
    CLIENT_MAC,
    IP4,
    IP6,
    MILLISECOND,
    PSH,
    SERVER,
    SERVER_MAC,
    START,
    SYN,
    Packet,
    ethernet,
    read,
    registers,
    write,
)

HARMLESS = read(7, 0, 2)
ATTACK = write(7, 5, 1)
"""Of the same length, with the same transaction: a write where a read may be read."""
OPERATION = "write_single_register"
FIRST = (1000, 9000)
MORE = 0x2000


def folded(data: bytes) -> int:
    """The Internet checksum of ``data``, as a header carries it."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[: len(data) // 2 * 2])) + (
        data[-1] << 8 if len(data) & 1 else 0
    )
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ip4(
    payload: bytes,
    ends: tuple[str, str],
    *,
    ttl: int = 64,
    number: int = 1,
    fragment: int = 0,
    protocol: int = 6,
    wrong: bool = False,
) -> bytes:
    """An IPv4 packet; ``wrong`` makes the checksum of its header wrong."""
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), number, fragment, ttl, protocol, 0)
    head += ip_address(ends[0]).packed + ip_address(ends[1]).packed
    total = folded(head) ^ (0x1234 if wrong else 0)
    return head[:10] + struct.pack("!H", total) + head[12:] + payload


def ip6(payload: bytes, ends: tuple[str, str], following: int = 6) -> bytes:
    head = struct.pack("!IHBB", 6 << 28, len(payload), following, 64)
    return head + ip_address(ends[0]).packed + ip_address(ends[1]).packed + payload


class Talker:
    """A client and a server of Modbus that have asked and answered once; then come the packets of an evasion."""

    def __init__(
        self, *, six: bool = False, port: int = 502, first: bytes = read(6, 0, 2), opened: bool = True
    ) -> None:
        self.ends = ("fd00::5", "fd00::9") if six else (CLIENT, SERVER)
        self.ports = (40000, port)
        self.sent = [0, 0]
        self.packets: list[Packet] = []
        self.waited = 0
        if opened:
            self.open()
            self.say(0, first)
            self.say(1, registers(6, 1, 2))

    def open(self) -> None:
        """Shake hands."""
        self.segment(0, b"", sequence=-1, flags=SYN)
        self.segment(1, b"", sequence=-1, flags=SYN | ACK)
        self.segment(0, b"")

    def tcp(
        self,
        side: int,
        data: bytes,
        *,
        sequence: int | None = None,
        flags: int = ACK | PSH,
        wrong: bool = False,
        options: bytes = b"",
        urgent: int = 0,
        acked: int | None = None,
    ) -> bytes:
        """A TCP segment; ``wrong`` makes its checksum wrong, ``sequence`` is where its data begins (the next byte)."""
        at = FIRST[side] + 1 + (self.sent[side] if sequence is None else sequence)
        number = FIRST[1 - side] + 1 + (self.sent[1 - side] if acked is None else acked)
        head = struct.pack(
            "!HHIIBBHHH",
            self.ports[side],
            self.ports[1 - side],
            at % 2**32,
            number % 2**32 if flags & ACK else 0,
            (20 + len(options)) // 4 << 4,
            flags,
            8192,
            0,
            urgent,
        )
        whole = head + options + data
        ends = ip_address(self.ends[side]).packed + ip_address(self.ends[1 - side]).packed
        total = folded(ends + struct.pack("!II", len(whole), 6) + whole) ^ (0x0101 if wrong else 0)
        return whole[:16] + struct.pack("!H", total) + whole[18:]

    def put(self, side: int, packet: bytes) -> None:
        """Send an IP packet as it is."""
        macs = (CLIENT_MAC, SERVER_MAC)
        frame = ethernet(packet, IP6 if packet[0] >> 4 == 6 else IP4, macs[side], macs[1 - side])
        self.packets.append(Packet(frame, START + len(self.packets) * MILLISECOND + self.waited))

    def segment(
        self,
        side: int,
        data: bytes,
        *,
        sequence: int | None = None,
        flags: int = ACK | PSH,
        wrong: bool = False,
        options: bytes = b"",
        urgent: int = 0,
        acked: int | None = None,
        ttl: int = 64,
        wrong_ip: bool = False,
    ) -> None:
        """Send a segment that nobody counts: a decoy, or a repeat."""
        ends = (self.ends[side], self.ends[1 - side])
        payload = self.tcp(
            side, data, sequence=sequence, flags=flags, wrong=wrong, options=options, urgent=urgent, acked=acked
        )
        self.put(side, ip6(payload, ends) if ":" in ends[0] else ip4(payload, ends, ttl=ttl, wrong=wrong_ip))

    def say(self, side: int, data: bytes) -> None:
        """Send the next bytes of a side."""
        self.segment(side, data)
        self.sent[side] += len(data)

    def wait(self, seconds: float) -> None:
        """Let time go by before the next packet."""
        self.waited += int(seconds * 1_000_000_000)

    def attack(self) -> None:
        """Send the write, and the device's answer to it."""
        self.say(0, ATTACK)
        self.say(1, ATTACK)

    def fragments(self, payload: bytes, *cuts: int) -> list[tuple[int, bytes, bool]]:
        """Cut an IP payload at offsets that are multiples of eight: offset, bytes, whether more follow."""
        edges = [0, *cuts, len(payload)]
        return [(low, payload[low:high], high < len(payload)) for low, high in itertools.pairwise(edges)]

    def fragment(self, offset: int, data: bytes, more: bool, *, wrong: bool = False, following: int = 6) -> None:
        """Send one fragment of the client's datagram number 77."""
        if ":" in self.ends[0]:
            header = struct.pack("!BBHI", following, 0, offset | more, 77)
            self.put(0, ip6(header + data, self.ends, 44))
        else:
            field = offset // 8 | (MORE if more else 0)
            self.put(0, ip4(data, self.ends, number=77, fragment=field, wrong=wrong))


def save(packets: list[Packet], path: Path) -> None:
    """Write packets as a capture file, to be looked at with other programs."""
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for packet in packets:
            seconds, rest = divmod(packet.time, 1_000_000_000)
            out.write(struct.pack("<IIII", seconds, rest, len(packet.data), len(packet.data)) + packet.data)
