"""tshark as a second opinion on DNP3: how often each application function occurs, and what the controls say.

Accepted differences stand in ``dnp3_differences.json``, each with its cause and who is right.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from dissectors.dnp3.control import code_name
from dissectors.dnp3.function import FUNCTIONS
from dissectors.dnp3.link import PRIMARY_FUNCTIONS
from dissectors.facts import ChannelWindow, Exchange, ValueChange
from tests.dissectors.dnp3.wire import CAPTURES, captures, flows, run

DIFFERENCES = json.loads(Path(__file__).with_name("dnp3_differences.json").read_text("utf-8"))
LINK_OPERATIONS = {row.name for row in PRIMARY_FUNCTIONS.values()}
ANSWERS = ("response", "authentication_response")

pytestmark = [
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
    pytest.mark.skipif(not captures(), reason="the captures of others are not on this machine"),
]


def tshark(path: Path, shown: str, *fields: str) -> list[list[str]]:
    """Return the fields of the packets that the filter shows."""
    command = ["tshark", "-n", "-r", str(path), "-Y", shown, "-T", "fields"]
    for name in fields:
        command += ["-e", name]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [line.split("\t") for line in output.splitlines()]


def theirs(path: Path) -> Counter[str]:
    """Return what tshark counts: application functions by name, all answers together with link replies."""
    counts: Counter[str] = Counter()
    for functions, replies in tshark(path, "dnp3", "dnp3.al.func", "dnp3.ctl.secfunc"):
        for code in filter(None, functions.split(",")):
            name = FUNCTIONS[int(code)].name
            counts["response" if name in ANSWERS else name] += 1
        counts["response"] += len(list(filter(None, replies.split(","))))
    return +counts


def ours(path: Path) -> Counter[str]:
    """Return the same from the facts of the sessions."""
    counts: Counter[str] = Counter()
    for flow in flows(path):
        for fact in run(flow).reported(ChannelWindow):
            counts["response"] += fact.responses
            for count in fact.operations:
                name = count.label.split()[0]
                if name not in LINK_OPERATIONS and not name.startswith("link_"):
                    counts[name] += count.requests
    return +counts


@pytest.mark.parametrize("path", captures(), ids=lambda path: path.name)
def test_functions_are_counted_as_tshark_counts_them(path: Path) -> None:
    accepted = {row["operation"]: (row["ours"], row["tshark"]) for row in DIFFERENCES if row["capture"] == path.name}
    mine, other = ours(path), theirs(path)
    differing = {name: (mine[name], other[name]) for name in sorted(mine | other) if mine[name] != other[name]}
    assert differing == accepted


def test_every_accepted_difference_has_a_cause_and_a_judge() -> None:
    for row in DIFFERENCES:
        assert (CAPTURES / row["capture"]).exists()
        assert row["right"] in {"ours", "tshark", "both"}
        assert row["cause"]


CONTROLS = [
    "conformance_8.2.4.2__dump.pcap",
    "conformance_8.2.5.2.1__dump.pcap",
    "dnp3__select_operate_and_responses.pcap",
]


@pytest.mark.parametrize("name", CONTROLS)
def test_control_points_and_codes_are_those_of_tshark(name: str) -> None:
    path = CAPTURES / name
    expected = []
    fields = ("dnp3.al.index", "dnp3.ctl.op", "dnp3.ctl.trip")
    for indexes, types, coils in tshark(path, "dnp3.al.func in {3,4,5}", *fields):
        points = tuple(int(text) for text in indexes.split(","))
        pairs = zip(types.split(","), coils.split(","), strict=True)
        expected.append((points, tuple(code_name(int(kind, 0) | int(coil, 0) << 6) for kind, coil in pairs)))
    reported = []
    for flow in flows(path):
        for fact in run(flow).reported(Exchange):
            if fact.operation in {"select", "operate", "direct_operate"}:
                reported.append((tuple(target.first for target in fact.targets), fact.values))
    assert reported == expected


def test_changed_values_are_values_that_tshark_shows() -> None:
    path = CAPTURES / "conformance_8.5.2.2.2__dump.pcap"
    shown = {row[0] for row in tshark(path, "dnp3.al.biq.b7", "dnp3.al.biq.b7")}
    changes = [fact for flow in flows(path) for fact in run(flow).reported(ValueChange)]
    assert shown
    assert all(set(fact.values) <= {0, 1} for fact in changes if fact.kind == "g1")
