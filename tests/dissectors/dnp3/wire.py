"""Drives a DNP3 session without the wire: segments of captures, frames made from application bytes."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dpkt

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.message import YES
from dissectors.base.recorder import Recorder
from dissectors.dnp3.crc import crc16
from dissectors.dnp3.dissector import DISSECTOR

CAPTURES = Path(os.environ.get("SPANWATCH_CAPTURES", "../shared/captures")) / "dnp3"
MASTER = 0
OUTSTATION = 1
SECOND = 1_000_000_000
GAP = b""
"""Stands between segments where bytes were lost."""


class Driver:
    """One connection: feed bytes of a side, read the facts."""

    def __init__(self, transport: str = "tcp") -> None:
        self.recorder = Recorder()
        self.channel_table = ChannelTable(self.recorder)
        self.connection = Connection(transport, 0, 0)
        opener, peer = self.connection.opener, self.connection.peer
        opener.ip, peer.ip = "10.0.0.1", "10.0.0.2"
        opener.port, peer.port = 40000, 20000
        opener.seen = peer.seen = True
        self.session: Any = DISSECTOR.session(self.connection, self.recorder, self.channel_table)
        self.rest = [b"", b""]
        self.recorder.now = SECOND

    def feed(self, side: int, data: bytes) -> None:
        """Feed a segment; what is not used is kept for the next one."""
        self.recorder.frame += 1
        self.recorder.now += 1_000_000
        whole = self.rest[side] + data
        used = self.session.feed(side, whole, 0, len(whole))
        self.rest[side] = whole[used:]

    def reported(self, kind: type) -> list[Any]:
        """Return the facts of one kind so far."""
        return [fact for fact in self.recorder.facts if isinstance(fact, kind)]

    def close_window(self) -> None:
        """Report the counters."""
        self.channel_table.close_window(0, 60 * SECOND)


def crc(data: bytes) -> bytes:
    """Return the two CRC bytes of a block."""
    return int(crc16(data, 0, len(data))).to_bytes(2, "little")


def frame(user: bytes, control: int, destination: int, source: int) -> bytes:
    """Return a link frame with good CRCs."""
    header = bytes((5, 0x64, 5 + len(user), control)) + destination.to_bytes(2, "little") + source.to_bytes(2, "little")
    blocks = [user[at : at + 16] for at in range(0, len(user), 16)]
    return header + crc(header) + b"".join(block + crc(block) for block in blocks)


def ask(apdu: str, destination: int = 10, source: int = 1, transport: int = 0xC0) -> bytes:
    """Return the frame of a request given in hex, from master 1 to outstation 10."""
    return frame(bytes((transport,)) + bytes.fromhex(apdu), 0xC4, destination, source)


def answer(apdu: str, destination: int = 1, source: int = 10, transport: int = 0xC0) -> bytes:
    """Return the frame of a response given in hex, from outstation 10 to master 1."""
    return frame(bytes((transport,)) + bytes.fromhex(apdu), 0x44, destination, source)


def parts(apdu: str, from_master: bool, size: int) -> list[bytes]:
    """Return the frames of a fragment cut into parts of ``size`` bytes, from 1 to 10 or back."""
    raw = bytes.fromhex(apdu)
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    frames = []
    for number, piece in enumerate(pieces):
        byte = number | (0x40 if number == 0 else 0) | (0x80 if number == len(pieces) - 1 else 0)
        ends = (10, 1) if from_master else (1, 10)
        frames.append(frame(bytes((byte,)) + piece, 0xC4 if from_master else 0x44, *ends))
    return frames


@dataclass
class Flow:
    """The segments of one TCP or UDP conversation in capture order, as (side, bytes)."""

    transport: str
    segments: list[tuple[int, bytes]] = field(default_factory=list)


def captures() -> list[Path]:
    """Return every capture of the folder, none where it is absent."""
    return sorted(path for path in CAPTURES.glob("*") if ".pcap" in path.name)


def _packets(path: Path) -> Iterator[bytes]:
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    stream = io.BytesIO(raw)
    reader: Any = (dpkt.pcapng.Reader if raw[:4] == b"\x0a\x0d\x0d\x0a" else dpkt.pcap.Reader)(stream)
    link = reader.datalink()
    try:
        for _, packet in reader:
            if link == dpkt.pcap.DLT_EN10MB:
                frame_ = dpkt.ethernet.Ethernet(packet)
                if isinstance(frame_.data, dpkt.ip.IP):
                    yield bytes(frame_.data)
            elif link == dpkt.pcap.DLT_LINUX_SLL:
                yield packet[16:]
            elif link == dpkt.pcap.DLT_NULL:
                yield packet[4:]
            else:
                yield packet
    except dpkt.NeedData:
        return


def flows(path: Path) -> list[Flow]:
    """Return the conversations of a capture: TCP bytes in order without retransmissions, datagrams as they are."""
    found: dict[tuple[Any, ...], Flow] = {}
    due: dict[tuple[Any, ...], int] = {}
    for raw in _packets(path):
        try:
            packet = dpkt.ip.IP(raw)
        except dpkt.UnpackError:
            continue
        body = packet.data
        if not isinstance(body, dpkt.tcp.TCP | dpkt.udp.UDP):
            continue
        one, two = (packet.src, body.sport), (packet.dst, body.dport)
        key = (packet.p, *sorted((one, two), key=lambda end: (end[1] == 20000, end)))
        transport = "tcp" if isinstance(body, dpkt.tcp.TCP) else "udp"
        flow = found.setdefault(key, Flow(transport))
        side = 0 if key[1] == one else 1
        payload = bytes(body.data)
        if isinstance(body, dpkt.tcp.TCP):
            if body.flags & dpkt.tcp.TH_SYN:
                due[(*key, side)] = (body.seq + 1) & 0xFFFFFFFF
                continue
            expected = due.get((*key, side), body.seq)
            behind = (expected - body.seq) & 0xFFFFFFFF
            if behind < 1 << 31:
                payload = payload[behind:]
                due[(*key, side)] = (expected + len(payload)) & 0xFFFFFFFF
            elif payload:
                flow.segments.append((side, GAP))
                due[(*key, side)] = (body.seq + len(payload)) & 0xFFFFFFFF
        if payload:
            flow.segments.append((side, payload))
    return [flow for flow in found.values() if any(recognised(data) for _, data in flow.segments)]


def recognised(data: bytes) -> bool:
    """Return whether the bytes begin with a DNP3 frame."""
    return bool(data) and DISSECTOR.recognise(data, 0, len(data), True) == YES


def run(flow: Flow) -> Driver:
    """Feed a conversation, close its window, return the driver."""
    driver = Driver(flow.transport)
    for side, data in flow.segments:
        if data == GAP:
            driver.session.gap(side, 0)
            driver.rest[side] = b""
            continue
        if flow.transport == "udp":
            driver.rest[side] = b""
        driver.feed(side, data)
    driver.close_window()
    return driver
