"""Odd windows: what a channel did in a minute or in ten, judged as a whole by the forest of its server's protocol.

Rows wait until the next tick and are scored together. An explanation names the features on which the forest's paths and
the tails of what was learned agree; where they do not, it says that it is weak. A row within the extremes of every
column learned is not scored: its explanation could only be weak. A gate reports so before any row is made. Blind to what changes no count, to
protocols with too few windows while learning, and to windows with holes. Statistics alone: never above medium.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Fact, OperationFirst
from dissectors.finding import Contribution, Finding
from models.contract import Hint
from models.identity import conversation_of, protocol_of
from models.npz import Array
from models.windows.features import FEATURES, Raw, row_of, value_text
from models.windows.forest import Forest
from models.windows.gate import Gate
from models.windows.learner import standardise
from models.windows.slots import Slot, WindowSlots
from models.windows.state import WindowModel, Windows
from models.wording import count_text

MODEL: Final = "window"
MAX_WAITING: Final = 512
"""Windows that wait to be scored; then they are scored at once."""
MAX_REASONS: Final = 3
"""Features named as the reason of an odd window."""
CANDIDATES: Final = 5
TAIL: Final = 0.95


class Judge:
    """One forest with its standardisation."""

    def __init__(self, model: WindowModel, forest: Forest) -> None:
        self.model = model
        self.forest = forest
        self.center = np.array(model.center)
        self.scale = np.array(model.scale)
        self.quantiles = np.array(model.quantiles)
        self.lowest = self.quantiles[:, 0]
        self.highest = self.quantiles[:, -1]
        self.gate = Gate(self.lowest.tolist(), self.highest.tolist())

    def reasons(self, row: Array) -> tuple[tuple[Contribution, ...], bool]:
        """Return up to three reasons and whether they are weak."""
        far = standardise(row[None, :], self.center, self.scale)[0]
        blame = self.forest.blame(far)
        below = (self.quantiles < row[:, None]).mean(axis=1)
        above = (self.quantiles > row[:, None]).mean(axis=1)
        tail = np.maximum(below, above) + np.abs(far) * np.where((below == 1) | (above == 1), 1.0, 0.0)
        by_path = [int(at) for at in np.argsort(-blame, kind="stable")[:CANDIDATES] if blame[at] > 0]
        by_tail = {int(at) for at in np.argsort(-tail, kind="stable")[:CANDIDATES] if tail[at] >= TAIL}
        agreed = [at for at in by_path if at in by_tail]
        shown = (agreed or by_path)[:MAX_REASONS]
        return tuple(self._reason(at, float(blame[at]), row) for at in shown), not agreed

    def _reason(self, at: int, weight: float, row: Array) -> Contribution:
        low, high = self.quantiles[at][1], self.quantiles[at][-2]
        usual = value_text(at, float(self.quantiles[at][len(self.quantiles[at]) // 2]))
        if high > low:
            usual += f", {value_text(at, float(low))} to {value_text(at, float(high))}"
        return Contribution(FEATURES[at][0], round(weight, 3), value_text(at, float(row[at])), usual)


class WindowScorer:
    """Scores finished windows in batches, one batch a tick."""

    wants: frozenset[type[Fact]] = frozenset({ChannelOpened, OperationFirst, ChannelWindow})

    def __init__(self, windows: Windows, support: str, baseline: str = "") -> None:
        models = windows.document.models
        self.judges = {
            (model.protocol, model.seconds): Judge(model, forest)
            for model, forest in zip(models, windows.forests, strict=True)
        }
        self._protocols = frozenset(model.protocol for model in models)
        self._slots = WindowSlots(tuple(sorted({model.seconds for model in models})))
        self._support = support
        self._baseline = baseline
        self._waiting: list[tuple[Judge, Slot, Raw]] = []
        self.hints: list[Hint] = []

    @property
    def counters(self) -> dict[str, int]:
        """Windows forgotten or left out because of holes."""
        return {"window_slots_evicted": self._slots.evicted, "window_slots_suppressed": self._slots.suppressed}

    def see(self, context: Context) -> Sequence[Finding]:
        """Take one fact; scores come with the next tick, or when MAX_WAITING windows wait."""
        channel = context.channel
        if channel is None or protocol_of(channel) not in self._protocols:
            return ()
        for slot in self._slots.add(context.fact, channel):
            self._wait(slot)
        return self._flush() if len(self._waiting) >= MAX_WAITING else ()

    def _wait(self, slot: Slot) -> None:
        """Let a window wait for its scores, unless the gate reports that it lies inside everything that was learned."""
        judge = self.judges.get((protocol_of(slot.channel), slot.seconds))
        if judge is None:
            return
        raw = slot.raw()
        if not judge.gate.holds(raw):
            self._waiting.append((judge, slot, raw))

    def tick(self, now: int) -> Sequence[Finding]:
        """Score what waits."""
        return self._flush() if self._waiting else ()

    def finish(self, now: int) -> Sequence[Finding]:
        """Score what waits and what the end cut short but covers enough."""
        for slot in self._slots.finish():
            self._wait(slot)
        return self._flush()

    def _flush(self) -> list[Finding]:
        waiting, self._waiting = self._waiting, []
        found: list[Finding] = []
        for judge in self.judges.values():
            group = [(slot, row_of(raw)) for of, slot, raw in waiting if of is judge]
            if group:
                found += self._scored(judge, [slot for slot, _ in group], np.array([row for _, row in group]))
        return found

    def _scored(self, judge: Judge, slots: list[Slot], rows: Array) -> list[Finding]:
        # The gate is drawn a little inwards; only here is it certain which rows lie outside.
        outside = np.flatnonzero(((rows < judge.lowest) | (rows > judge.highest)).any(axis=1))
        if not len(outside):
            return []
        scores = judge.forest.score(standardise(rows[outside], judge.center, judge.scale))
        found: list[Finding] = []
        for at, score in zip(outside.tolist(), scores.tolist(), strict=True):
            if score > judge.model.calibration.near:
                found += self._reported(judge, slots[at], rows[at], score)
        return found

    def _reported(self, judge: Judge, slot: Slot, row: Array, score: float) -> list[Finding]:
        calibration = judge.model.calibration
        reasons, weak = judge.reasons(row)
        seen = "; ".join(f"{reason.feature} {reason.observed}" for reason in reasons)
        tally = slot.tally
        self.hints.append(
            Hint(
                model=MODEL,
                channel=slot.channel.channel,
                time=tally.end,
                source=slot.source,
                why=f"window of {slot.seconds} s with {seen}",
                share=score / calibration.line,
                p_value=calibration.p_value(score),
                frames=(tally.first_frame, tally.last_frame),
            )
        )
        if score <= calibration.line:
            return []
        conversation = conversation_of(slot.channel)
        return [
            Finding(
                alert="MDL-010",
                reason=f"M5.{slot.seconds}",
                model=MODEL,
                time=tally.end,
                source=slot.source,
                channel=slot.channel.channel,
                first=tally.start,
                last=tally.end,
                frames=(tally.first_frame, tally.last_frame),
                expected="; ".join(f"{reason.feature} {reason.usual}" for reason in reasons),
                observed=seen + ("; weak explanation" if weak else ""),
                support=f"{count_text(judge.model.rows, 'window')} of {slot.seconds} s; {self._support}",
                normal=f"learn again with such windows of {conversation.name}, if they are meant",
                contributions=reasons,
                score=round(score, 4),
                p_value=calibration.p_value(score),
                window_seconds=slot.seconds,
                weak=weak,
                baseline=self._baseline,
            )
        ]
