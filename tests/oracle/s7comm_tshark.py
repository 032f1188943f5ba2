"""What tshark reads from a capture of S7comm, as counts that can be compared with ours."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

FIELDS = (
    "s7comm.header.rosctr",
    "s7comm.param.func",
    "s7comm.param.userdata.type",
    "s7comm.param.userdata.funcgroup",
    "s7comm.param.userdata.subfunc",
    "s7comm.param.item.area",
    "s7comm.param.item.db",
    "s7comm.param.item.address",
    "s7comm.param.item.length",
    "s7comm.param.item.transp_size",
)


def count(path: Path) -> dict[str, Counter[str]]:
    """Return "rosctr", "function", "userdata" and "area", "db", "address", "length", "size" as text with its count."""
    command = ["tshark", "-r", str(path), "-Y", "s7comm", "-T", "fields", "-E", "aggregator=,"]
    for name in FIELDS:
        command += ["-e", name]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.splitlines()
    result: dict[str, Counter[str]] = {name: Counter() for name in KINDS}
    for line in lines:
        columns = (line.split("\t") + [""] * len(FIELDS))[: len(FIELDS)]
        split = [[number(text) for text in column.split(",") if text] for column in columns]
        result["rosctr"].update(split[0])
        result["function"].update(split[1])
        result["userdata"].update(f"{group}" for group in split[3])
        result["area"].update(split[5])
        result["db"].update(split[6])
        result["address"].update(split[7])
        result["length"].update(split[8])
        result["size"].update(split[9])
    return result


KINDS = ("rosctr", "function", "userdata", "area", "db", "address", "length", "size")


def number(text: str) -> str:
    """Return a decimal or hexadecimal number as decimal text."""
    return str(int(text, 16) if text.startswith("0x") else int(text))
