"""What is wrong with a policy file: where, what, and the fix in one sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import msgspec

PROBLEMS_MAX = 100
"""Problems reported for one file; the rest is only counted."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong. ``code`` is the E-code of the lint table, ``line`` counts from 1 (0 for the whole file)."""

    code: str
    file: str
    line: int
    where: str
    text: str

    def __str__(self) -> str:
        """Give the line an editor can jump to: ``plant.yaml:57: rule R-011: text``."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.where}: {self.text}" if self.where else f"{place}: {self.text}"


class PolicyError(Exception):
    """A policy that cannot be used. ``problems`` holds what was found, in file order, at most 100; ``more`` were only counted."""

    def __init__(self, problems: Iterable[Problem], more: int = 0) -> None:
        found = sorted(set(problems), key=lambda problem: (problem.line, problem.where, problem.text))
        self.problems: tuple[Problem, ...] = tuple(found[:PROBLEMS_MAX])
        lines = [str(problem) for problem in self.problems]
        more += max(0, len(found) - PROBLEMS_MAX)
        if more:
            lines.append(f"and {more} more problems; fix these first")
        super().__init__("\n".join(lines))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the known word most like ``word``, or a fix that lists the choice."""
    choice = sorted(known)
    like = difflib.get_close_matches(word, choice, n=1, cutoff=0.6)
    if like:
        return f"; did you mean '{like[0]}'?"
    if not choice:
        return "; define it first"
    shown = ", ".join(choice[:8]) + (", ..." if len(choice) > 8 else "")
    return f"; define it or use one of {shown}"
