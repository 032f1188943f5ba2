"""What the timing model keeps: per operation its period and extremes, per channel the time its answers take."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from models.calibration import Calibration
from models.identity import Conversation

Amount = Annotated[float, msgspec.Meta(ge=0, le=1e18)]
Natural = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Text = Annotated[str, msgspec.Meta(max_length=2_000)]


class Beat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One operation. Times in µs; ``period`` is 0 where none was found. ``rate`` is the most requests a minute in one
    window, ``peak`` the most in one second.
    """

    label: Text
    verb: Text
    period: Amount
    spread: Amount
    minimum: Amount
    maximum: Amount
    rate: Amount
    peak: Natural
    gaps: Natural
    windows: Natural


class Rhythm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One channel. Answer times are means of windows in µs: the middle, the fastest and the slowest."""

    conversation: Conversation
    beats: tuple[Beat, ...]
    answer: Amount
    fastest: Amount
    slowest: Amount
    answers: Natural


class Rhythms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state of the timing model."""

    channels: tuple[Rhythm, ...]
    calibration: Calibration
    suppressed: Natural = 0
    dropped: dict[str, Natural] = {}


def problem(rhythms: Rhythms) -> str:
    """Return a clause on what cannot be in a loaded state, "" when it is sound."""
    if wrong := rhythms.calibration.problem():
        return wrong
    if len({rhythm.conversation for rhythm in rhythms.channels}) != len(rhythms.channels):
        return "names a channel twice"
    return ""


def card(rhythms: Rhythms) -> dict[str, Any]:
    """Return what the model card says of polls and their periods."""
    beats = [(rhythm.conversation.name, beat) for rhythm in rhythms.channels for beat in rhythm.beats]
    polls = [
        {
            "channel": name,
            "operation": beat.label,
            "period_s": round(beat.period / 1e6, 4),
            "spread_s": round(beat.spread / 1e6, 4),
            "longest_gap_s": round(beat.maximum / 1e6, 4),
            "gaps": beat.gaps,
        }
        for name, beat in beats
        if beat.period > 0
    ]
    return {
        "rhythm": {
            "calibration": rhythms.calibration.card(),
            "windows_left_out": rhythms.suppressed,
            "polls": polls,
            "without_period": len(beats) - len(polls),
        }
    }
