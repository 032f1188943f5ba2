"""Models at the pipeline's side: what they are shown, what of it reaches the catalogue, and what is counted."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from dissectors.context import Verdict
from dissectors.facts import AnyFact, ChannelOpened, ChannelWindow, Fact, Target
from dissectors.finding import Contribution, Finding
from sensor.pipeline.anomalies import BaselineAnomalies
from tests.sensor.build import START, opened, window

CHANNEL = opened()
FINDING = Finding(
    alert="MDL-005", reason="M3.silent", model="rhythm", time=START, source="a.pcap", channel=CHANNEL.channel,
    first=1, last=2, frames=(3, 4), expected="e", observed="o", support="s", normal="n",
    contributions=(Contribution("silence", 1.0, "45 s", "1 s"),), score=2.5, p_value=0.1, window_seconds=60,
    severity="medium", review=True, weak=True, baseline="b", verb="read", operation="read_coils", code="1",
    targets=(Target("coil", 0, 7),),
)  # fmt: skip


class Models:
    """An ensemble that finds something in every window, and something when asked for the time."""

    wants: frozenset[type[Fact]] = frozenset({ChannelWindow})

    def __init__(self) -> None:
        self.seen: list[AnyFact] = []

    @property
    def counters(self) -> dict[str, int]:
        return {"channels_evicted": 3}

    def see(self, fact: AnyFact, channel: ChannelOpened | None) -> Sequence[Finding]:
        self.seen.append(fact)
        return [FINDING] if isinstance(fact, ChannelWindow) else []

    def tick(self, now: int) -> Sequence[Finding]:
        return [msgspec.structs.replace(FINDING, time=now)]

    def finish(self, now: int) -> Sequence[Finding]:
        return [msgspec.structs.replace(FINDING, time=now), FINDING]


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("", True), ("allow", True), ("exception", True), ("deny", False), ("default-deny", False),
     ("identity-mismatch", False), ("unparsed", False)],
)  # fmt: skip
def test_models_judge_what_the_policy_allows_or_everything_without_one(kind: str, shown: bool) -> None:
    models = Models()
    anomalies = BaselineAnomalies(models)
    found = anomalies.see(window(CHANNEL, at=60), CHANNEL, Verdict(kind=kind) if kind else None)
    assert bool(models.seen) == bool(found) == shown
    assert anomalies.counters == {
        "facts_shown": int(shown), "facts_not_allowed": int(not shown), "findings": int(shown), "channels_evicted": 3,
    }  # fmt: skip


def test_time_and_the_end_bring_what_was_missing() -> None:
    anomalies = BaselineAnomalies(Models())
    assert [one.time for one in anomalies.tick(START + 5)] == [START + 5]
    assert [one.time for one in anomalies.finish(START + 9)] == [START + 9, START]
    assert anomalies.counters["findings"] == 3
    assert anomalies.wants == Models.wants
