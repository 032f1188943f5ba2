"""Plays scenarios, records each at the mirror port and writes the MANIFEST beside the captures."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from pcaps.plant.process import SEED
from pcaps.plant.scenarios import SCENARIOS, Scenario
from pcaps.plant.stations import CaptureError, Plant
from pcaps.plant.truth import Truth, attack_frames, frames

MANIFEST = "MANIFEST"
MARGIN_SECONDS = 0.5
MINIMUM_FRAMES = 100
ACTION_SECONDS = 150.0
"""No action takes longer; one that does has hung."""
TELLING_NAME_BYTES = 4
HEADING = """\
# What each capture holds and what a sensor must say about it. Written by `python -m pcaps.plant`; see README.md.
# expect: alert ids that fire with policy.yaml loaded · one_of: at least one of each group · with_baseline: also, once
# plant/normal_long.pcap has been learned · may: companions that are not wrong · frames: first and last frame of the attack.
"""


def made_by(scenario: Scenario) -> str:
    """Return the stacks of a scenario and their versions, and the seed of the process values."""
    names = ("pymodbus", "python-snap7", "yadnp3", *scenario.packages)
    stacks = ", ".join([f"{name} {version(name)}" for name in names] + [_said(name) for name in scenario.programs])
    return f"pcaps.plant with {stacks}; seed {SEED}"


def _said(program: str) -> str:
    """Return the name and version of a program, as it says itself."""
    done = subprocess.run((program, "-v"), capture_output=True, text=True, check=True)
    return f"{program} {done.stdout.split()[-1]}"


def play(scenario: Scenario, capture: Path) -> tuple[float, float]:
    """Play one scenario into a capture file and return when its actions began and ended (seconds since 1970)."""
    capture.parent.mkdir(parents=True, exist_ok=True)
    with Plant(str(capture), dict(scenario.roles), scenario.servers, scenario.clients) as plant:
        time.sleep(scenario.before_seconds)
        begin = time.time()
        for number, (module, action) in enumerate(scenario.actions):
            time.sleep(scenario.pause_seconds if number else 0.0)
            plant.act(scenario.station, module, action, timeout_seconds=ACTION_SECONDS)
        time.sleep(scenario.lasting_seconds)
        end = time.time()
        time.sleep(scenario.after_seconds)
        plant.check()
    return begin, end


def entry(scenario: Scenario, capture: Path, begin: float, end: float) -> dict[str, Any]:
    """Return the MANIFEST entry of a capture; raise CaptureError when the capture is too short to be what it says."""
    recorded = frames(capture)
    _refuse_host_name(capture)
    if len(recorded) < MINIMUM_FRAMES:
        raise CaptureError(f"{capture}: only {len(recorded)} frames")
    result: dict[str, Any] = {
        "file": f"captures/{scenario.name}.pcap",
        "sha256": hashlib.sha256(capture.read_bytes()).hexdigest(),
        "packets": len(recorded),
        "duration_seconds": round(recorded[-1].seconds - recorded[0].seconds, 1),
        "what": scenario.sentence,
        "made_by": made_by(scenario),
        "truth": [],
    }
    if scenario.truth is not None:
        first, last = attack_frames(recorded, scenario.truth.attacker, begin - MARGIN_SECONDS, end + MARGIN_SECONDS)
        result["truth"].append(_reported(scenario.truth, first, last))
    return result


def _refuse_host_name(capture: Path) -> None:
    name = os.uname().nodename.encode().lower()
    if len(name) >= TELLING_NAME_BYTES and name in capture.read_bytes().lower():
        raise CaptureError(f"{capture}: holds the name of this machine")


def _reported(truth: Truth, first: int, last: int) -> dict[str, Any]:
    return {
        "attacker": truth.attacker.ip,
        "victims": [host.ip for host in truth.victims],
        "technique": truth.technique,
        "frames": [first, last],
        "expect": list(truth.expect),
        "one_of": [list(group) for group in truth.one_of],
        "with_baseline": list(truth.with_baseline),
        "may": sorted(set(truth.may)),
    }


def retell(directory: Path) -> list[dict[str, Any]]:
    """Return the entries of a MANIFEST with the sentences and alert ids of the present scenarios."""
    listed: list[dict[str, Any]] = yaml.safe_load((directory / MANIFEST).read_text(encoding="utf-8"))["captures"]
    known = {item["file"]: item for item in listed}
    for scenario in SCENARIOS:
        item = known.get(f"captures/{scenario.name}.pcap")
        if item is not None:
            item["what"] = scenario.sentence
            if scenario.truth is not None:
                item["truth"] = [_reported(scenario.truth, *item["truth"][0]["frames"])]
    return listed


def write_manifest(directory: Path, entries: list[dict[str, Any]]) -> None:
    """Put entries into the MANIFEST of a directory; entries of other captures stay as they are."""
    path = directory / MANIFEST
    known = yaml.safe_load(path.read_text(encoding="utf-8"))["captures"] if path.exists() else []
    merged = {item["file"]: item for item in [*known, *entries]}
    order = [f"captures/{scenario.name}.pcap" for scenario in SCENARIOS]
    listed = [merged[name] for name in order if name in merged]
    text = yaml.safe_dump({"captures": listed}, sort_keys=False, allow_unicode=True, width=118)
    path.write_text(HEADING + text, encoding="utf-8")
