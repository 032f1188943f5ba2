"""Runs the bench: makes the mix, measures each stage and the other engines of this machine in the same run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Final

import msgspec

from tools.bench.mix import write
from tools.bench.policy import policy_text

OTHERS_PACKETS: Final = 200_000
"""Packets that slower engines are given; their rate does not depend on it."""
STAGES: Final = ("reading", "worker")
REPEATS: Final = 3
STAGE: Final = Path(__file__).with_name("stage.py")
"""Run by its path, so that the packages of the environment are measured and not those beside it."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measured line: the best of REPEATS runs for our stages, one run for other engines."""

    name: str
    packets: int
    seconds: float
    memory: float = 0.0
    note: str = ""

    @property
    def rate(self) -> float:
        """Packets per second."""
        return self.packets / self.seconds if self.seconds > 0 else 0.0


def measure(packets: int, connections: int, folder: Path | None = None) -> Iterator[Figure]:
    """Make the mix in ``folder`` (a temporary one by default) and give the figures as they come."""
    with tempfile.TemporaryDirectory(prefix="spanwatch-bench-") as temporary:
        place = folder or Path(temporary)
        mix = place / "mix.pcap"
        started = time.perf_counter()
        made = write(mix, packets, connections)
        yield Figure(name="making the mix", packets=made, seconds=time.perf_counter() - started)
        mix.with_suffix(".yaml").write_text(policy_text(connections), encoding="utf-8")
        for stage in STAGES:
            yield _stage(stage, mix)
        yield from _with_models(mix)
        short = place / "short.pcap"
        write(short, min(packets, OTHERS_PACKETS), connections)
        yield from _others(short, min(packets, OTHERS_PACKETS), place)


def _stage(name: str, mix: Path) -> Figure:
    return _figure(name, [_run(name, mix) for _ in range(REPEATS)])


def _with_models(mix: Path) -> Iterator[Figure]:
    """Measure the whole replay without and with a baseline, taking turns, so that a busy moment meets both."""
    yield _figure("learn", [_run("learn", mix)])
    turns = [(_run("replay", mix), _run("baseline", mix)) for _ in range(REPEATS)]
    plain = _figure("replay", [without for without, _ in turns])
    judged = _figure("with baseline", [learned for _, learned in turns])
    yield plain
    share = judged.rate / plain.rate if plain.rate else 0.0
    yield msgspec.structs.replace(judged, note=f"{judged.note}, {share:.3f} of the rate of replay")


def _run(stage: str, mix: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-P", str(STAGE), stage, str(mix)], capture_output=True, text=True, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _figure(name: str, runs: list[dict[str, float]]) -> Figure:
    best = min(runs, key=itemgetter("seconds"))
    extra = ", ".join(f"{int(best[key])} {key}" for key in ("facts", "incidents") if key in best)
    return Figure(name=name, packets=int(best["packets"]), seconds=best["seconds"], memory=best["memory"], note=extra)


def _others(short: Path, packets: int, place: Path) -> Iterator[Figure]:
    """Measure tshark and Suricata where they are installed."""
    commands = {
        "tshark": ["tshark", "-n", "-q", "-r", str(short), "-z", "io,phs"],
        "suricata": ["suricata", "-r", str(short), "-l", str(place), "-k", "none", "--runmode", "single"],
    }
    for name, command in commands.items():
        if shutil.which(name) is None:
            yield Figure(name=name, packets=0, seconds=0.0, note="not installed")
            continue
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False)
        yield Figure(name=name, packets=packets, seconds=time.perf_counter() - started, note="whole process")
