"""Writes what ``spanwatch elastic setup`` imports into Kibana, after checking it: ``python -m tools.dashboards``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

from sensor.elastic.kibana import CONTENT, RULES, SAVED_OBJECTS
from tools.dashboards import ndjson, rules_ndjson, saved_objects
from tools.dashboards.check import faults

GENERATED: Final[dict[str, Callable[[], bytes]]] = {SAVED_OBJECTS.file: ndjson, RULES.file: rules_ndjson}
"""The committed files of ``CONTENT`` and what makes them."""


def main() -> int:
    """Write the files; return the exit code."""
    if wrong := faults(saved_objects()):
        sys.stderr.write("\n".join([*wrong, "nothing was written"]) + "\n")
        return 1
    for name, generate in GENERATED.items():
        (CONTENT / name).write_bytes(generate())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
