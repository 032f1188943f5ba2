"""``python -m tools.dashboards``: check the definitions and write the NDJSON that set-up imports into Kibana."""

from __future__ import annotations

import sys

from tools.dashboards import FOLDER, ndjson, rules_ndjson, saved_objects
from tools.dashboards.check import faults


def main() -> int:
    """Write both files, or say what is wrong and write nothing."""
    if wrong := faults(saved_objects()):
        print("\n".join(wrong), file=sys.stderr)  # noqa: T201  # the answer of the command
        return 1
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "dashboards.ndjson").write_bytes(ndjson())
    (FOLDER / "rules.ndjson").write_bytes(rules_ndjson())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
