"""What Spanwatch and Suricata make of every kind of evasion, as a page: ``python -m tests.evasion.table`` writes docs/evasions.md.

Suricata reads the captures with its own rules for decoder, stream and Modbus events, its Modbus log and checksum validation on.
The page keeps its answers where it is not installed; a test compares both columns with what the programs say now.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from dissectors.facts import OperationFirst, Violation
from rules.detections.catalogue.network import READ_TWICE
from tests.dissectors.harness import of, run
from tests.evasion.kind import OVERLAP
from tests.evasion.kinds import KINDS, write_captures
from tests.evasion.talker import OPERATION
from tests.repository import ROOT

PAGE: Final = ROOT / "docs" / "evasions.md"
RULES: Final = Path("/etc/suricata/rules")
RULE_FILES: Final = ("decoder-events.rules", "stream-events.rules", "modbus-events.rules", "app-layer-events.rules")
WORDS: Final = {
    "decoy": "a decoy that the target drops",
    "two_readings": "two readings",
    "two_readings_of_fragments": "two readings of fragments",
    "two_numberings": "two numberings of the stream",
    "bad_checksum": "a wrong checksum",
    OVERLAP: "other bytes than were acknowledged",
}
HEAD: Final = """# What hides a message, and what is said of it

Each row is one capture of a connection in which a client writes a register of a controller and hides the write between IP and
the message. Both programs read the same packets: Spanwatch, and Suricata {version} with its rules for decoder, stream and Modbus
events, its Modbus log on and checksums checked. *Seen* says whether the write is reported as a request; *said* what is raised of it:
by Spanwatch as NET-037, of bytes that were acknowledged as NET-025 (in a row without either, the target's reading is beyond doubt), by Suricata as its own alerts.

Made by `python -m tests.evasion.table` from `tests/evasion/kinds.py`; a test holds it to what the programs answer now.

| what is sent | Spanwatch: seen | said | Suricata: seen | said |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Answer:
    """What a program made of one capture."""

    seen: bool
    said: tuple[str, ...]

    def cells(self) -> str:
        """Return the two cells of a row."""
        return f"{'yes' if self.seen else '**no**'} | {', '.join(self.said) or '-'}"


def spanwatch() -> dict[str, Answer]:
    """Return what Spanwatch makes of every kind."""
    found = {}
    for one in KINDS:
        facts = run(one.make())
        seen = OPERATION in {fact.operation for fact in of(facts, OperationFirst)}
        names = {fact.name for fact in of(facts, Violation) if fact.name in (*READ_TWICE, OVERLAP)}
        found[one.name] = Answer(seen, tuple(WORDS[name] for name in sorted(names)))
    return found


def suricata() -> dict[str, Answer]:
    """Return what Suricata makes of every kind. Raises OSError where it is not installed."""
    program = shutil.which("suricata")
    if program is None or not RULES.is_dir():
        raise OSError("suricata and its rules are not installed")
    found = {}
    with TemporaryDirectory() as place:
        folder = Path(place)
        write_captures(folder)
        rules = folder / "events.rules"
        rules.write_text("".join((RULES / name).read_text(encoding="utf-8") for name in RULE_FILES), encoding="utf-8")
        for one in KINDS:
            out = folder / one.name
            out.mkdir()
            command = [program, "-c", ROOT / "tests" / "evasion" / "suricata.yaml", "-S", rules, "-k", "all"]
            command += ["-r", folder / f"{one.name}.pcap", "-l", out, "--runmode", "single"]
            subprocess.run(command, capture_output=True, check=True, timeout=120)
            events = [json.loads(line) for line in (out / "eve.json").read_text(encoding="utf-8").splitlines()]
            requests = [event["modbus"].get("request", {}) for event in events if event["event_type"] == "modbus"]
            said = {event["alert"]["signature"] for event in events if event["event_type"] == "alert"}
            seen = any(request.get("function_raw") == 6 for request in requests)
            found[one.name] = Answer(seen, tuple(sorted(name.removeprefix("SURICATA ") for name in said)))
    return found


def version() -> str:
    """Return the version of Suricata."""
    done = subprocess.run(["suricata", "-V"], capture_output=True, text=True, check=True)
    return done.stdout.split("version ")[1].split()[0]


def page(ours: dict[str, Answer], theirs: dict[str, Answer], number: str) -> str:
    """Return the page."""
    rows = [f"| {one.title} | {ours[one.name].cells()} | {theirs[one.name].cells()} |" for one in KINDS]
    seen = sum(answer.seen for answer in ours.values()), sum(answer.seen for answer in theirs.values())
    end = f"\nOf {len(KINDS)} ways Spanwatch sees the write in {seen[0]}, Suricata in {seen[1]}.\n"
    return HEAD.format(version=number) + "\n".join(rows) + "\n" + end


if __name__ == "__main__":
    PAGE.write_text(page(spanwatch(), suricata(), version()), encoding="utf-8")
