"""``python -P tools/installed.py MODULE [ARGUMENT...]``: run a tool with the installed Spanwatch, not with the sources beside it.

The repository root goes to the end of the path, so that an environment with the compiled wheel measures what users get.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path


def main() -> None:
    """Run the module as ``python -m`` would."""
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
