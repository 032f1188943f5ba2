"""Every kind of evasion between IP and the message: the packets that do it, what must be seen and what must be said.

``KINDS`` is the one list, in the order of the page. ``python -m tests.evasion.kinds FOLDER`` writes each as a capture. In all of
them a client writes a register; ``said`` are the violations that must be stated, none where the target's reading is beyond doubt
and nothing is hidden.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.evasion import connections, decoys, first_bytes, packets, segments
from tests.evasion.kind import MADE, Kind
from tests.evasion.talker import save

KINDS: list[Kind] = [
    one
    for module in (decoys, segments, connections, packets, first_bytes)
    for one in MADE
    if one.module == module.__name__
]


def write_captures(folder: Path) -> None:
    """Write every kind as NAME.pcap."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in KINDS:
        save(one.make(), folder / f"{one.name}.pcap")


if __name__ == "__main__":
    write_captures(Path(sys.argv[1]))
