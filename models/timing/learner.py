"""Learns rhythms from windows: periods of polls, extremes of rates and gaps, times of answers.

Windows with holes are left out. The latest part of the time is held out: the rhythm is fitted on what came before, and
the scores of the held-out part draw the budget line. Bounds: MAX_CHANNELS, MAX_BEATS, MAX_ROWS; rows beyond the last
are joined in pairs, which keeps every extreme.
"""

from __future__ import annotations

import statistics
from typing import Final

from msgspec.structs import replace

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Fact, OperationFirst
from models.calibration import MIN_BLOCKS, calibrate
from models.contract import Allowed, is_blind
from models.group import is_guarded
from models.identity import Conversation, conversation_of, is_conversation
from models.settings import Approval, Settings
from models.timing import measure
from models.timing.state import Beat, Rhythm, Rhythms

SECOND: Final = 1_000_000_000
MAX_CHANNELS: Final = 50_000
"""Channels whose answer times are learned."""
MAX_BEATS: Final = 20_000
MAX_ROWS: Final = 512
"""Windows of one rhythm; beyond them two become one."""
MIN_GAPS: Final = 8
"""Gaps from which on a period may be believed."""
MIN_GUARDED_GAPS: Final = 30
"""The same for writes and controls: an operator who writes now and then is no cyclic writer."""
UNPACED: Final = frozenset({"report", "session"})
"""Verbs that follow events or other messages: they have rates, no period of their own."""
STEADY: Final = 0.5
"""A poll keeps within this share of its period in STEADY_SHARE of its windows."""
STEADY_SHARE: Final = 0.8

Row = tuple[int, float, int, int, int, int, int]
"""time (ns), rate a minute, peak, gap count, gap sum, least, greatest (µs)"""
Answer = tuple[int, int, float]
"""time (ns), answers, mean µs"""


class RhythmLearner:
    """Gathers rows per operation."""

    wants: frozenset[type[Fact]] = frozenset({ChannelOpened, OperationFirst, ChannelWindow})

    def __init__(self, settings: Settings, allowed: Allowed | None = None) -> None:
        self._settings = settings
        self._rows: dict[tuple[Conversation, str], list[Row]] = {}
        self._verbs: dict[tuple[Conversation, str], str] = {}
        self._answers: dict[Conversation, list[Answer]] = {}
        self._absent: dict[tuple[Conversation, str], tuple[int, int]] = {}
        self._began = 0
        self._first = 0
        self._last = 0
        self._end = 0
        self._suppressed = 0
        self._dropped = {"beats": 0, "channels": 0}

    def learn(self, context: Context) -> None:
        """Take one fact."""
        fact, channel = context.fact, context.channel
        if not self._began:
            self._began = fact.time
        if not isinstance(fact, ChannelWindow) or channel is None or not is_conversation(channel):
            return
        if is_blind(fact):
            self._suppressed += 1
            return
        self._first = self._first or fact.start
        self._last = max(self._last, fact.start)
        conversation = conversation_of(channel)
        self._end = max(self._end, fact.end)
        seconds = (fact.end - max(fact.start, self._began)) / SECOND
        for count in fact.operations:
            key = (conversation, count.label)
            rows = self._rows.get(key)
            if rows is None:
                if len(self._rows) >= MAX_BEATS:
                    self._dropped["beats"] += 1
                    continue
                rows = self._rows[key] = []
                self._verbs[key] = count.verb
                self._absent[key] = (fact.end, 0)
            before, longest = self._absent[key]
            self._absent[key] = (fact.end, max(longest, fact.start - before))
            rate = measure.rate_of(count.requests, seconds)
            rows.append((fact.start, rate, count.peak, count.gap_count, count.gap_sum, count.gap_min, count.gap_max))
            if len(rows) > MAX_ROWS:
                self._rows[key] = [_join(rows[at], rows[at + 1]) for at in range(0, MAX_ROWS, 2)] + rows[MAX_ROWS:]
        if fact.latency_count:
            self._answer(conversation, (fact.start, fact.latency_count, fact.latency_sum / fact.latency_count))

    def _answer(self, conversation: Conversation, row: Answer) -> None:
        rows = self._answers.get(conversation)
        if rows is None:
            if len(self._answers) >= MAX_CHANNELS:
                self._dropped["channels"] += 1
                return
            rows = self._answers[conversation] = []
        rows.append(row)
        if len(rows) > MAX_ROWS:
            self._answers[conversation] = [max(rows[at], rows[at + 1], key=_slow) for at in range(0, MAX_ROWS, 2)]

    def state(self, approval: Approval | None = None, without: frozenset[int] = frozenset()) -> Rhythms:
        """Return what was learned; the learner may go on afterwards."""
        settings = self._settings
        cut = self._first + int((self._last - self._first) * (1 - settings.calibration_share))
        gap = settings.calibration_gap_seconds * SECOND
        held = cut + (gap if self._last - cut > 3 * gap else 0)
        by_conversation: dict[Conversation, list[str]] = {conversation: [] for conversation in self._answers}
        for conversation, label in self._rows:
            by_conversation.setdefault(conversation, []).append(label)
        channels: list[Rhythm] = []
        scores: list[tuple[int, str, float]] = []
        for conversation in sorted(by_conversation, key=lambda one: one.name):
            rhythm = self._fit(conversation, sorted(by_conversation[conversation]), cut)
            scores += self._scores(rhythm, held)
            channels.append(rhythm)
        scores.sort()
        calibration = calibrate(scores, settings.shares.rhythm, settings.block_seconds, 1.0)
        if calibration.blocks < MIN_BLOCKS:
            # Too short for a rate: nothing that was learned from may speak either.
            scores = sorted(score for rhythm in channels for score in self._scores(rhythm, -1))
            calibration = calibrate(scores, settings.shares.rhythm, settings.block_seconds, 1.0)
        return Rhythms(
            channels=tuple(channels),
            calibration=calibration,
            suppressed=self._suppressed,
            dropped=self._dropped,
        )

    def _fit(self, conversation: Conversation, labels: list[str], cut: int) -> Rhythm:
        beats = []
        for label in labels:
            rows = self._rows[conversation, label]
            beat = fit(label, self._verbs[conversation, label], [row for row in rows if row[0] <= cut] or rows)
            before, longest = self._absent[conversation, label]
            # Minutes without the poll, also those after its last: what was silent while learning is no news later.
            absence = max(longest, self._end - before) / 1000
            beats.append(replace(beat, maximum=max(beat.maximum, absence)) if beat.period else beat)
        answers = self._answers.get(conversation, [])
        means = [mean for time, _, mean in answers if time <= cut] or [mean for _, _, mean in answers]
        return Rhythm(
            conversation=conversation,
            beats=tuple(beats),
            answer=statistics.median(means) if means else 0.0,
            fastest=min(means, default=0.0),
            slowest=max(means, default=0.0),
            answers=sum(count for _, count, _ in answers),
        )

    def _scores(self, rhythm: Rhythm, held: int) -> list[tuple[int, str, float]]:
        scores = []
        name = rhythm.conversation.name
        for beat in rhythm.beats:
            for time, rate, peak, gap_count, gap_sum, _, maximum in self._rows[rhythm.conversation, beat.label]:
                if time > held:
                    score = max(
                        measure.silence(beat, maximum),
                        measure.storm(beat, rate, peak),
                        measure.pace(beat, measure.mean_gap(gap_count, gap_sum, maximum)),
                    )
                    scores.append((time, name, score))
        for time, count, mean in self._answers.get(rhythm.conversation, []):
            if time > held:
                scores.append((time, name, measure.answer_time(rhythm, count, mean)))
        return scores


