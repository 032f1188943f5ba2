"""Collecting what is wrong in a document, with its lines, so that everything is reported at once."""

from __future__ import annotations

from collections.abc import Iterable

from rules.policy.problem import Problem, nearest
from rules.policy.source import Path, Source


class Findings:
    """Collects problems with their lines."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def add(self, code: str, path: Path, where: str, text: str) -> None:
        """Note one problem at ``path``."""
        line = self.source.line(path)
        self.problems.append(Problem(code=code, file=self.source.name, line=line, where=where, text=text))

    def name(self, path: Path, where: str, what: str, word: str | None, known: Iterable[str]) -> bool:
        """Return whether ``word`` is one of ``known`` (or absent); note E01 when it is not."""
        choice = list(known)
        if word is None or word in choice:
            return True
        self.add("E01", path, where, f"{what} '{word}' is not defined{nearest(word, choice)}")
        return False
