"""Measures a flood: packets per second of the worker alone, and speed, memory and reports of a whole replay of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import msgspec

from tools.bench.frame import PCAP_HEADER, record
from tools.bench.policy import policy_text
from tools.floods.flood import BACK_AND_FORTH, Flood

START: Final = 1_790_000_000_000_000_000
HOUR: Final = 3_600_000_000_000
BUFFER: Final = 1 << 20
POLICY_LINES: Final = 50
TIMEOUT: Final = 900
WORKER: Final = """
import json, sys, time, resource
from sensor.capture.reader import read
from sensor.worker import Worker
from sensor.pipeline.collector import look_seldom
look_seldom()
worker = Worker()
started = time.process_time()
read([sys.argv[1]], worker.wire, after_block=worker.drain)
worker.finish()
print(json.dumps([time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
REPLAY: Final = """
import json, sys, time, resource, pathlib
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from rules.policy import load
out = pathlib.Path(sys.argv[3])
run = Replay(Options(captures=(sys.argv[1],), policy=load(sys.argv[2]), store=out / "store.db", output=out))
started = time.process_time()
run.run()
print(json.dumps([time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


class Result(msgspec.Struct):
    """What one flood did. Memory in MiB, seconds of processor time, which others on the machine change little; ``alerts`` counts documents by alert id."""

    name: str
    packets: int
    worker_seconds: float = 0.0
    worker_memory: float = 0.0
    replay_seconds: float = 0.0
    replay_memory: float = 0.0
    alerts: dict[str, int] = {}
    failed: str = ""

    @property
    def rate(self) -> float:
        """Packets per second of the worker alone."""
        return self.packets / self.worker_seconds if self.worker_seconds else 0.0

    @property
    def replay_rate(self) -> float:
        """Packets per second of the whole replay."""
        return self.packets / self.replay_seconds if self.replay_seconds else 0.0

    def row(self) -> str:
        """Return the line of the table."""
        bounds = {name: count for name, count in self.alerts.items() if name.startswith("SEN-")}
        said = ", ".join(f"{name} x{count}" for name, count in sorted(bounds.items())) or "nothing"
        if self.failed:
            said = self.failed
        return (
            f"| {self.name} | {self.packets:,} | {self.rate:,.0f} | {self.worker_memory:,.0f} | {self.replay_rate:,.0f} | "
            f"{self.replay_memory:,.0f} | {sum(self.alerts.values()):,} | {said} |"
        )


HEAD: Final = (
    "| flood | packets | worker packets/s | worker MiB | replay packets/s | replay MiB | alert documents | reported |\n"
    "|---|---|---|---|---|---|---|---|"
)


def write(flood: Flood, path: Path, scale: float) -> int:
    """Write the capture of a flood; return how many packets it holds. Nothing is held in memory."""
    made = 0
    with path.open("wb", buffering=BUFFER) as file:
        file.write(PCAP_HEADER)
        for frame in flood.packets(max(1, int(flood.size * scale))):
            back = flood.step == BACK_AND_FORTH
            time = START + made * 1_000 + (made % 2) * HOUR if back else START + made * flood.step
            file.write(record(time, frame))
            made += 1
    return made


def measure(flood: Flood, folder: Path, scale: float) -> Result:
    """Make the capture of a flood in ``folder``, measure it, and take the capture and the output away again."""
    capture, policy, out = folder / f"{flood.name}.pcap", folder / "policy.yaml", folder / f"{flood.name}-out"
    result = Result(flood.name, write(flood, capture, scale))
    if not policy.exists():
        policy.write_text(policy_text(POLICY_LINES), encoding="utf-8")
    out.mkdir(exist_ok=True)
    try:
        result.worker_seconds, result.worker_memory = _run(WORKER, capture)
        result.replay_seconds, result.replay_memory = _run(REPLAY, capture, policy, out)
        result.alerts = _alerts(out / "alerts.ndjson")
    except RuntimeError as error:
        result.failed = str(error)
    finally:
        for path in (capture, *out.iterdir()):
            path.unlink()
        out.rmdir()
    return result


def _run(script: str, *arguments: Path) -> tuple[float, float]:
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", script, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
            env={name: value for name, value in os.environ.items() if name in {"PATH", "PYTHONPATH"}},
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"not done in {TIMEOUT} s") from None
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1][:200])
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return float(seconds), float(memory)


def _alerts(path: Path) -> dict[str, int]:
    counts: dict[str, int] = {}
    with path.open("rb") as file:
        for line in file:
            name = str(msgspec.json.decode(line)["rule"]["id"])
            counts[name] = counts.get(name, 0) + 1
    return counts
