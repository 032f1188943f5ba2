"""The sentences of the timing model. Times are µs; the scorer adds what all findings carry."""

from __future__ import annotations

from typing import Final

from dissectors.finding import Contribution, Finding
from models.timing.state import Beat, Rhythm
from models.wording import count_text, seconds_text

MODEL: Final = "rhythm"


def silence_finding(beat: Beat, longest: float, more: int, polls: int) -> Finding:
    """A poll stopped, or ``more`` others of the channel's ``polls`` with it."""
    missing = max(1, int(longest / beat.period) - 1)
    observed = f"none for {seconds_text(longest / 1e6)}, {count_text(missing, 'poll')} missing"
    if more:
        observed += f"; {more} more of the {polls} polls of this channel stopped as well"
    return _timing(
        "M3.silent",
        _usual(beat),
        observed,
        Contribution("silence", 1.0, seconds_text(longest / 1e6), f"at most {seconds_text(beat.maximum / 1e6)}"),
        "check the polling station; learn again if the poll was taken out on purpose",
    )


def storm_finding(beat: Beat, rate: float, peak: int) -> Finding:
    """An operation came far more often than it ever did."""
    return _timing(
        "M3.storm",
        f"{_usual(beat)}; at most {beat.rate:,.0f} a minute and {beat.peak} in one second",
        f"{rate:,.0f} a minute, {peak} in one second",
        Contribution("rate", 1.0, f"{rate:,.0f} a minute", f"at most {beat.rate:,.0f} a minute"),
        "find the second sender of these requests; learn again if the poll is meant to be this fast",
    )


def pace_finding(beat: Beat, mean: float, windows: int) -> Finding:
    """A poll goes on at another pace."""
    return _timing(
        "M3.pace",
        _usual(beat),
        f"every {seconds_text(mean / 1e6)} for {windows} windows in a row",
        Contribution("period", 1.0, seconds_text(mean / 1e6), seconds_text(beat.period / 1e6)),
        "learn again if the poll was set to this pace",
    )


def answer_finding(rhythm: Rhythm, mean: float, maximum: int, windows: int) -> Finding:
    """Answers take another time."""
    slower = mean > rhythm.answer
    return Finding(
        alert="MDL-006",
        reason="M3.slow" if slower else "M3.fast",
        model=MODEL,
        time=0,
        source="",
        expected=f"answers after {seconds_text(rhythm.answer / 1e6)}, window means from "
        f"{seconds_text(rhythm.fastest / 1e6)} to {seconds_text(rhythm.slowest / 1e6)}",
        observed=f"after {seconds_text(mean / 1e6)} on average, the slowest {seconds_text(maximum / 1e6)}, "
        f"for {windows} windows in a row",
        support="",
        normal="check the load of the server and the path to it; learn again if it was replaced",
        contributions=(Contribution("answer time", 1.0, seconds_text(mean / 1e6), seconds_text(rhythm.answer / 1e6)),),
        window_seconds=60,
    )


def _usual(beat: Beat) -> str:
    if beat.period <= 0:
        return f"{beat.label} without a fixed period"
    text = f"{beat.label} every {seconds_text(beat.period / 1e6)}"
    return f"{text} (spread {seconds_text(beat.spread / 1e6)}, longest gap {seconds_text(beat.maximum / 1e6)})"


def _timing(reason: str, expected: str, observed: str, why: Contribution, normal: str) -> Finding:
    return Finding(
        alert="MDL-005",
        reason=reason,
        model=MODEL,
        time=0,
        source="",
        expected=expected,
        observed=observed,
        support="",
        normal=normal,
        contributions=(why,),
        window_seconds=60,
    )
