"""What the window model keeps for each forest: how rows were standardised, what was usual, where the line is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from models.calibration import Calibration
from models.npz import Array
from models.windows.features import FEATURES, MISSING
from models.windows.forest import DTYPES, KEYS, Forest

MAX_MODELS: Final = 64

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


class Windows(msgspec.Struct, frozen=True):
    """The state of the window model: what is saved as a document, and its forests in the same order."""

    document: WindowModels
    forests: tuple[Forest, ...]

    @property
    def dropped(self) -> dict[str, int]:
        """What the bounds kept out while learning."""
        return self.document.dropped


def array_types(document: WindowModels) -> dict[str, str]:
    """Return the names of the arrays of the forests, in order, with their number types."""
    return {f"{number}.{key}": DTYPES[key] for number in range(len(document.models)) for key in KEYS}


def split(windows: Windows) -> tuple[WindowModels, dict[str, Array]]:
    """Return the document and the arrays of the forests."""
    arrays = {
        f"{number}.{key}": getattr(forest, key).astype(DTYPES[key])
        for number, forest in enumerate(windows.forests)
        for key in KEYS
    }
    return windows.document, arrays


def join(document: WindowModels, arrays: Mapping[str, Array]) -> Windows:
    """Return the state. Raises ``ValueError`` with a clause on a forest that is unsound."""
    forests = []
    for number, model in enumerate(document.models):
        parts: dict[str, Any] = {key: arrays[f"{number}.{key}"] for key in KEYS}
        forest = Forest(**parts, samples=model.samples, width=len(model.columns))
        wrong = forest.problem()
        if not wrong and len(forest.root) != model.trees:
            wrong = f"has {len(forest.root)} trees, its document says {model.trees}"
        if wrong:
            raise ValueError(f"forest {number} {wrong}")
        forests.append(forest)
    return Windows(document, tuple(forests))


def problem(document: WindowModels) -> str:
    """Return a clause on what cannot be in a loaded document, "" when it is sound."""
    names = tuple(name for name, _, _ in FEATURES)
    if len(document.models) > MAX_MODELS:
        return f"has more than {MAX_MODELS} forests"
    if len({(model.protocol, model.seconds) for model in document.models}) != len(document.models):
        return "has two forests for the same protocol and length"
    for model in document.models:
        if model.columns != names:
            return "has other features than this version"
        if not len(model.center) == len(model.scale) == len(model.quantiles) == len(names):
            return "has columns of different lengths"
        for column in model.quantiles:
            if len(column) < 3 or len(column) != len(model.quantiles[0]) or list(column) != sorted(column):
                return "has quantiles out of order"
        if wrong := model.calibration.problem():
            return wrong
    return ""


def card(windows: Windows) -> dict[str, Any]:
    """Return what the model card says of the forests."""
    document = windows.document
    return {
        "windows": {
            "forests": [
                {
                    "protocol": model.protocol,
                    "seconds": model.seconds,
                    "windows": model.rows,
                    "trees": model.trees,
                    "samples": model.samples,
                    "calibration": model.calibration.card(),
                }
                for model in document.models
            ],
            "not_grown": [
                {"protocol": one.protocol, "seconds": one.seconds, "windows": one.rows, "why": one.why}
                for one in document.skipped
            ],
            "windows_left_out": document.suppressed,
            "features_missing": list(MISSING),
        }
    }
