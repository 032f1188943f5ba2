"""From scores to a budget line: maxima of blocks, conformal p-values, a tail by moments where data is short.

Windows of a plant are not exchangeable, so none of this is a guarantee; the measured rate is kept next to the line.
The generalised Pareto tail uses the moments of the excesses (Hosking and Wallis 1987); valid below xi = 1/2.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final

import msgspec

DAY: Final = 86_400
SECOND: Final = 1_000_000_000
MERGE_SECONDS: Final = 300
"""Hits on one channel closer than this are one incident."""
MIN_EXCESSES: Final = 30
MIN_BLOCKS: Final = 10
"""With fewer blocks a p-value would say nothing."""
MAX_MAXIMA: Final = 4_096
"""Maxima of blocks of time that a line is drawn from; the largest are kept."""
MARGIN: Final = 0.5
"""Without enough blocks the line is the largest score seen plus this share of its distance from the middle."""
NEAR: Final = 5.0
"""Two models together may speak at this many times their share."""
TINY_XI: Final = 1e-6
METHODS: Final = frozenset({"measured", "extrapolated", "largest_seen", "none"})


def _length(days: float) -> str:
    """Return a length of time as a person says it."""
    if days >= 1:
        return f"{days:.1f} days"
    return f"{days * 24:.1f} hours" if days * 24 >= 1 else f"{max(1, round(days * 24 * 60))} min"


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a model begins to speak. A score above ``line`` is an incident, above ``near`` one together with another.

    ``method`` is "measured" (enough blocks for the budget), "extrapolated" (Pareto tail), "largest_seen" (too few
    blocks: largest score seen with a margin) or "none" (nothing to calibrate with). ``tau`` is the share of blocks
    that may speak, ``measured_per_day`` the incidents a day the line gives on the held-out time itself.
    """

    method: str
    line: float
    near: float
    tau: float
    blocks: int
    maxima: tuple[float, ...]
    held_out_days: float
    measured_per_day: float | None

    def p_value(self, score: float) -> float | None:
        """Return the share of blocks at least as odd, None with fewer than MIN_BLOCKS."""
        if self.blocks < MIN_BLOCKS:
            return None
        return (1 + len(self.maxima) - bisect_left(self.maxima, score)) / (len(self.maxima) + 1)

    def honest(self) -> str:
        """Return one sentence on how far the line can be trusted."""
        if self.method == "none":
            return "a fixed limit, for want of scores to measure with; no guarantee"
        rate = f"{self.measured_per_day:.2f} incidents a day measured on {_length(self.held_out_days)}"
        above = f"a score above {self.line:.2f}"
        if self.method == "largest_seen":
            return (
                f"{above}, the largest seen while learning and {MARGIN:.0%} of its distance from the middle: {self.blocks} blocks "
                f"of time are too few to measure it; {rate}; no guarantee"
            )
        return f"{above}, {self.method} from {self.blocks} blocks of time; {rate}; windows are not exchangeable, so no guarantee"

    def card(self) -> dict[str, Any]:
        """Return what the model card says of the line."""
        return {
            "method": self.method,
            "line": round(self.line, 4),
            "near": round(self.near, 4),
            "blocks": self.blocks,
            "held_out_days": round(self.held_out_days, 3),
            "measured_incidents_per_day": self.measured_per_day,
            "honesty": self.honest(),
        }

    def problem(self) -> str:
        """Return a clause on what cannot be in a loaded calibration, "" when it is sound."""
        numbers = (self.line, self.near, self.tau, self.held_out_days, *self.maxima)
        if self.method not in METHODS or not all(math.isfinite(number) for number in numbers):
            return "has a calibration that cannot be"
        if self.line <= 0 or self.near > self.line or list(self.maxima) != sorted(self.maxima):
            return "has a calibration out of order"
        return ""


def calibrate(
    scores: Sequence[tuple[int, str, float]], share_per_day: float, block_seconds: int, floor: float
) -> Calibration:
    """Draw the line for (time ns, channel, score) of held-out clean time, in time order; never below ``floor``."""
    tau = min(1.0, share_per_day * block_seconds / DAY)
    blocks: dict[int, float] = {}
    for time, _, score in scores:
        block = time // (block_seconds * SECOND)
        blocks[block] = max(score, blocks.get(block, -math.inf))
    maxima = sorted(blocks.values())[-MAX_MAXIMA:]
    if not maxima:
        return Calibration("none", floor, floor, tau, 0, (), 0.0, None)
    line, method = budget_line(maxima, tau)
    near, _ = budget_line(maxima, min(1.0, NEAR * tau))
    if method == "largest_seen":
        near = maxima[-1]
    line = max(line, floor)
    near = min(max(near, floor * 0.8), line)
    days = max(len(blocks) * block_seconds, 1) / DAY
    rate = incidents(scores, line) / days
    return Calibration(method, line, near, tau, len(blocks), tuple(maxima), days, rate)


def budget_line(maxima: Sequence[float], tau: float) -> tuple[float, str]:
    """Return the score that a share ``tau`` of blocks exceeds, and how it was found. ``maxima`` are sorted."""
    n = len(maxima)
    allowed = math.floor(tau * (n + 1))
    if allowed >= 1:
        return maxima[max(0, n - allowed)], "measured"
    over = max(MIN_EXCESSES, n // 5)
    if n >= 2 * over:
        found = pareto_line(maxima, over, tau)
        if found is not None:
            return max(found, maxima[-1]), "extrapolated"
    middle = maxima[n // 2]
    return maxima[-1] + MARGIN * max(maxima[-1] - middle, abs(maxima[-1]) * 0.1), "largest_seen"


def pareto_line(maxima: Sequence[float], over: int, tau: float) -> float | None:
    """Return the ``tau`` line of a generalised Pareto tail over the ``over`` largest, None where it is not valid."""
    threshold = maxima[-over - 1]
    excesses = [value - threshold for value in maxima[-over:]]
    mean = sum(excesses) / over
    variance = sum((value - mean) ** 2 for value in excesses) / (over - 1)
    if mean <= 0 or variance <= 0:
        return None
    xi = (1 - mean * mean / variance) / 2
    if xi >= 0.5:
        return None
    sigma = mean * (mean * mean / variance + 1) / 2
    ratio = tau * len(maxima) / over
    if abs(xi) < TINY_XI:
        return threshold - sigma * math.log(ratio)
    found = threshold + sigma / xi * (ratio ** (-xi) - 1)
    return found if math.isfinite(found) else None


def incidents(scores: Sequence[tuple[int, str, float]], line: float) -> int:
    """Count the incidents that ``line`` would have given, hits of a channel within MERGE_SECONDS being one."""
    last: dict[str, int] = {}
    count = 0
    for time, channel, score in scores:
        if score > line:
            before = last.get(channel)
            if before is None or time - before > MERGE_SECONDS * SECOND:
                count += 1
            last[channel] = time
    return count
