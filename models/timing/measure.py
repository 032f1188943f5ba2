"""How odd one window is against a learned rhythm. A score of 1 stands at the fixed limit, below which nothing is reported.

The limits are wide on purpose: timing alone is a poor detector, it is meant to find what stopped and what became a flood.
"""

from __future__ import annotations

import math
from typing import Final

from dissectors.facts import ChannelWindow, OperationCount
from models.contract import BLIND
from models.timing.state import Beat, Rhythm

SILENT_RATIO: Final = 2.5
"""Silence as a multiple of the longest usual gap (at least two periods, at least MIN_GAP)."""
MIN_GAP: Final = 2e6
MIN_SILENCE: Final = 10e6
"""Shorter silences (µs) are never reported: one retransmission may take seconds."""
STORM_RATIO: Final = 2.0
STORM_MORE: Final = 5
"""Requests a second (or a minute) above the most ever seen that a storm needs besides the ratio."""
PACE_RATIO: Final = 1.5
PACE_GAPS: Final = 5
EARLY_RATIO: Final = 2.0
EARLY_GAPS: Final = 3
ANSWER_RATIO: Final = 3.0
ANSWER_DIFFERENCE: Final = 1_000.0
"""Answer times (µs) closer than this count as equal."""
ANSWERS: Final = 20
MIN_SECONDS: Final = 60.0
"""A rate is taken over at least this long: what a short window held is never made larger."""
HEAVY_LOSS: Final = 0.05
"""Holes per packet from which a silence may be the capture's; with fewer, a forged segment would buy an alibi."""


def is_lost(window: ChannelWindow) -> bool:
    """Whether so much is missing that even an absence means nothing."""
    packets = window.packets_client + window.packets_server
    return window.visibility in BLIND or window.gaps > HEAVY_LOSS * packets


class Limits:
    """What one operation may do in a window before any score is worth computing; the cheap look of every window."""

    __slots__ = ("early", "fast", "peak", "rate", "silence", "slow")

    def __init__(self, beat: Beat, near: float, guarded: bool) -> None:
        self.peak = beat.peak + STORM_MORE
        self.rate = beat.rate + STORM_MORE
        usual = max(beat.maximum, 2 * beat.period, MIN_GAP)
        self.silence = max(MIN_SILENCE, near * SILENT_RATIO * usual) if beat.period > 0 else math.inf
        self.slow = beat.period * PACE_RATIO * near if beat.period > 0 else math.inf
        self.fast = beat.period / (PACE_RATIO * near)
        self.early = beat.minimum / EARLY_RATIO if guarded and beat.gaps >= EARLY_GAPS else -1.0

    def exceeded(self, count: OperationCount, seconds: float) -> bool:
        """Whether the window of ``seconds`` is worth scores."""
        gaps = count.gap_count
        longest = count.gap_max
        if count.peak >= self.peak or longest >= self.silence:
            return True
        if count.requests * 60.0 >= self.rate * (seconds if seconds > MIN_SECONDS else MIN_SECONDS):
            return True
        if gaps > PACE_GAPS:
            mean = (count.gap_sum - longest) / (gaps - 1)
            if mean > self.slow or mean < self.fast:
                return True
        return gaps > 0 and count.gap_min <= self.early


def rate_of(requests: int, seconds: float) -> float:
    """Return requests a minute."""
    return requests * 60.0 / max(seconds, MIN_SECONDS)


def silence(beat: Beat, longest: float) -> float:
    """Score a gap of ``longest`` µs in a poll."""
    if beat.period <= 0 or longest < MIN_SILENCE:
        return 0.0
    return longest / (SILENT_RATIO * max(beat.maximum, 2 * beat.period, MIN_GAP))


def storm(beat: Beat, rate: float, peak: int) -> float:
    """Score ``rate`` requests a minute and ``peak`` in one second."""
    score = 0.0
    if peak >= beat.peak + STORM_MORE:
        score = peak / (STORM_RATIO * max(beat.peak, 1))
    if rate >= beat.rate + STORM_MORE:
        score = max(score, rate / (STORM_RATIO * max(beat.rate, 1.0)))
    return score


def mean_gap(gap_count: int, gap_sum: int, gap_max: int) -> float:
    """Return the mean of the gaps (µs) without the longest: a pause is silence, not another pace. 0 of too few."""
    return (gap_sum - gap_max) / (gap_count - 1) if gap_count > PACE_GAPS else 0.0


def pace(beat: Beat, mean: float) -> float:
    """Score the mean gap of a poll against its period, either way."""
    if beat.period <= 0 or mean <= 0:
        return 0.0
    return max(mean / beat.period, beat.period / mean) / PACE_RATIO


def early(beat: Beat, gap_count: int, gap_min: int) -> float:
    """Score a repeat that came sooner than it ever did; only supports other models."""
    if beat.gaps < EARLY_GAPS or not gap_count:
        return 0.0
    return beat.minimum / (EARLY_RATIO * max(gap_min, 1.0))


def answer_time(rhythm: Rhythm, count: int, mean: float) -> float:
    """Score the mean answer time (µs) of a window, slower or faster."""
    if count < ANSWERS or rhythm.answers < ANSWERS or mean <= 0:
        return 0.0
    if mean > rhythm.slowest + ANSWER_DIFFERENCE:
        return mean / (ANSWER_RATIO * max(rhythm.slowest, 1.0))
    if mean < rhythm.fastest - ANSWER_DIFFERENCE:
        return rhythm.fastest / (ANSWER_RATIO * mean)
    return 0.0
