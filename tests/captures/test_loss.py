"""A mirror loses a frame now and then: whichever it is, no alert appears that the whole capture does not give.

A few places of each sample capture, always the same; EVERY_PLACE=1 tries all of them, which takes half an hour.
"""

from __future__ import annotations

import os
import struct
from functools import cache
from pathlib import Path
from random import Random

import pytest

from rules.detections.alert import Alert
from rules.policy import load
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from sensor.sinks.sink import Sink

ROOT = Path(__file__).resolve().parents[2]
CAPTURES = ("modbus/listen_only", "modbus/unauthorised_write", "dnp3/direct_operate", "s7/plc_stop", "s7/program_download",
            "iec104/reset_process", "plant/identity", "plant/normal", "iec104/normal")  # fmt: skip
PLACES = 2
FILE_HEADER = 24
RECORD_HEADER = 16
ABOUT_THE_CAPTURE = frozenset({"SEN-003", "SEN-004"})
"""Alerts that say what the sensor did not see."""


class Raised(Sink):
    def __init__(self) -> None:
        self.rules: set[str] = set()

    def alert(self, alert: Alert) -> None:
        self.rules.add(alert.id)


def records(data: bytes) -> list[bytes]:
    """The records of a classic capture file."""
    found, at = [], FILE_HEADER
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at + 8)
        found.append(data[at : at + RECORD_HEADER + size])
        at += RECORD_HEADER + size
    return found


def is_tcp(record: bytes) -> bool:
    return record[RECORD_HEADER + 12 : RECORD_HEADER + 14] == b"\x08\x00" and record[RECORD_HEADER + 23] == 6


def raised(path: Path) -> set[str]:
    sink = Raised()
    Replay(Options(captures=(str(path),), policy=load(ROOT / "pcaps" / "policy.yaml")), [sink]).run()
    return sink.rules


TELLING = {"dnp3/direct_operate": (58,), "plant/identity": (83, 374)}
"""Places whose loss invented an alert once."""


@cache
def whole(name: str) -> tuple[bytes, tuple[bytes, ...], frozenset[str]]:
    path = ROOT / "pcaps" / "captures" / f"{name}.pcap"
    data = path.read_bytes()
    return data[:FILE_HEADER], tuple(records(data)), frozenset(raised(path))


def places(name: str) -> list[int]:
    data = (ROOT / "pcaps" / "captures" / f"{name}.pcap").read_bytes()
    found = [number for number, record in enumerate(records(data)) if is_tcp(record)]
    if os.environ.get("EVERY_PLACE"):
        return found
    return sorted({*Random(name).sample(found, PLACES), *TELLING.get(name, ())})


@pytest.mark.parametrize(("name", "place"), [(name, place) for name in CAPTURES for place in places(name)])
def test_the_loss_of_one_segment_invents_no_alert(name: str, place: int, tmp_path: Path) -> None:
    head, frames, known = whole(name)
    path = tmp_path / "robbed.pcap"
    path.write_bytes(head + b"".join(frames[:place]) + b"".join(frames[place + 1 :]))
    assert raised(path) - known - ABOUT_THE_CAPTURE == set(), f"without frame {place + 1} of {name}"
