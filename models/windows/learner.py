"""Learns what windows of a server's role look like: one forest for each protocol and window length.

The latest part of the time is held out for the budget line. Bounds: MAX_ROWS rows a forest, beyond which every second
one is left out, and MAX_ROLES protocols; both are counted.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Fact, OperationFirst
from models.calibration import MIN_BLOCKS, Calibration, calibrate
from models.contract import Allowed
from models.identity import conversation_of
from models.npz import Array
from models.settings import Approval, Settings
from models.windows.features import FEATURES, LOG
from models.windows.forest import Forest
from models.windows.grow import grow, with_anchors
from models.windows.slots import Slot, WindowSlots
from models.windows.state import Skipped, WindowModel, WindowModels, Windows

SECOND: Final = 1_000_000_000
MIN_ROWS: Final = 12
"""Windows from which on a forest is grown; so few are said in the model card."""
MAX_ROWS: Final = 20_000
MAX_ROLES: Final = 32
"""Protocols that windows are learned of, for each length."""
FLOORS: Final = {LOG: 0.1, "share": 0.05}
"""Least spread of a column: what varies less is not worth a word."""
CLIP: Final = 10.0
QUANTILES: Final = 33
MIN_SCORE: Final = 0.5
"""An isolation forest gives one half to rows like any other."""


Row = tuple[int, str, list[float]]
"""start (ns), channel, features"""


class _Rows:
    """The rows of one forest; thinned evenly when there are too many."""

    def __init__(self) -> None:
        self.kept: list[Row] = []
        self.stride = 1
        self.count = 0

    def add(self, time: int, name: str, row: list[float]) -> None:
        if self.count % self.stride == 0:
            self.kept.append((time, name, row))
            if len(self.kept) > MAX_ROWS:
                self.kept = self.kept[::2]
                self.stride *= 2
        self.count += 1


class WindowLearner:
    """Gathers rows by protocol and window length."""

    wants: frozenset[type[Fact]] = frozenset({ChannelOpened, OperationFirst, ChannelWindow})

    def __init__(self, settings: Settings, allowed: Allowed | None = None) -> None:
        self._settings = settings
        self._slots = WindowSlots(settings.window_seconds)
        self._rows: dict[tuple[str, int], _Rows] = {}
        self._dropped = {"roles": 0}

    def learn(self, context: Context) -> None:
        """Take one fact."""
        for slot in self._slots.add(context.fact, context.channel):
            self._keep(slot)

    def _keep(self, slot: Slot) -> None:
        conversation = conversation_of(slot.channel)
        key = (conversation.protocol, slot.seconds)
        rows = self._rows.get(key)
        if rows is None:
            if len(self._rows) >= MAX_ROLES * len(self._settings.window_seconds):
                self._dropped["roles"] += 1
                return
            rows = self._rows[key] = _Rows()
        rows.add(slot.tally.start, conversation.name, slot.row())

    def state(self, approval: Approval | None = None, without: frozenset[int] = frozenset()) -> Windows:
        """Return what was learned. Ends the learning."""
        for slot in self._slots.finish():
            self._keep(slot)
        models: list[WindowModel] = []
        forests: list[Forest] = []
        skipped: list[Skipped] = []
        for (protocol, seconds), rows in sorted(self._rows.items()):
            if len(rows.kept) < MIN_ROWS:
                why = f"{MIN_ROWS} windows are needed"
                skipped.append(Skipped(protocol, seconds, len(rows.kept), why))
                continue
            model, forest = self._grow(protocol, seconds, rows.kept)
            models.append(model)
            forests.append(forest)
        dropped = self._dropped | {"windows": self._slots.evicted}
        document = WindowModels(
            models=tuple(models), skipped=tuple(skipped), suppressed=self._slots.suppressed, dropped=dropped
        )
        return Windows(document, tuple(forests))

    def _grow(self, protocol: str, seconds: int, kept: list[Row]) -> tuple[WindowModel, Forest]:
        settings = self._settings
        kept = sorted(kept)
        first, last = kept[0][0], kept[-1][0]
        cut = first + int((last - first) * (1 - settings.calibration_share))
        gap = settings.calibration_gap_seconds * SECOND
        held_from = cut + (gap if last - cut > 3 * gap else 0)
        fitted = np.array([row for time, _, row in kept if time <= cut])
        held = [(time, name, row) for time, name, row in kept if time > held_from]
        center = np.median(fitted, axis=0)
        spread = 1.4826 * np.median(np.abs(fitted - center), axis=0)
        scale = np.maximum(spread, [FLOORS[kind] for _, kind, _ in FEATURES])
        forest = grow(
            with_anchors(standardise(fitted, center, scale)), settings.trees, settings.tree_samples, settings.seed
        )
        quantiles = np.quantile(fitted, np.linspace(0, 1, QUANTILES), axis=0).T
        model = WindowModel(
            protocol=protocol,
            seconds=seconds,
            rows=len(kept),
            samples=forest.samples,
            trees=len(forest.root),
            columns=tuple(name for name, _, _ in FEATURES),
            center=tuple(center.tolist()),
            scale=tuple(scale.tolist()),
            quantiles=tuple(tuple(column) for column in quantiles.tolist()),
            calibration=self._calibrate(forest, held, kept, center, scale),
        )
        return model, forest

    def _calibrate(
        self, forest: Forest, held: list[Row], everything: list[Row], center: Array, scale: Array
    ) -> Calibration:
        settings = self._settings
        share = settings.shares.window / max(1, len(self._rows))
        if len({time // (settings.block_seconds * SECOND) for time, _, _ in held}) < MIN_BLOCKS:
            # Too short for a rate: nothing that was learned from may speak either.
            held = everything
        found = forest.score(standardise(np.array([row for _, _, row in held]), center, scale))
        scores = [(time, name, float(score)) for (time, name, _), score in zip(held, found, strict=True)]
        return calibrate(scores, share, settings.block_seconds, MIN_SCORE)


def standardise(rows: Array, center: Array, scale: Array) -> Array:
    """Return rows as robust distances from the middle, cut off at CLIP."""
    return np.clip((rows - center) / scale, -CLIP, CLIP).astype(np.float32)
