"""Seeds out of the sample captures: their frames, and the payloads of their conversations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import dpkt

from tests.repository import ROOT

CAPTURES = sorted((ROOT / "pcaps" / "captures").rglob("*.pcap"), key=lambda path: (path.stat().st_size, path.name))
SMALL = [path for path in CAPTURES if path.stat().st_size < 100_000]
FLOWS = 40
SEGMENTS = 12
LONGEST = 24
UNKNOWN = [[b"\x00", b"\x01" + bytes(range(64)), b"\x00\x03\x00\x00\x16" + bytes(20)]]
"""Where no sample speaks a protocol: something to begin with."""


@cache
def frames(capture: int) -> tuple[bytes, ...]:
    """The frames of one of the small captures."""
    with SMALL[capture].open("rb") as file:
        return tuple(bytes(data) for _, data in dpkt.pcap.Reader(file))


def stretches() -> list[list[bytes]]:
    """One stretch of each small capture: link Ethernet, 1/16 s apart."""
    found = []
    for number in range(len(SMALL)):
        some = frames(number)
        begin = len(some) * (number % 4) // 4
        found.append([b"\x00\x10" + frame for frame in some[begin : begin + LONGEST]])
    return found


def conversations(ports: frozenset[str]) -> Sequence[Sequence[bytes]]:
    """The payloads of conversations over these ports ("tcp/502"), each with one byte ahead: 0 the client's, 1 the server's."""
    found: dict[tuple[object, ...], list[bytes]] = {}
    for capture in range(len(SMALL)):
        for frame in frames(capture):
            packet = dpkt.ethernet.Ethernet(frame).data
            transport = getattr(packet, "data", None)
            kind = {dpkt.tcp.TCP: "tcp", dpkt.udp.UDP: "udp"}.get(type(transport))
            if kind is None or not transport.data:
                continue
            to_server = f"{kind}/{transport.dport}" in ports
            if not to_server and f"{kind}/{transport.sport}" not in ports:
                continue
            ends = (packet.src, transport.sport, packet.dst, transport.dport)
            key = (capture, *(ends if to_server else (*ends[2:], *ends[:2])))
            parts = found.setdefault(key, [])
            if len(parts) < SEGMENTS:
                parts.append((b"\x00" if to_server else b"\x01") + bytes(transport.data))
    every = list(found.values())
    return every[:: max(1, len(every) // FLOWS)] or UNKNOWN
