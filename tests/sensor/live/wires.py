"""Cables in network namespaces for the tests of watching: a sensor's end and a sender's end, made and removed by the test.

IPv6 is off on both ends, so the kernel announces nothing by itself. While a ``Cable`` is open the test runs in the sensor's
namespace.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import Self

import dpkt
import pytest

from dissectors.wire.sink import PacketSink
from sensor.live.feed import Feed
from sensor.live.report import InterfaceCount, Report, ReportReader
from sensor.live.ring import Ring
from sensor.live.worker_process import WorkerProcess
from tests.repository import ROOT

SENSOR = "tap"
SENDER = "wire"
NORMAL = ROOT / "pcaps" / "captures" / "plant" / "normal.pcap"
CLONE_NEWNET = 0x40000000
PATIENCE_SECONDS = 20.0
"""How long a test waits for what must come; far longer than it takes."""

needs_root = [
    pytest.mark.live,
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root"),
    pytest.mark.skipif(shutil.which("ip") is None, reason="the program ip (iproute2) is not installed"),
]
_library = ctypes.CDLL(None, use_errno=True)


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


def _enter(descriptor: int) -> None:
    if _library.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Cable:
    """``count`` veth pairs tap0..wire0, tap1..wire1 between two namespaces; use it as a context."""

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self.near = f"spanwatch-near-{os.getpid()}"
        self.far = f"spanwatch-far-{os.getpid()}"

    def __enter__(self) -> Self:
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        for name in (self.near, self.far):
            run("ip", "netns", "add", name)
            for scope in ("all", "default"):
                run("ip", "netns", "exec", name, "sysctl", "-qw", f"net.ipv6.conf.{scope}.disable_ipv6=1")
        for number in range(self.count):
            self.plug(number)
        self._go(self.near)
        return self

    def __exit__(self, *error: object) -> None:
        _enter(self.home)
        os.close(self.home)
        for name in (self.near, self.far):
            subprocess.run(("ip", "netns", "del", name), capture_output=True)

    def plug(self, number: int, mtu: int = 1500) -> None:
        near, far = f"{SENSOR}{number}", f"{SENDER}{number}"
        run("ip", "-n", self.near, "link", "add", near, "type", "veth", "peer", "name", far, "netns", self.far)
        for space, interface in ((self.near, near), (self.far, far)):
            run("ip", "-n", space, "link", "set", interface, "mtu", str(mtu), "arp", "off", "up")

    def pull(self, number: int) -> None:
        run("ip", "-n", self.near, "link", "del", f"{SENSOR}{number}")

    def switch(self, number: int, state: str) -> None:
        run("ip", "-n", self.near, "link", "set", f"{SENSOR}{number}", state)

    def _go(self, name: str) -> None:
        descriptor = os.open(f"/run/netns/{name}", os.O_RDONLY)
        try:
            _enter(descriptor)
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def far_side(self) -> Iterator[None]:
        self._go(self.far)
        try:
            yield
        finally:
            self._go(self.near)

    def send(self, frames: Sequence[bytes], number: int = 0, *, burst: int = 32, pause: float = 0.001) -> None:
        """Send from the far end, ``burst`` frames and then a pause."""
        with self.far_side():
            sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        with sender:
            sender.bind((f"{SENDER}{number}", 0))
            for place, frame in enumerate(frames):
                sender.send(frame)
                if place % burst == burst - 1 and pause:
                    time.sleep(pause)


class Keep(PacketSink):
    """A sink that keeps every packet: (time, bytes, original length, source)."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[int, bytes, int, str]] = []
        self.name = ""

    def packet(self, block: bytes, start: int, captured: int, original: int, time: int, link: int) -> None:
        self.kept.append((int(time), block[start : start + captured], int(original), self.name))

    def source(self, name: str, interface: str) -> None:
        self.name = interface

    @property
    def frames(self) -> list[bytes]:
        return [frame for _, frame, _, _ in self.kept]


def listen(rings: Sequence[Ring], count: int, sink: PacketSink | None = None) -> Keep:
    """Read mapped rings until ``count`` packets have come."""
    keep = Keep()
    feed = Feed(rings, sink or keep)
    end = time.monotonic() + PATIENCE_SECONDS
    while feed.packets < count and time.monotonic() < end:
        if not feed.step(time.monotonic_ns()):
            time.sleep(0.005)
    assert feed.packets == count
    return keep


def normal() -> list[bytes]:
    """The frames of a normal hour of the sample plant."""
    with NORMAL.open("rb") as file:
        return [frame for _, frame in dpkt.pcap.Reader(file)]


def udp(client: str, server: str, port: int = 5000, payload: bytes = b"x" * 20) -> bytes:
    """A UDP datagram over Ethernet."""
    head = struct.pack(">BBHHHBBH4s4s", 69, 0, 28 + len(payload), 1, 0, 64, 17, 0, socket.inet_aton(client), socket.inet_aton(server))  # fmt: skip
    return (
        bytes.fromhex("0080f40000010080f40000020800")
        + head
        + struct.pack(">4H", 4000, port, 8 + len(payload), 0)
        + payload
    )


def collect(processes: Sequence[WorkerProcess], seconds: float = 0.0, *, until_closed: bool = False) -> list[Report]:
    """Read reports for some time, or until every process has closed its pipe."""
    readers = [ReportReader(process.descriptor) for process in processes]
    reports: list[Report] = []
    end = time.monotonic() + (PATIENCE_SECONDS if until_closed else seconds)
    while time.monotonic() < end and not all(reader.closed for reader in readers):
        for reader in readers:
            reports.extend(reader.read())
        time.sleep(0.01)
    assert not until_closed or all(reader.closed for reader in readers)
    return reports


def wait_for(processes: Sequence[WorkerProcess], packets: int) -> list[Report]:
    """Read reports until the workers have seen or lost ``packets``."""
    readers = [ReportReader(process.descriptor) for process in processes]
    reports: list[Report] = []
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        for reader in readers:
            reports.extend(reader.read())
        if sum(count.seen + count.dropped for count in totals(reports)) >= packets:
            break
        time.sleep(0.01)
    return reports


def totals(reports: Sequence[Report]) -> list[InterfaceCount]:
    """The last count of each worker and interface."""
    last = {(report.worker, count.name): count for report in reports for count in report.interfaces}
    return list(last.values())
