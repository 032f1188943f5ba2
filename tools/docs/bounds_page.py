"""The page of bounds: the table of ``tools.docs.bounds`` with the values of the code, then every other limit by its name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tools.docs import budget
from tools.docs.bounds import BOUNDS
from tools.docs.page import code, page, section, table

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("dissectors", "rules", "models", "sensor")
LIMIT: Final = re.compile(r"MAX_[A-Z_]+|[A-Z_]+_MAX")

ABOUT: Final = """Whatever grows has a bound with a name. Counters marked `Health` go into that fact, and so into `SEN-009` (bound
reached) and the sensor documents; the others are attributes of the object that forgets."""

SHARES: Final = f"""What all bounds together are meant to come to in one process: at most {budget.TOTAL // budget.MEBIBYTE} MiB. The bytes of one entry are
estimates for the compiled build; `python -m tools.floods` measures the whole. The largest of its floods
in a replay with store, policy and documents: S7 stops between 50,000 pairs with 480 MiB, 500,000 Modbus units behind gateways with 410 MiB."""

OTHERS: Final = """Limits of one message, one line or one text, and of caches that lose nothing when they begin anew."""


class Constant(NamedTuple):
    """A constant as the source has it."""

    name: str
    value: str
    path: str
    meaning: str


def constants() -> dict[str, Constant]:
    """Return the constants of all modules by module and name, with the sentence that stands below each."""
    found: dict[str, Constant] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            place = path.relative_to(ROOT)
            for constant in _of_module(path.read_text(encoding="utf-8"), str(place)):
                found[f"{'.'.join(place.with_suffix('').parts)}.{constant.name}"] = constant
    return found


def _of_module(source: str, path: str) -> Iterator[Constant]:
    body = ast.parse(source).body
    for number, node in enumerate(body):
        if not isinstance(node, ast.AnnAssign | ast.Assign) or node.value is None:
            continue
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        if not isinstance(target, ast.Name) or not target.id.isupper():
            continue
        below = body[number + 1] if number + 1 < len(body) else None
        meaning = ""
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str):
            meaning = re.split(r"(?<=[.;])\s", " ".join(below.value.value.split()), maxsplit=1)[0].rstrip(".;")
        yield Constant(target.id, ast.get_source_segment(source, node.value) or "", path, meaning)


def values() -> dict[str, int]:
    """Return the number that each bound of a budget has."""
    known = constants()
    return {row.constant: int(known[row.constant].value.replace("_", "")) for row in budget.BUDGETS}


def _shares(known: dict[str, Constant]) -> Iterator[tuple[str, str, str]]:
    sums = budget.sums(values())
    for name, total in sums.items():
        bounds = [known[row.constant] for row in budget.BUDGETS if row.name == name]
        yield name, ", ".join(f"{code(at.name)} {at.value}" for at in bounds), f"{total / budget.MEBIBYTE:.0f}"
    yield "the program itself", "", f"{budget.PROGRAM / budget.MEBIBYTE:.0f}"
    yield "all", "", f"{(sum(sums.values()) + budget.PROGRAM) / budget.MEBIBYTE:.0f}"


def missing() -> list[str]:
    """Return the constants that the table names and the code does not have."""
    known = constants()
    return [bound.constant for bound in BOUNDS if bound.constant not in known]


def pages() -> Iterator[tuple[str, str]]:
    """Return the page of bounds."""
    known = constants()
    listed = [(bound, known[bound.constant]) for bound in BOUNDS]
    rows = [
        (row.what, code(at.name), at.value, at.path, budget.of(row.constant), row.full, row.counter)
        for row, at in listed
    ]
    named = {bound.constant for bound in BOUNDS}
    rest = [
        (code(at.name), at.value, at.path, at.meaning)
        for name, at in known.items()
        if name not in named and LIMIT.fullmatch(at.name)
    ]
    yield (
        "bounds.md",
        page(
            "Bounds",
            ABOUT,
            table(("what", "bound", "value", "in", "budget", "when full", "counter"), rows),
            section("Budgets", SHARES, table(("budget", "bounds", "MiB"), _shares(known))),
            section("Other limits", OTHERS, table(("limit", "value", "in", "what it limits"), rest)),
        ),
    )
