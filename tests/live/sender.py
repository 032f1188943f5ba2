"""Sends a capture onto an interface, each frame at its time: python sender.py CAPTURE INTERFACE SPEED.

Then prints how many frames were sent, how many came back the other way, and when the first was sent (ns since 1970).
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from pathlib import Path

OUTGOING = 4
ETH_P_ALL = 3


def frames(path: str) -> list[tuple[float, bytes]]:
    """Return (time in seconds, frame) of a little-endian classic pcap."""
    data = Path(path).read_bytes()
    nano = data[:4] == b"\x4d\x3c\xb2\xa1"
    rows, at = [], 24
    while at < len(data):
        second, part, captured, _ = struct.unpack_from("<IIII", data, at)
        rows.append((second + part / (1e9 if nano else 1e6), data[at + 16 : at + 16 + captured]))
        at += 16 + captured
    return rows


def main(path: str, interface: str, speed: float) -> None:
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    wire.bind((interface, ETH_P_ALL))
    wire.setblocking(False)
    rows = frames(path)
    start, begun, first = time.time_ns(), time.monotonic(), rows[0][0]
    back = sent = 0
    for at, frame in rows:
        wait = begun + (at - first) / speed - time.monotonic() if speed else 0
        if wait > 0:
            time.sleep(wait)
        wire.send(frame)
        sent += 1
        back += came_back(wire)
    time.sleep(0.3)
    back += came_back(wire)
    print(sent, back, start)


def came_back(wire: socket.socket) -> int:
    """Count the frames that somebody else put on the wire."""
    count = 0
    while True:
        try:
            _, address = wire.recvfrom(65536)
        except BlockingIOError:
            return count
        count += address[2] != OUTGOING


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
