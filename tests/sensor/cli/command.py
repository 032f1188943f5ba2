"""Commands called as a person calls them, and captures for them."""

from __future__ import annotations

import errno
import os
import struct
import subprocess
from pathlib import Path
from typing import NoReturn

from click.testing import CliRunner, Result

from sensor.cli import main
from tests.repository import ROOT, program

PCAPS = ROOT / "pcaps"
POLICY = PCAPS / "policy.yaml"
NORMAL = PCAPS / "captures" / "plant" / "normal.pcap"
STOP = PCAPS / "captures" / "s7" / "plc_stop.pcap"
FILES = {"alerts.ndjson", "operations.ndjson", "channels.ndjson", "assets.ndjson", "sensor.ndjson"}
GLOBAL_HEADER, RECORD_HEADER = 24, 16


def spanwatch(*arguments: object, **environment: str) -> Result:
    """Call the program with these words, on a terminal that is wide enough."""
    words = [str(one) for one in arguments]
    return CliRunner().invoke(main, words, env={"COLUMNS": "160", **environment}, prog_name="spanwatch")


def refused(file: Path, text: str) -> list[str]:
    """What is said of a configuration that cannot be used, line by line."""
    file.write_text(text)
    result = spanwatch("config", "check", file)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    return result.output.removeprefix("spanwatch: ").splitlines()


def process(*arguments: object, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Call the program in a process of its own."""
    return subprocess.run(program(*map(str, arguments)), input=given, capture_output=True, check=False)


def times_of(capture: Path) -> list[tuple[int, int]]:
    """Seconds and microseconds of every packet of one of our captures."""
    data, offset, found = capture.read_bytes(), GLOBAL_HEADER, []
    while offset < len(data):
        seconds, micros, kept, _ = struct.unpack_from("<IIII", data, offset)
        found.append((seconds, micros))
        offset += RECORD_HEADER + kept
    return found


def cut_capture(folder: Path) -> Path:
    """The first half of a capture, ending in the middle of a packet."""
    data = STOP.read_bytes()
    path = folder / "cut.pcap"
    path.write_bytes(data[: len(data) // 2])
    return path


def full_disk(*_: object) -> NoReturn:
    """What a disk without room says to whoever writes."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
