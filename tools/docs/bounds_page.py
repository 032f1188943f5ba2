"""The page of bounds: the table of ``tools.docs.bounds`` with the values of the code, then every other limit by its name."""

from __future__ import annotations

import ast
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from dissectors.health import BOUNDS as RAISES
from tools.docs import budget
from tools.docs.bounds import BOUNDS
from tools.docs.page import code, page, section, table

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("dissectors", "rules", "models", "sensor")
OPERATORS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.LShift: operator.lshift,
    ast.Mult: operator.mul,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
}
"""What a constant may be calculated with."""
LIMIT: Final = re.compile(r"MAX_[A-Z_]+|[A-Z_]+_MAX")

ABOUT: Final = """Whatever grows has a bound with a name. Counters marked `Health` go into that fact and the sensor documents; those
that say `SEN-009` raise that alert (bound reached) too. The others are attributes of the object that forgets."""

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
        number_of = _number(node.value)
        written = ast.get_source_segment(source, node.value) or "" if number_of is None else f"{number_of:,}"
        yield Constant(target.id, written, path, meaning)


def _number(node: ast.expr) -> int | float | None:
    """Return the number that an expression of numbers is, so that the page has "1,048,576" for ``1 << 20``."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            positive = _number(operand)
            return None if positive is None else -positive
        case ast.BinOp(left=left, op=sign, right=right):
            one, other, calculate = _number(left), _number(right), OPERATORS.get(type(sign))
            return None if one is None or other is None or calculate is None else calculate(one, other)
    return None


def values() -> dict[str, int]:
    """Return the number that each bound of a budget has."""
    known = constants()
    return {row.constant: int(known[row.constant].value.replace(",", "")) for row in budget.BUDGETS}


def _shares(known: dict[str, Constant]) -> Iterator[tuple[str, ...]]:
    sums = {process: budget.sums(values(), process) for process in budget.PROCESSES}
    for name in sums[budget.REPLAY]:
        bounds = [known[row.constant] for row in budget.BUDGETS if row.name == name]
        names = Counter(at.name for at in bounds)
        called = [f"{Path(at.path).stem}.{at.name}" if names[at.name] > 1 else at.name for at in bounds]
        told = [f"{code(word)} {at.value}" for word, at in zip(called, bounds, strict=True)]
        yield name, ", ".join(told), *(_mebibytes(sums[process][name]) for process in budget.PROCESSES)
    yield "the program itself", "", *(_mebibytes(budget.PROGRAM[process]) for process in budget.PROCESSES)
    yield "all", "", *(_mebibytes(sum(sums[one].values()) + budget.PROGRAM[one]) for one in budget.PROCESSES)


def _mebibytes(count: int) -> str:
    return f"{count / budget.MEBIBYTE:.0f}" if count else ""


def _counter(text: str) -> str:
    """Return the counter of a bound, with the alert that a health counter of a table raises."""
    return re.sub(r"Health `(\w+)`", lambda found: found.group() + (", `SEN-009`" if found[1] in RAISES else ""), text)


def missing() -> list[str]:
    """Return the constants that the table names and the code does not have."""
    known = constants()
    return [bound.constant for bound in BOUNDS if bound.constant not in known]


def pages() -> Iterator[tuple[str, str]]:
    """Return the page of bounds."""
    known = constants()
    listed = [(bound, known[bound.constant]) for bound in BOUNDS]
    rows = [
        (row.what, code(at.name), at.value, at.path, budget.of(row.constant), row.full, _counter(row.counter))
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
            section(
                "Budgets",
                SHARES,
                table(("budget", "bounds", *(f"MiB, {process}" for process in budget.PROCESSES)), _shares(known)),
            ),
            section("Other limits", OTHERS, table(("limit", "value", "in", "what it limits"), rest)),
        ),
    )
