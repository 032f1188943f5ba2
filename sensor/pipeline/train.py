"""Trains a baseline from captures or from the facts of a store, the way a replay would see them.

Facts pass a pipeline with inventory and policy, but without detections: what the policy denies, and what happens in a
maintenance window that freezes learning, is left out and counted. A rule that explicitly allows an operation stands
for its approvers; what no rule names and nobody approves is not learned when it could do harm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

import msgspec

from dissectors.context import Context, Verdict
from dissectors.facts import ChannelOpened, Exchange, Fact, OperationFirst
from dissectors.finding import Finding
from dissectors.wire.mirrors import Mirrors
from rules.policy import Judge, Policy
from sensor.capture.reader import read
from sensor.capture.record import Reading
from sensor.pipeline.assemble import BATCH_FACTS, Run
from sensor.pipeline.collector import look_seldom
from sensor.pipeline.options import Options
from sensor.store import Store
from sensor.worker import Worker

NOTHING: Final[Sequence[Finding]] = ()


class Lessons(Protocol):
    """What learns: the training of ``models``."""

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types ``learn`` is called with."""

    def learn(self, context: Context) -> None:
        """Take one fact."""


class Counts(msgspec.Struct):
    """What became of the facts: learned, denied by the policy, inside a maintenance window that freezes learning."""

    learned: int = 0
    denied: int = 0
    frozen: int = 0


class Teacher:
    """Stands where the models of a baseline stand in detection, and lets ``lessons`` learn instead of judge."""

    def __init__(self, lessons: Lessons, judge: Judge | None) -> None:
        self._lessons = lessons
        self._judge = judge
        self.wants = lessons.wants
        self.counts = Counts()
        self.counters: dict[str, int] = {}
        """Nothing for the health of the sensor: what the bounds keep out of a baseline stands in its card."""

    def see(self, context: Context) -> Sequence[Finding]:
        """Learn one fact unless the policy speaks against it."""
        verdict = context.verdict
        if verdict is not None:
            if not verdict.allows:
                self.counts.denied += 1
                return NOTHING
            if self._is_frozen(verdict, context.fact.time):
                self.counts.frozen += 1
                return NOTHING
        self.counts.learned += 1
        self._lessons.learn(context)
        return NOTHING

    def _is_frozen(self, verdict: Verdict, at: int) -> bool:
        assert self._judge is not None
        windows = (self._judge.maintenance(zone, at) for zone in (verdict.server_zone, verdict.client_zone) if zone)
        return any(window is not None and window.freeze_learning for window in windows)

    def tick(self, now: int) -> Sequence[Finding]:
        """Nothing waits."""
        return NOTHING

    def finish(self, now: int) -> Sequence[Finding]:
        """Nothing waits."""
        return NOTHING


def allowed_by(judge: Judge, policy: Policy) -> Callable[[ChannelOpened, OperationFirst | Exchange], str]:
    """Return the question which rule of an approved policy allows an operation: its name and ticket with the approvers, "" for none.

    A policy that nobody approved confirms nothing.
    """
    approvers = ", ".join(f"{one.role} ({one.ticket})" for one in policy.document.metadata.approvals)

    def rule_of(channel: ChannelOpened, operation: OperationFirst | Exchange) -> str:
        verdict = judge.judge_operation(channel, operation) if approvers else None
        if verdict is None or not verdict.allows or not verdict.rule:
            return ""
        return f"rule {verdict.rule} of {policy.id} version {policy.version}, approved by {approvers}"

    return rule_of


class Course:
    """One training run: captures or stores go in, ``lessons`` learn. Facts are streamed, never all held."""

    def __init__(
        self,
        lessons: Lessons,
        policy: Policy | None,
        judge: Judge | None,
        networks: dict[str, str] | None = None,
        mirrors: Mirrors | None = None,
    ) -> None:
        self._networks = networks
        self._mirrors = mirrors
        self._teacher = Teacher(lessons, judge)
        self._pipeline = Run(Options(policy=policy), judge=judge).learn(self._teacher)

    def captures(self, paths: Sequence[str], progress: Callable[[int, int | None], None] | None = None) -> Reading:
        """Learn from captures; return what was read and what could not be."""
        look_seldom()
        worker = Worker(networks=self._networks, mirrors=self._mirrors)

        def after_block() -> None:
            if len(worker.recorder.facts) >= BATCH_FACTS:
                self._pipeline.take(worker.drain())

        reading = read(paths, worker.wire, progress=progress, after_block=after_block)
        self._pipeline.take(worker.finish())
        return reading

    def store(self, path: Path) -> None:
        """Learn from the facts a store has recorded. Raises ``StoreError`` for a file that is none."""
        with Store(path, read_only=True) as store:
            facts = iter(store.facts())
            while batch := list(islice(facts, BATCH_FACTS)):
                self._pipeline.take(batch)

    def end(self) -> Counts:
        """Finish and return what became of the facts."""
        self._pipeline.finish()
        return self._teacher.counts