def fit(label: str, verb: str, rows: list[Row]) -> Beat:
    """Return the rhythm of one operation; its period is 0 unless most windows keep near one."""
    with_gaps = [row for row in rows if row[3] > 0]
    gaps = sum(row[3] for row in with_gaps)
    period = spread = 0.0
    if gaps >= (MIN_GUARDED_GAPS if is_guarded(verb) else MIN_GAPS) and verb not in UNPACED:
        middle = _weighted_median([(row[4] / row[3], row[3]) for row in with_gaps])
        steady = sum(row[3] for row in with_gaps if max(row[6] - middle, middle - row[5]) <= STEADY * middle)
        if middle > 0 and steady >= STEADY_SHARE * gaps:
            period = middle
            spread = _weighted_median([(max(row[6] - middle, middle - row[5]), row[3]) for row in with_gaps])
    return Beat(
        label=label,
        verb=verb,
        period=period,
        spread=spread,
        minimum=float(min((row[5] for row in with_gaps), default=0)),
        maximum=float(max((row[6] for row in with_gaps), default=0)),
        rate=max(row[1] for row in rows),
        peak=max(row[2] for row in rows),
        gaps=gaps,
        windows=len(rows),
    )


def _weighted_median(values: list[tuple[float, int]]) -> float:
    half = sum(weight for _, weight in values) / 2
    total = 0
    for value, weight in sorted(values):
        total += weight
        if total >= half:
            return value
    return 0.0


def _join(one: Row, two: Row) -> Row:
    if not one[3] or not two[3]:
        gaps = one if one[3] else two
        return (one[0], max(one[1], two[1]), max(one[2], two[2]), *gaps[3:])
    return (
        one[0],
        max(one[1], two[1]),
        max(one[2], two[2]),
        one[3] + two[3],
        one[4] + two[4],
        min(one[5], two[5]),
        max(one[6], two[6]),
    )


def _slow(row: Answer) -> float:
    return row[2]
