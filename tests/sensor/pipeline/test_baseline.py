"""Models at the pipeline's side: what they are shown, what of it reaches the catalogue, and what is counted."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from dissectors.context import Context, Verdict
from dissectors.facts import AnyFact, ChannelWindow, Fact, Target
from dissectors.finding import Contribution, Finding
from sensor.pipeline.baseline import AllowedFacts
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

    def see(self, context: Context) -> Sequence[Finding]:
        self.seen.append(context.fact)
        return [FINDING] if isinstance(context.fact, ChannelWindow) else []

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
    allowed = AllowedFacts(models)  # type: ignore[arg-type]
    found = allowed.see(
        Context(fact=window(CHANNEL, at=60), channel=CHANNEL, verdict=Verdict(kind=kind) if kind else None)
    )
    assert bool(models.seen) == bool(found) == shown
    assert allowed.counters == {
        "facts_shown": int(shown), "facts_not_allowed": int(not shown), "findings": int(shown), "channels_evicted": 3,
    }  # fmt: skip


def test_time_and_the_end_bring_what_was_missing() -> None:
    allowed = AllowedFacts(Models())  # type: ignore[arg-type]
    assert [one.time for one in allowed.tick(START + 5)] == [START + 5]
    assert [one.time for one in allowed.finish(START + 9)] == [START + 9, START]
    assert allowed.counters["findings"] == 3
    assert allowed.wants == Models.wants
