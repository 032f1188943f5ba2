"""Rhythm: polls that stopped, floods, polls at another pace, answers slower or faster than learned.

Reads windows only. Where a poll was last seen follows exactly from its first time and the gaps of each window. Nothing is
said of windows with holes, of the time after a jump of the clock, or of what the end of a capture cut off.
Blind to a single repeat among many; useless alone against somebody who keeps the pace. A channel that never appeared
since the start is not missed. MAX_LIVE channels with MAX_PULSES operations are followed, the one idle longest is forgotten
and counted.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Fact, OperationCount, OperationFirst
from dissectors.finding import Finding
from models.contract import Hint, is_blind
from models.group import is_guarded
from models.identity import conversation_of
from models.timing import measure
from models.timing.live import SECOND, Live
from models.timing.state import Beat, Rhythms
from models.timing.text import answer_finding, pace_finding, silence_finding, storm_finding

MODEL: Final = "rhythm"
MAX_LIVE: Final = 5_000
"""Channels followed; the one idle longest goes first."""
MAX_PULSES: Final = 12_000
"""Operations of all channels followed; the channels idle longest go until there is room."""
QUIET: Final = 65 * SECOND
"""A channel whose windows stopped for this long is looked at: a window takes 60 s."""
STREAK: Final = 3
"""Windows in a row before another pace or answer time is reported."""
JUMP: Final = 120 * SECOND
"""After this long without any fact or tick, facts of another source belong to another time: nothing was silent."""
LEAP: Final = 3_600 * SECOND
"""After this long the clock was set, whatever the source."""


class RhythmScorer:
    """Judges windows, and ticks for windows that do not come."""

    wants: frozenset[type[Fact]] = frozenset({ChannelOpened, OperationFirst, ChannelWindow})

    def __init__(self, rhythms: Rhythms, support: str, baseline: str = "") -> None:
        self._rhythms = {rhythm.conversation: rhythm for rhythm in rhythms.channels}
        self._calibration = rhythms.calibration
        self._support = support
        self._baseline = baseline
        self._live: OrderedDict[str, Live] = OrderedDict()
        self._began = 0
        self._jumped = 0
        self._doubt = False
        self._source = ""
        self._now = 0
        self._evicted = 0
        self._suppressed = 0
        self._pulses = 0
        self.most_live = MAX_LIVE
        self.most_pulses = MAX_PULSES
        self.hints: list[Hint] = []

    @property
    def counters(self) -> dict[str, int]:
        """Channels forgotten, and windows not judged because of holes."""
        return {"rhythm_channels_evicted": self._evicted, "rhythm_windows_suppressed": self._suppressed}

    def see(self, context: Context) -> Sequence[Finding]:
        """Judge one fact."""
        fact, channel = context.fact, context.channel
        self._pass(fact.time, fact.source, fact.start if isinstance(fact, ChannelWindow) else fact.time)
        if channel is None:
            return ()
        if isinstance(fact, ChannelWindow):
            live = self._follow(channel)
            return self._window(live, fact) if live is not None else ()
        if isinstance(fact, OperationFirst):
            live = self._follow(channel)
            if live is not None:
                live.first_seen(fact.label, fact.time)
        return ()

    def tick(self, now: int) -> Sequence[Finding]:
        """Look at the channels that reported no window for longer than one takes."""
        self._pass(now)
        found: list[Finding] = []
        if self._doubt:
            return found
        late: list[str] = []
        for identity, live in self._live.items():
            if now - live.end < QUIET:
                break
            late.append(identity)
        for identity in late:
            live = self._live[identity]
            if live.end:
                found += self._silent(live, now, live.opened.source, (live.last_frame,) if live.last_frame else ())
                # Looked at again after as long, so that a quiet site costs nothing per tick.
                live.end = max(live.end, now - QUIET + 10 * SECOND)
            else:
                live.end = now
            self._live.move_to_end(identity)
        return found

    def finish(self, now: int) -> Sequence[Finding]:
        """Nothing: what the end cut off is no absence."""
        return ()

    def _pass(self, now: int, source: str = "", begin: int = 0) -> None:
        """Let time pass; a tick does not know yet whether another capture begins, the next fact does."""
        gap = now - self._now
        if 0 <= gap <= JUMP and source == self._source and self._began and not self._doubt:
            self._now = now
            return
        self._doubt = self._doubt or gap > JUMP
        if not self._began or abs(gap) > LEAP or gap < -JUMP or (self._doubt and source and source != self._source):
            self._jumped = now if self._began else 0
            self._began = begin or now
            self._live.clear()
            self._pulses = 0
            self._now = now
            self._doubt = False
        if source:
            self._source = source
            self._doubt = False
        self._now = max(self._now, now)

    def _follow(self, channel: ChannelOpened) -> Live | None:
        live = self._live.get(channel.channel)
        if live is None:
            rhythm = self._rhythms.get(conversation_of(channel))
            if rhythm is None:
                return None
            self._make_room(len(rhythm.beats))
            live = self._live[channel.channel] = Live(channel, rhythm, self._calibration.near)
            live.end = self._now
        return live

    def _make_room(self, pulses: int) -> None:
        """Forget the channels idle longest until one more with so many ``pulses`` has a place."""
        self._pulses += pulses
        while self._live and (len(self._live) >= self.most_live or self._pulses > self.most_pulses):
            _, forgotten = self._live.popitem(last=False)
            self._pulses -= len(forgotten.pulses)
            self._evicted += 1

    def _window(self, live: Live, window: ChannelWindow) -> Sequence[Finding]:
        live.end = window.end
        live.last_frame = window.last_frame
        self._live.move_to_end(window.channel)
        odd = live.advance(window, self._began)
        if is_blind(window):
            self._suppressed += 1
            live.paced = live.answered = 0
            if measure.is_lost(window):
                live.wait_until(window.end)
            return ()
        found: list[Finding] = []
        if odd:
            frames = (window.first_frame, window.last_frame)
            found += self._silent(live, window.end, window.source, frames, window)
            found += self._storm(live, window)
            found += self._pace(live, window) if not found else ()
        else:
            live.evict_reported()
            live.paced = 0
        found += self._answers(live, window)
        return found

    def _silent(
        self, live: Live, now: int, source: str, frames: tuple[int, ...], window: ChannelWindow | None = None
    ) -> Sequence[Finding]:
        gaps = {count.label: count.gap_max for count in window.operations} if window is not None else {}
        whole = window is not None and window.start >= self._jumped
        worst: tuple[float, float, Beat] | None = None
        silent = 0
        report = False
        for pulse in live.polls:
            if pulse.last < 0:
                continue
            beat = pulse.beat
            still = (now - pulse.last) / 1000
            longest = max(still, float(gaps.get(beat.label, 0) if whole else 0))
            score = measure.silence(beat, longest)
            if score > self._calibration.near:
                self._near(live, score, now, source, f"{beat.label} paused for {longest / 1e6:.0f} s", frames)
            if score <= self._calibration.line:
                pulse.reported = 0
                continue
            silent += 1
            if longest >= pulse.reported:
                pulse.reported = int(longest * 2)
                report = True
            if worst is None or score > worst[0]:
                worst = (score, longest, beat)
        if worst is None or not report:
            return ()
        score, longest, beat = worst
        return (
            self._complete(
                silence_finding(beat, longest, silent - 1, len(live.polls)), live, now, source, score, frames, longest
            ),
        )

    def _storm(self, live: Live, window: ChannelWindow) -> Sequence[Finding]:
        seconds = (window.end - max(window.start, self._began)) / SECOND
        worst: tuple[float, float, OperationCount] | None = None
        for count in window.operations:
            pulse = live.pulses.get(count.label)
            if pulse is None or not count.requests:
                continue
            beat = pulse.beat
            rate = measure.rate_of(count.requests, seconds)
            score = measure.storm(beat, rate, count.peak)
            if score and (worst is None or score > worst[0]):
                worst = (score, rate, count)
            if is_guarded(count.verb) and measure.early(beat, count.gap_count, count.gap_min) >= 1:
                why = f"{count.label} again after {count.gap_min / 1e6:.1f} s, never sooner than {beat.minimum / 1e6:.1f} s"
                self._hint(live, window.end, window.source, why, 1.0, None, (window.first_frame, window.last_frame))
        if worst is None:
            return ()
        score, rate, count = worst
        frames = (window.first_frame, window.last_frame)
        self._near(live, score, window.end, window.source, f"{count.label} {rate:.0f} times a minute", frames)
        if score <= self._calibration.line:
            return ()
        reported = storm_finding(live.pulses[count.label].beat, rate, count.peak)
        return (self._complete(reported, live, window.end, window.source, score, frames, seconds * 1e6),)

    def _pace(self, live: Live, window: ChannelWindow) -> Sequence[Finding]:
        worst: tuple[float, float, OperationCount] | None = None
        for count in window.operations:
            pulse = live.pulses.get(count.label)
            if pulse is None or pulse.beat.period <= 0:
                continue
            beat = pulse.beat
            mean = measure.mean_gap(count.gap_count, count.gap_sum, count.gap_max)
            score = measure.pace(beat, mean)
            if score > self._calibration.near and (worst is None or score > worst[0]):
                worst = (score, mean, count)
        if worst is None or window.start < self._began:
            live.paced = 0
            return ()
        score, mean, count = worst
        frames = (window.first_frame, window.last_frame)
        self._near(live, score, window.end, window.source, f"{count.label} every {mean / 1e6:.2f} s", frames)
        live.paced = live.paced + 1 if score > self._calibration.line else 0
        if live.paced < STREAK:
            return ()
        reported = pace_finding(live.pulses[count.label].beat, mean, STREAK)
        return (self._complete(reported, live, window.end, window.source, score, frames, STREAK * 6e7),)

    def _answers(self, live: Live, window: ChannelWindow) -> Sequence[Finding]:
        mean = window.latency_sum / window.latency_count if window.latency_count else 0.0
        score = measure.answer_time(live.rhythm, window.latency_count, mean)
        if not score:
            live.answered = 0
            return ()
        frames = (window.first_frame, window.last_frame)
        self._near(live, score, window.end, window.source, f"answers take {mean / 1000:.1f} ms", frames)
        live.answered = live.answered + 1 if score > self._calibration.line else 0
        if live.answered < STREAK:
            return ()
        reported = answer_finding(live.rhythm, mean, window.latency_max, STREAK)
        return (self._complete(reported, live, window.end, window.source, score, frames, STREAK * 6e7),)

    def _complete(
        self,
        reported: Finding,
        live: Live,
        now: int,
        source: str,
        score: float,
        frames: tuple[int, ...],
        longest: float,
    ) -> Finding:
        return replace(
            reported,
            time=now,
            source=source,
            channel=live.opened.channel,
            first=now - int(longest * 1000),
            last=now,
            frames=frames,
            support=self._support,
            score=round(score, 3),
            p_value=self._calibration.p_value(score),
            baseline=self._baseline,
        )

    def _near(self, live: Live, score: float, now: int, source: str, why: str, frames: tuple[int, ...]) -> None:
        if score > self._calibration.near:
            share = score / self._calibration.line
            self._hint(live, now, source, why, share, self._calibration.p_value(score), frames)

    def _hint(
        self, live: Live, now: int, source: str, why: str, share: float, p: float | None, frames: tuple[int, ...]
    ) -> None:
        channel = live.opened.channel
        self.hints.append(
            Hint(model=MODEL, channel=channel, time=now, source=source, why=why, share=share, p_value=p, frames=frames)
        )
