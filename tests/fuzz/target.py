"""What a fuzz target is: a name, inputs to begin with, and a check that holds for every input whatever."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from tests.fuzz.parts import mutated, pack


@dataclass(frozen=True)
class Target:
    """``check`` raises when its invariant is broken; ``seeds`` gives inputs in parts, ``join`` makes bytes of them."""

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Sequence[Sequence[bytes]]]
    join: Callable[[Sequence[bytes]], bytes] = pack

    @cached_property
    def corpus(self) -> Sequence[Sequence[bytes]]:
        """The seeds, made once."""
        return self.seeds()

    def input(self, number: int) -> bytes:
        """Return the input of this number: the seeds as they are first, then mutants, the same in every run."""
        if number < len(self.corpus):
            return self.join(self.corpus[number])
        random = Random(f"{self.name}/{number}")
        return self.join(mutated(random.choice(self.corpus), random.choice(self.corpus), random))
