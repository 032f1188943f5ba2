"""What a part of the sensor could not take: counted, kept in a file for whoever mends it, reported; everything else goes on.

A part is whoever is given a fact: the inventory, the policy, one entry of the alert catalogue, the models, one sink. A fact
that one of them cannot take reaches the others all the same. The file has a line of JSON for each: the part, the exception's
type and place, and the fact; never the exception's words, which may quote a packet. It holds MAX_LINES lines and MAX_BYTES
bytes at most, and only its owner and group may read it.

Files that cannot be written are no fault of a fact: their errors pass, and so does everything where ``strict`` (learning and
tests, which must not go on with less than all facts).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Final, ParamSpec, TypeVar

import msgspec

from dissectors.context import Context, SensorEvent
from rules.detections.grammar import counted
from sensor.pipeline.fact_lines import named
from sensor.sinks.ndjson import OutputError
from sensor.store import StoreError

MAX_LINES: Final = 1_000
MAX_BYTES: Final = 4 << 20
MODE: Final = 0o640
FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
PASSED: Final = (OSError, MemoryError, OutputError, StoreError)
PLACE_PARTS: Final = 3
"""How much of a file's path says where an exception comes from."""

log = logging.getLogger("spanwatch")

P = ParamSpec("P")
T = TypeVar("T")


class Line(msgspec.Struct):
    """One line of the file."""

    part: str
    error: str
    place: str
    kind: str
    fact: msgspec.Raw


class Quarantine:
    """Counts and keeps what parts could not take. ``count`` is how many that were, ``kept`` how many are in the file."""

    def __init__(self, path: Path | None = None, *, strict: bool = False) -> None:
        self.path = path
        self.count = 0
        self.kept = 0
        self._strict = strict
        self._waiting: dict[str, tuple[int, str]] = {}
        self._full = path is None

    def attempt(self, part: str, what: object, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Return what ``call`` returns; None when it could not take ``what``, which is kept then."""
        try:
            return call(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  # whatever it is: it must not end the sensor
            self.keep(part, what, error)
            return None

    def keep(self, part: str, what: object, error: Exception) -> None:
        """Keep ``what``, which made ``part`` raise ``error``."""
        if self._strict or isinstance(error, PASSED):
            raise error
        self.count += 1
        where = place_of(error)
        count, _ = self._waiting.get(part, (0, ""))
        self._waiting[part] = (count + 1, f"{type(error).__name__} at {where}")
        if self.count == 1:
            log.error("a part of the sensor failed: %s, %s at %s; all others go on", part, type(error).__name__, where)
        if not self._full:
            fact = what.fact if isinstance(what, Context) else what
            self._write(
                Line(part, type(error).__name__, where, type(fact).__name__ if fact is not None else "", _encoded(fact))
            )

    def events(self, now: int, source: str) -> list[SensorEvent]:
        """Return what is to be reported since the last call, a sentence for each part."""
        waiting, self._waiting = self._waiting, {}
        kept = f"; kept in {self.path.name}" if self.path is not None and self.kept else ""
        return [
            SensorEvent(
                kind="part_failed",
                time=now,
                source=source,
                subject=part,
                observed=f"{part} failed on {counted(count, 'fact')} ({error}){kept}. All other parts took them.",
                detail={"facts": count},
            )
            for part, (count, error) in sorted(waiting.items())
        ]

    def _write(self, line: Line) -> None:
        assert self.path is not None
        body = msgspec.json.encode(line) + b"\n"
        try:
            descriptor = os.open(self.path, FLAGS, MODE)
            try:
                if self.kept >= MAX_LINES or os.fstat(descriptor).st_size + len(body) > MAX_BYTES:
                    self._full = True
                    return
                os.write(descriptor, body)
            finally:
                os.close(descriptor)
        except OSError as error:
            log.error("%s: cannot be written (%s)", self.path, error.strerror)  # noqa: TRY400  # a sentence, no trace
            self._full = True
            return
        self.kept += 1


def beside(output: Path | None, store: Path | None) -> Path | None:
    """Return where the quarantine of a run lies: in the folder of its documents, else beside its store."""
    if output is not None:
        return output / "quarantine.ndjson"
    return store.with_name(f"{store.name}.quarantine.ndjson") if store is not None else None


def place_of(error: BaseException) -> str:
    """Return file and line where an exception was raised."""
    trace = error.__traceback__
    if trace is None:
        return "an unknown place"
    while trace.tb_next is not None:
        trace = trace.tb_next
    file = PurePath(trace.tb_frame.f_code.co_filename)
    return f"{'/'.join(file.parts[-PLACE_PARTS:])}:{trace.tb_lineno}"


def _encoded(fact: object) -> msgspec.Raw:
    try:
        return msgspec.Raw(msgspec.json.encode(named(fact) if isinstance(fact, msgspec.Struct) else fact))
    except Exception:  # noqa: BLE001  # what cannot be written may be what made the part fail
        return msgspec.Raw(b"null")
