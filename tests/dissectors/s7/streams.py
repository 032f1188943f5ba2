"""Bytes of real captures for the ISO and S7 tests: TCP payload by direction, and a session to feed it to."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dpkt

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.dissector import Dissector
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session
from dissectors.facts import AnyFact
from dissectors.s7.dissector import DISSECTOR

CAPTURES = Path(__file__).resolve().parents[4] / "shared" / "captures"
S7 = CAPTURES / "s7comm"
ABSENT = f"captures by others are not at {CAPTURES}"


@dataclass
class Segment:
    """New payload of one direction: ``side`` 0 is the client's."""

    time: int
    frame: int
    side: int
    data: bytes
    gap: bool = False


@dataclass
class Flow:
    """One TCP connection on port 102, client first."""

    client: tuple[bytes, int]
    server: tuple[bytes, int]
    segments: list[Segment] = field(default_factory=list)
    expected: dict[int, int] = field(default_factory=dict)
    holes: int = 0
    """Segments that follow a hole in the capture."""
    started: bool = False


def packets(path: Path) -> Iterator[tuple[int, int, bytes, int]]:
    """Yield time, frame number, bytes and link type of each packet."""
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    stream = io.BytesIO(raw)
    reader = dpkt.pcap.UniversalReader(stream)
    for frame, (stamp, data) in enumerate(reader, 1):
        yield int(stamp * 1_000_000_000), frame, data, reader.datalink()


def flows(path: Path, port: int = 102) -> list[Flow]:
    """Return the connections of a capture, payload in order; what is doubled is dropped, holes are counted."""
    known: dict[frozenset[tuple[bytes, int]], Flow] = {}
    result: list[Flow] = []
    for stamp, frame, data, link in packets(path):
        tcp, source, target = transport(data, link)
        if tcp is None or port not in (tcp.sport, tcp.dport):
            continue
        ends = frozenset(((source, tcp.sport), (target, tcp.dport)))
        flow = known.get(ends)
        if flow is None or (tcp.flags & dpkt.tcp.TH_SYN and not tcp.flags & dpkt.tcp.TH_ACK):
            client = (source, tcp.sport) if tcp.dport == port else (target, tcp.dport)
            server = (target, tcp.dport) if tcp.dport == port else (source, tcp.sport)
            flow = Flow(client, server)
            known[ends] = flow
            result.append(flow)
        if tcp.flags & dpkt.tcp.TH_SYN:
            flow.expected[0 if (source, tcp.sport) == flow.client else 1] = (tcp.seq + 1) & 0xFFFFFFFF
            flow.started = True
        _add(flow, 0 if (source, tcp.sport) == flow.client else 1, tcp, stamp, frame)
    return result


def transport(data: bytes, link: int) -> tuple[dpkt.tcp.TCP | None, bytes, bytes]:
    """Return the TCP header of a packet with both addresses, None for anything else."""
    try:
        layer = dpkt.ethernet.Ethernet(data).data if link == dpkt.pcap.DLT_EN10MB else dpkt.loopback.Loopback(data).data
    except (dpkt.UnpackError, IndexError):
        return None, b"", b""
    if not isinstance(layer, dpkt.ip.IP | dpkt.ip6.IP6) or not isinstance(layer.data, dpkt.tcp.TCP):
        return None, b"", b""
    return layer.data, layer.src, layer.dst


def _add(flow: Flow, side: int, tcp: dpkt.tcp.TCP, stamp: int, frame: int) -> None:
    payload = bytes(tcp.data)
    if not payload:
        return
    expected = flow.expected.get(side, tcp.seq)
    ahead = (tcp.seq - expected) & 0xFFFFFFFF
    if ahead >= 1 << 31:
        old = (1 << 32) - ahead
        if old >= len(payload):
            return
        payload = payload[old:]
        ahead = 0
    if ahead:
        flow.holes += 1
    flow.expected[side] = (tcp.seq + len(tcp.data)) & 0xFFFFFFFF
    flow.segments.append(Segment(stamp, frame, side, payload, bool(ahead)))


class Wire:
    """Feeds bytes to one session the way the stream layer does, keeping what is not used yet."""

    def __init__(self, dissector: Dissector = DISSECTOR, client_port: int = 49152) -> None:
        self.recorder = Recorder()
        self.channel_table = ChannelTable(self.recorder)
        self.connection = Connection("tcp", 0, 0)
        opener, peer = self.connection.opener, self.connection.peer
        opener.ip, peer.ip = "10.0.0.1", "10.0.0.2"
        opener.port, peer.port = client_port, 102
        opener.seen = peer.seen = True
        self.session: Session = dissector.session(self.connection, self.recorder, self.channel_table)
        self.left = {0: b"", 1: b""}
        self.recorder.source = "test"

    def send(self, side: int, data: bytes, time: int | None = None, frame: int | None = None) -> None:
        """Give the next bytes of one direction."""
        self.recorder.now = self.recorder.now + 1_000_000 if time is None else time
        self.recorder.frame = self.recorder.frame + 1 if frame is None else frame
        whole = self.left[side] + data
        used = self.session.feed(side, whole, 0, len(whole))
        self.left[side] = whole[used:]

    def play(self, flow: Flow) -> None:
        """Give a whole flow, with the gaps that the capture has; one without a beginning starts as after a gap."""
        if not flow.started:
            self.session.gap(0, 0)
            self.session.gap(1, 0)
        for segment in flow.segments:
            if segment.gap:
                self.session.gap(segment.side, 0)
                self.left[segment.side] = b""
            self.send(segment.side, segment.data, segment.time, segment.frame)
        self.session.time_out_waiting(self.recorder.now + 3_600_000_000_000)

    def drain(self) -> list[AnyFact]:
        """Return the facts so far."""
        return self.recorder.drain()


def messages(flow: Flow) -> Iterator[tuple[int, int, bytes]]:
    """Yield frame, side and bytes of each whole TPKT frame of a flow."""
    left = {0: b"", 1: b""}
    for segment in flow.segments:
        data = (b"" if segment.gap else left[segment.side]) + segment.data
        while len(data) >= 4 and data[0] == 3:
            size = int.from_bytes(data[2:4], "big")
            if size < 7 or size > len(data):
                break
            yield segment.frame, segment.side, data[:size]
            data = data[size:]
        left[segment.side] = data if data[:1] == b"\x03" else b""
