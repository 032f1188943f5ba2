"""`python -m pcaps.plant [--only NAME] [--retell] --output DIR`: play the plant, record its captures and MANIFEST.

Takes about thirty-five minutes for everything. Run as root; the namespaces are removed at the end, after Ctrl-C and after a
crash.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from pcaps.plant.network import NetworkError, missing_tools
from pcaps.plant.record import entry, play, retell, write_manifest
from pcaps.plant.scenarios import SCENARIOS, Scenario
from pcaps.plant.stations import CaptureError

USAGE = 2


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _obstacle(scenarios: list[Scenario]) -> str | None:
    """Say why nothing can be recorded here, None when it can."""
    if os.geteuid() != 0:
        return "network namespaces and the capture need root: run it with sudo"
    if tools := missing_tools({program for scenario in scenarios for program in scenario.programs}):
        return f"not installed: {', '.join(tools)} (Debian packages iproute2, ethtool, tcpdump, procps, lldpd)"
    return None


def main() -> int:
    """Record the chosen scenarios; return 0, 1 after a failure, 2 when it cannot run here."""
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(prog="python -m pcaps.plant", description=__doc__)
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help="one of: " + ", ".join(names))
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="gets captures/ and MANIFEST")
    parser.add_argument("--retell", action="store_true", help="record nothing: only tell the MANIFEST of DIR anew")
    chosen = parser.parse_args()
    if chosen.retell:
        write_manifest(chosen.output, retell(chosen.output))
        return 0
    scenarios = [scenario for scenario in SCENARIOS if not chosen.only or scenario.name in chosen.only]
    if obstacle := _obstacle(scenarios):
        print(obstacle, file=sys.stderr)
        return USAGE
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        for scenario in scenarios:
            capture = chosen.output / "captures" / f"{scenario.name}.pcap"
            made = entry(scenario, capture, *play(scenario, capture))
            write_manifest(chosen.output, [made])
            print(f"{made['file']}: {made['packets']} packets, {made['duration_seconds']} s", flush=True)
    except (CaptureError, NetworkError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the namespaces are removed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
