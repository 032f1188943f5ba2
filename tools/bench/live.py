"""How many packets a second are watched without a loss: from a cable into worker processes, found by bisection.

A sender process plays the polling mix into one end of a veth pair, at one rate per trial; worker processes watch the other end
and a reader takes their reports, as the pipeline would. A trial is lossless when the kernel dropped nothing. On a veth the
receive path of the kernel runs on the sender's processor; a network card would spread it. A ring hides a worker that is too
slow for as long as it takes to fill it; so a trial also fails when, at its end, more than BEHIND_SECONDS of packets are unread.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Self

import msgspec

from sensor.live.error import LiveError
from sensor.live.report import ReportReader
from sensor.live.worker_process import WorkerProcess, open_workers
from tools.bench.cable import FAR, NEAR, Cable
from tools.bench.mix import write
from tools.bench.sender import Sender

TRIAL_SECONDS: Final = 3.0
STEPS: Final = 7
"""Bisections: the figure is exact to one part in 128 of the sender's top rate."""
SETTLE_SECONDS: Final = 0.3
BEHIND_SECONDS: Final = 0.2
PATIENCE_SECONDS: Final = 120.0
SURICATA_COUNTS: Final = re.compile(r"(?:pkts|packets): (\d+), drops?: (\d+)")

Load = Callable[[], tuple[float, int]]
"""Sends a load; gives the packets per second that went out, and how many."""


class Trial(msgspec.Struct, frozen=True):
    """One run at one rate: what was sent per second, what arrived, what of it was dropped or unread at the end."""

    rate: float
    arrived: int
    dropped: int
    unread: int = 0
    processor_seconds: float = 0.0

    @property
    def lossless(self) -> bool:
        """Whether this rate could go on for ever."""
        return self.arrived > 0 and not self.dropped and self.unread <= self.rate * BEHIND_SECONDS


class LiveFigure(msgspec.Struct, frozen=True):
    """The highest lossless rate of one engine in packets per second, 0 when it is not installed."""

    name: str
    rate: float
    note: str = ""


def measure(packets: int, connections: int, workers: int, folder: Path | None = None) -> Iterator[LiveFigure]:
    """Measure Spanwatch, and Suricata where it is installed. Raises ``LiveError`` without root."""
    with Cable() as cable, tempfile.TemporaryDirectory(prefix="spanwatch-bench-") as temporary:
        mix = (folder or Path(temporary)) / "mix.pcap"
        write(mix, packets, connections)
        with _Far(cable, mix) as far:
            cable.enter(cable.near)
            yield _bisect(f"spanwatch, {workers} worker{'s' * (workers > 1)}", far, lambda load: _watch(workers, load))
            if shutil.which("suricata") is None:
                yield LiveFigure("suricata", 0.0, "not installed")
            else:
                yield _bisect("suricata", far, lambda load: _suricata(Path(temporary), load))


class _Far:
    """The sender process at the far end: asked over a pipe for a rate, it answers with what it sent."""

    def __init__(self, cable: Cable, mix: Path) -> None:
        self.cable = cable
        self.mix = mix

    def __enter__(self) -> Self:
        asked, self.ask = os.pipe()
        self.answers, answer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.ask)
                self._serve(asked, answer)
            finally:
                os._exit(0)
        os.close(asked)
        os.close(answer)
        if not os.read(self.answers, 64):
            raise LiveError("the sender of the bench did not start")
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self.ask)
        os.close(self.answers)
        os.waitpid(self.pid, 0)

    def _serve(self, asked: int, answer: int) -> None:
        self.cable.enter(self.cable.far)
        sender = Sender(self.mix, FAR)
        os.write(answer, b"ready")
        while line := os.read(asked, 64):
            rate = float(line)
            frames = int(rate * TRIAL_SECONDS) if rate else sender.frames
            sent, seconds = sender.send(frames, rate)
            os.write(answer, f"{sent} {seconds}".encode())

    def load(self, rate: float) -> Load:
        """Return what sends at ``rate`` (0: at top rate) and gives the packets per second that went out, and how many."""

        def send() -> tuple[float, int]:
            os.write(self.ask, f"{rate}".encode())
            sent, seconds = os.read(self.answers, 64).split()
            return int(sent) / float(seconds), int(sent)

        return send


def _bisect(name: str, far: _Far, engine: Callable[[Load], Trial]) -> LiveFigure:
    """Find the highest rate without a drop, between nothing and what the sender can do."""
    top = engine(far.load(0.0))
    work = ""
    if top.processor_seconds:
        work = f"; {(top.arrived - top.dropped) / top.processor_seconds:.0f} per processor second"
    if top.lossless:
        return LiveFigure(name, top.rate, f"lossless, the sender goes no faster{work}")
    low, high, best = 0.0, top.rate, 0.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        trial = engine(far.load(middle))
        if trial.lossless:
            low, best = middle, trial.rate
        else:
            high = middle
    return LiveFigure(name, best, f"lossless; at {top.rate:.0f}/s {top.dropped} of {top.arrived} were dropped{work}")


def _watch(workers: int, load: Load) -> Trial:
    before = _processor_seconds()
    processes = open_workers([NEAR], workers)
    try:
        for process in processes:
            process.start()
        time.sleep(SETTLE_SECONDS)
        reader = _Reader(processes)
        rate, sent = reader.during(load)
        unread = sent - sum(ring.ring_counters.taken for process in processes for ring in process.rings)
        for process in processes:
            process.stop()
        reader.to_the_end()
        arrived = sum(ring.ring_counters.arrived for process in processes for ring in process.rings)
        dropped = sum(ring.ring_counters.dropped for process in processes for ring in process.rings)
    finally:
        for process in processes:
            process.close()
    return Trial(rate, arrived, dropped, max(0, unread - dropped), _processor_seconds() - before)


def _processor_seconds() -> float:
    """Processor time of the processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Reader:
    """Reads the reports of the workers, so that they never wait for a reader."""

    def __init__(self, processes: list[WorkerProcess]) -> None:
        self.readers = [ReportReader(process.descriptor) for process in processes]

    def during(self, load: Load) -> tuple[float, int]:
        """Send the load in a thread of its own and read until it is sent."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # only the bench needs threads

        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(load)
            while not sending.done():
                self._read()
                time.sleep(0.05)
            return sending.result()

    def to_the_end(self) -> None:
        """Read until every worker has closed its pipe."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end and not all(reader.closed for reader in self.readers):
            self._read()
            time.sleep(0.01)

    def _read(self) -> None:
        for reader in self.readers:
            for _ in reader.read():
                pass


def _suricata(folder: Path, load: Load) -> Trial:
    command = ("suricata", f"--af-packet={NEAR}", "-l", str(folder), "-k", "none")
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_promiscuous()
        rate, _ = load()
        time.sleep(1.0)
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(PATIENCE_SECONDS)
    counts = SURICATA_COUNTS.findall((folder / "suricata.log").read_text(encoding="utf-8", errors="replace"))
    (folder / "suricata.log").unlink()
    if not counts:
        raise LiveError("suricata wrote no packet counts to its log")
    packets, dropped = (int(number) for number in counts[-1])
    return Trial(rate, packets, dropped)


def _until_promiscuous() -> None:
    """Wait until Suricata listens: its start takes seconds."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        shown = subprocess.run(("ip", "-d", "link", "show", NEAR), capture_output=True, text=True, check=False).stdout
        if "promiscuity 0" not in shown:
            return
        time.sleep(0.1)
    raise LiveError("suricata did not begin to listen")
