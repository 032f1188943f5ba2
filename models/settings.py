"""What a training run is reported: lengths, the alert budget, and who stands for what was learned."""

from __future__ import annotations

from typing import Annotated

import msgspec

MINUTE = 60

Positive = Annotated[float, msgspec.Meta(gt=0, le=1000)]


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The person who confirms what is never learned silently, and the ticket that says so.

    ``rare`` extends it to reads that were seen in fewer periods than the settings ask for.
    """

    by: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    ticket: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    role: Annotated[str, msgspec.Meta(max_length=200)] = ""
    rare: bool = False


class Shares(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Incidents a site may have per day by model; novelty is not thresholded, its share is for information."""

    novelty: Positive = 0.8
    rhythm: Positive = 0.3
    window: Positive = 0.1


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers of a training run.

    ``period_seconds`` (a whole number of minutes, a day by default): an operation enters the baseline when it was seen in
    ``min_periods`` different ones. ``block_seconds`` is the length over which scores are reduced to their maximum
    before the budget line is drawn. ``calibration_share`` of the time, the latest, is held out for that line.
    """

    period_seconds: Annotated[int, msgspec.Meta(ge=MINUTE, le=31 * 86_400, multiple_of=MINUTE)] = 86_400
    min_periods: Annotated[int, msgspec.Meta(ge=1, le=400)] = 3
    shares: Shares = Shares()
    block_seconds: Annotated[int, msgspec.Meta(ge=MINUTE, le=86_400, multiple_of=MINUTE)] = 3_600
    calibration_share: Annotated[float, msgspec.Meta(ge=0.1, le=0.5)] = 0.3
    calibration_gap_seconds: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 3_600
    window_seconds: tuple[Annotated[int, msgspec.Meta(ge=MINUTE, le=3_600, multiple_of=MINUTE)], ...] = (60, 600)
    trees: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100
    tree_samples: Annotated[int, msgspec.Meta(ge=2, le=4_096)] = 256
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 0
