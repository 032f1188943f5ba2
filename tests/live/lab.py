"""A wire of our own: a network namespace with a cable, a sensor at one end, a sender at the other."""

from __future__ import annotations

import os
import re
import signal
import struct
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import pytest

from rules.detections.alert import Alert
from sensor.inventory.record import AssetRecord
from sensor.store import Store

ROOT = Path(__file__).parents[2]
CAPTURES = ROOT / "pcaps" / "captures"
POLICY = ROOT / "pcaps" / "policy.yaml"
SENDER = Path(__file__).with_name("sender.py")
PROGRAM = "from sensor.cli import main; main()"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
TAP, FAR = "tap", "far"
NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="makes network namespaces, which needs root")
NUMBERS = count()
PATIENCE = 90.0


def run(*command: str) -> str:
    """Run a command; fail with its words."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


class Wire:
    """A namespace with cables: what is sent onto ``far0`` arrives at ``tap0``. Removed on exit."""

    def __init__(self, cables: int = 1) -> None:
        self.name = f"spanwatch-{os.getpid()}-{next(NUMBERS)}"
        self.cables = cables
        self.sensors: list[Sensor] = []

    def __enter__(self) -> Self:
        run("ip", "netns", "add", self.name)
        for scope in ("all", "default"):
            run("ip", "netns", "exec", self.name, "sysctl", "-qw", f"net.ipv6.conf.{scope}.disable_ipv6=1")
        for number in range(self.cables):
            self.cable(number)
        return self

    def cable(self, number: int) -> None:
        """Make one cable."""
        tap, far = f"{TAP}{number}", f"{FAR}{number}"
        run("ip", "-n", self.name, "link", "add", tap, "type", "veth", "peer", "name", far)
        for end in (tap, far):
            run("ip", "-n", self.name, "link", "set", end, "arp", "off", "up")

    def cut(self, number: int) -> None:
        """Remove one cable."""
        run("ip", "-n", self.name, "link", "delete", f"{TAP}{number}")

    def send(self, capture: Path, speed: float = 1.0, onto: int = 0) -> tuple[int, int, int]:
        """Send a capture; return frames sent, frames that came back, and the time of the first (ns since 1970)."""
        inside = ("ip", "netns", "exec", self.name)
        words = run(*inside, sys.executable, str(SENDER), str(capture), f"{FAR}{onto}", str(speed)).split()
        return int(words[0]), int(words[1]), int(words[2])

    def sensor(self, folder: Path, *options: str, taps: tuple[str, ...] = ("tap0",)) -> Sensor:
        """Start a sensor here and wait until it watches."""
        made = Sensor(self.name, folder, options, taps)
        self.sensors.append(made)
        made.wait_for("watching ")
        return made

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sensor in self.sensors:
            sensor.kill()
        run("ip", "netns", "delete", self.name)


class Sensor:
    """A running ``spanwatch watch`` with a store and files in ``folder``."""

    def __init__(self, space: str, folder: Path, options: tuple[str, ...], taps: tuple[str, ...]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.store = folder / "sensor.db"
        self.output = folder / "out"
        self.words = folder / "stderr.txt"
        arguments = [word for tap in taps for word in ("-i", tap)]
        with self.words.open("ab") as words:
            self.start = self.words.stat().st_size
            self.process = subprocess.Popen(
                [
                    "ip", "netns", "exec", space, sys.executable, "-c", PROGRAM, "watch", *arguments,
                    "--store", str(self.store), "--output", str(self.output), *options,
                ],
                stdout=subprocess.DEVNULL, stderr=words, cwd=folder,
                env=ENVIRONMENT,
            )  # fmt: skip

    def said(self) -> str:
        """Return what this process has said so far."""
        return self.words.read_text(encoding="utf-8")[self.start :]

    def wait_for(self, words: str) -> str:
        """Wait until the sensor has said something; return everything it has said."""
        until = time.monotonic() + PATIENCE
        while words not in (said := self.said()):
            assert self.process.poll() is None, f"the sensor ended: {said}"
            assert time.monotonic() < until, f"the sensor never said {words!r}: {said}"
            time.sleep(0.05)
        return said

    def workers(self) -> list[int]:
        """Return the process numbers of its workers."""
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(word) for word in text.split()]

    def nudge(self, number: int) -> None:
        """Send a signal to the sensor itself."""
        os.kill(self.process.pid, number)

    def end(self, number: int = signal.SIGTERM) -> str:
        """End it with a signal; return everything it said. It must end well."""
        self.nudge(number)
        code = self.process.wait(PATIENCE)
        assert code == 0, self.said()
        return self.said()

    def kill(self) -> None:
        """End it whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def packets_seen(said: str, tap: str = "tap0") -> tuple[int, int]:
    """Return packets and dropped packets of the last state line."""
    found = re.findall(rf"{tap} ([\d ]+) packets \(\d+/s\), ([\d ]+) dropped", said)
    seen, dropped = (int(part.replace(" ", "")) for part in found[-1])
    return seen, dropped


def at_time(capture: Path, start: int, path: Path) -> Path:
    """Copy a capture as if its first packet had come at ``start`` (ns): windows and seconds then begin where they did live."""
    data = bytearray(capture.read_bytes())
    unit = 1 if data[:4] == b"\x4d\x3c\xb2\xa1" else 1000
    shift, at = None, 24
    while at < len(data):
        second, part, captured = struct.unpack_from("<III", data, at)
        time = second * 10**9 + part * unit
        shift = start - time if shift is None else shift
        struct.pack_into("<II", data, at, (time + shift) // 10**9, (time + shift) % 10**9 // unit)
        at += 16 + captured
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


AlertKey = tuple[str, str, str, str, str, int, str]


def alerts_of(path: Path) -> list[AlertKey]:
    """Return the incidents of a store: id, client, server, unit, severity, count, reason."""
    with Store(path, read_only=True) as store:
        return sorted(_alert(alert) for alert in store.alerts() if alert.id not in OF_THE_MACHINE)


def _alert(alert: Alert) -> AlertKey:
    client = alert.client_endpoint.ip or alert.client_endpoint.mac if alert.client_endpoint else ""
    server = alert.server_endpoint.ip or alert.server_endpoint.mac if alert.server_endpoint else ""
    if alert.id in OF_ONE_ASSET:
        server = ""
    return alert.id, client, server, alert.unit, alert.severity, alert.count, alert.reason


OF_THE_MACHINE = ("SEN-019",)
"""Alerts on the machine that a test runs on: its disk may be nearly full."""
OF_ONE_ASSET = ("AST-014",)
"""Alerts on an asset name the conversation that showed it first; several workers may agree on another one."""


CHANGING = frozenset({"first", "last", "frames", "frame", "source", "count", "channels"})
"""What hangs on when and where a packet was seen, not on what it says."""


def assets_of(path: Path) -> list[object]:
    """Return the assets of a store with everything that does not hang on the time."""
    with Store(path, read_only=True) as store:
        return sorted((_timeless(msgspec.to_builtins(asset)) for asset in store.assets()), key=repr)


def _timeless(value: object) -> object:
    if isinstance(value, dict):
        return {name: _timeless(part) for name, part in sorted(value.items()) if name not in CHANGING}
    if isinstance(value, list | tuple):
        return sorted((_timeless(part) for part in value), key=repr)
    return value


def asset_records(path: Path) -> list[AssetRecord]:
    """Return the assets of a store."""
    with Store(path, read_only=True) as store:
        return store.assets()
