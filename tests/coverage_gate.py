"""The gate of ``make coverage``: 90 % of the branches and lines of the whole and of every file.

Reads the JSON report of coverage.py. A file below the gate stands in ``BELOW`` with what it reaches at least and why; one that became better
must raise its number or leave, so the list only shrinks. Limit: what a process killed outright ran is not counted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

GATE = 90
SLACK = 5
"""A number may be this much below what a file reaches: some branches are taken by chance of timing."""
MOST = 0
"""How many files ``BELOW`` may have. Lower it with every one that leaves."""
BELOW: dict[str, tuple[int, str]] = {}
"""The least per cent of a file, and why it is below the gate."""


def complaints(report: Mapping[str, Any], below: Mapping[str, tuple[int, str]]) -> list[str]:
    """Return what is wrong with a report, one sentence each."""
    reached = {name: float(row["summary"]["percent_covered"]) for name, row in report["files"].items()}
    whole = float(report["totals"]["percent_covered"])
    found = [f"the whole: {whole:.1f} % is below {GATE} %; write tests"] if whole < GATE else []
    for name, per_cent in sorted(reached.items()):
        least = below[name][0] if name in below else GATE
        if per_cent < least:
            found.append(
                f"{name}: {per_cent:.1f} % is below {least} %; write tests for what its row in the report misses"
            )
        elif name in below and per_cent >= GATE:
            found.append(f"{name}: {per_cent:.1f} %; take it out of BELOW and lower MOST")
        elif name in below and per_cent >= least + SLACK:
            found.append(f"{name}: {per_cent:.1f} %; raise its number in BELOW from {least}")
    found += [f"{name}: is not in the report; take it out of BELOW" for name in sorted(set(below) - set(reached))]
    return found


def main(path: Path) -> int:
    """Judge the report at ``path``."""
    report = json.loads(path.read_text(encoding="utf-8"))
    found = complaints(report, BELOW)
    print("\n".join([*found, f"branch coverage {report['totals']['percent_covered']:.1f} %"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
