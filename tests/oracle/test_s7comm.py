"""Our reading of S7comm equals tshark's: messages by kind and function, and the address of each item."""

from __future__ import annotations

import csv
import shutil
import struct
from collections import Counter
from pathlib import Path

import pytest
import yaml

from dissectors.base.message import REQUEST
from dissectors.s7.dissector import DISSECTOR
from tests.dissectors.s7.streams import ABSENT, CAPTURES, S7, flows, messages
from tests.oracle.s7comm_tshark import KINDS, count

SERIES = "20161216202830_"
"""A series of 60 captures of the same few messages: the first ones of it stand for all."""
OF_SERIES = 12
DIFFERENCES = yaml.safe_load((Path(__file__).parent / "s7comm_differences.yaml").read_text())

pytestmark = [
    pytest.mark.skipif(not S7.is_dir(), reason=ABSENT),
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
]


def chosen() -> list[str]:
    if not S7.is_dir():
        return []
    names = sorted(path.name for path in S7.iterdir())
    series = [name for name in names if name.startswith(SERIES)]
    large = [name for name in series if (S7 / name).stat().st_size > 1_000_000]
    return [name for name in names if name not in series] + [name for name in series if name not in large][-OF_SERIES:]


def ours(path: Path) -> dict[str, Counter[str]]:
    """Count what our parser reads, from the codes, names and targets of its messages."""
    result: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for flow in flows(path):
        for _, side, data in messages(flow):
            message = DISSECTOR.parse(data, 0, len(data), side == 0)
            if message is None or data[5] != 0xF0 or data[7] != 0x32:
                continue
            result["rosctr"][str(data[8])] += 1
            if data[8] == 7:
                group = "0" if message.operation == "mode_notice" else message.code.split(".")[0]
                result["userdata"][group] += 1
            elif message.code:
                result["function"][str(int(message.code.split()[0], 16))] += 1
            if message.kind == REQUEST and message.operation in ("read_var", "write_var"):
                for target in message.targets:
                    _item(result, target.kind, target.first)
    return result


AREAS = {"P": 0x80, "I": 0x81, "Q": 0x82, "M": 0x83, "C": 0x1C, "T": 0x1D, "DB": 0x84, "DI": 0x85}


def _item(result: dict[str, Counter[str]], kind: str, first: int) -> None:
    name = kind.rstrip("0123456789")
    if name not in AREAS:
        return
    result["area"][str(AREAS[name])] += 1
    result["db"][kind[len(name) :] or "0"] += 1
    result["address"][str(first)] += 1


COMPARED = ("rosctr", "function", "userdata", "area", "address")


@pytest.mark.parametrize("name", chosen())
def test_messages_and_addresses_equal_those_of_tshark(name: str) -> None:
    mine, other = ours(S7 / name), count(S7 / name)
    accepted = next((row for row in DIFFERENCES if row["capture"] == name), None)
    if accepted is None:
        for kind in COMPARED:
            assert mine[kind] == other[kind], kind
        if not mine["area"].keys() - {"132", "133"}:
            assert mine["db"] == other["db"]
        return
    assert (mine["rosctr"] - other["rosctr"]).total() == accepted["extra"]
    assert (other["rosctr"] - mine["rosctr"]).total() == accepted["missing"]
    assert accepted["cause"]


TRUE_AREAS = {"DATA_BLOCK": "DB", "INPUTS": "I", "OUTPUTS": "Q"}
TRUTHS = [
    ("Cooler_output.csv", "example_Cooler__cooler.pcapng"),
    ("Water_pump_output.csv", "example_Water_pump__water_pump.pcapng"),
]


def reported(path: Path) -> dict[tuple[str, str], set[tuple[str, int, bytes]]]:
    """Return by kind and PDU reference what our messages say: area with block, first byte, bytes of the values."""
    found: dict[tuple[str, str], set[tuple[str, int, bytes]]] = {}
    for flow in flows(path):
        for _, side, data in messages(flow):
            message = DISSECTOR.parse(data, 0, len(data), side == 0)
            if message is None or data[5] != 0xF0 or data[8] not in (1, 3):
                continue
            key = ("JOB" if data[8] == 1 else "ACK_DATA", str(int.from_bytes(data[11:13], "big")))
            target = message.targets[0] if message.targets else None
            kind, first = (target.kind, target.first // 8) if target is not None else ("", 0)
            raw = bytes(int(value) & 255 for value in message.values)
            found.setdefault(key, set()).add((kind, first, raw))
    return found


def value_of(kind: str, raw: bytes) -> str:
    """Return the value of the bytes as the truth writes it."""
    if kind == "BOOL":
        return str(bool(raw[0] & 1))
    if kind == "INT":
        return str(int.from_bytes(raw, "big", signed=True))
    return str(struct.unpack(">f", raw)[0])


@pytest.mark.parametrize(("truth", "capture"), TRUTHS)
def test_addresses_and_values_equal_the_published_truth(truth: str, capture: str) -> None:
    found = reported(S7 / capture)
    with (CAPTURES / "truth" / "gar7ic" / truth).open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["Param_Function"] in ("READ", "WRITE")]
    values = 0
    for row in rows:
        ours_of_row = found[(row["Header_Rosctr"], row["Header_PduRef"])]
        if row["Header_Rosctr"] == "JOB":
            area = TRUE_AREAS[row["Param_Item_Area"]] + (row["Param_Item_DB"] if row["Param_Item_DB"] != "0" else "")
            assert (area, int(row["Param_Address_Byte"])) in {(kind, first) for kind, first, _ in ours_of_row}
        elif row["Param_Function"] == "READ":
            assert row["Data_Value"] in {value_of(row["Data_Type"], raw) for _, _, raw in ours_of_row}
            values += 1
    assert len(rows) >= 16
    assert values >= 6
