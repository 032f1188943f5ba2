"""The water: slow, repeatable curves for the values the controllers report.

Every value is a function of the seconds since the controller started and of a fixed seed, so a remade capture shows the
same curves; only the moments of sampling differ.
"""

from __future__ import annotations

import math
import random

SEED = 20261101
NOISE_STEPS = 512


class Curve:
    """A measurement: a mean, a slow swing and a little repeatable noise (units: raw counts)."""

    def __init__(self, name: str, mean: float, swing: float, period_seconds: float, noise: float) -> None:
        """Draw phase and noise from the seed and the name."""
        self.mean, self.swing, self.period_seconds = mean, swing, period_seconds
        source = random.Random(f"{SEED}/{name}")
        self.phase = source.random() * math.tau
        self.noise = [source.uniform(-noise, noise) for _ in range(NOISE_STEPS)]

    def at(self, seconds: float) -> int:
        """Return the value at this second, never negative."""
        wave = self.swing * math.sin(math.tau * seconds / self.period_seconds + self.phase)
        return max(0, round(self.mean + wave + self.noise[int(seconds) % NOISE_STEPS]))


DOSING = tuple(Curve(f"dosing-{index}", 300 + 40 * index, 25, 60 + 7 * index, 2) for index in range(20))
FILTER = tuple(Curve(f"filter-{index}", 1500 + 210 * index, 90, 80 + 11 * index, 6) for index in range(8))
LINE = tuple(Curve(f"line-{index}", 5000 + 400 * index, 120, 45 + 8 * index, 8) for index in range(7))
RESERVOIR = tuple(Curve(f"reservoir-{index}", 4200 + 300 * index, 160, 50 + 9 * index, 5) for index in range(4))
