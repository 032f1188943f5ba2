"""What the window model keeps for each forest: how rows were standardised, what was usual, where the line is."""

from __future__ import annotations

from typing import Annotated

import msgspec

from models.calibration import Calibration

Number = Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]
Scale = Annotated[float, msgspec.Meta(gt=0, le=1e12)]
Natural = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Text = Annotated[str, msgspec.Meta(max_length=2_000)]


class WindowModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One forest: for servers of ``protocol`` and windows of ``seconds``. Columns are those of ``features``.

    ``quantiles`` are sorted values of each column of the rows it was grown on.
    """

    protocol: Text
    seconds: Annotated[int, msgspec.Meta(ge=60, le=3_600)]
    rows: Natural
    samples: Annotated[int, msgspec.Meta(ge=2, le=4_096)]
    trees: Annotated[int, msgspec.Meta(ge=1, le=500)]
    columns: tuple[Text, ...]
    center: tuple[Number, ...]
    scale: tuple[Scale, ...]
    quantiles: tuple[tuple[Number, ...], ...]
    calibration: Calibration


class Skipped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A forest that was not grown, and why."""

    protocol: Text
    seconds: Natural
    rows: Natural
    why: Text


class WindowModels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state of the window model; the forests themselves lie in arrays, in the same order."""

    models: tuple[WindowModel, ...]
    skipped: tuple[Skipped, ...] = ()
    suppressed: Natural = 0
    dropped: dict[str, Natural] = {}
