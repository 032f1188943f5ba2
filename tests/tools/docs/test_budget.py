"""The budgets name bounds that exist, sum to what the sensor promises, and cost what an entry costs."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import msgspec
import pytest

from dissectors.context import Context
from dissectors.facts import Target
from models.contract import Hint
from models.fusion import Fusion
from models.identity import conversation_of
from models.novelty.index import NoveltyIndex
from models.novelty.scorer import NoveltyScorer
from models.novelty.state import LearnedConversation, LearnedOperation, Novelty
from models.novelty.sweep import MAX_KINDS, Sweeps
from models.timing.live import Live
from models.timing.state import Beat, Rhythm
from models.windows.features import Objects
from tests.models.site import MINUTE, START, first, opened
from tools.docs import budget
from tools.docs.bounds import BOUNDS
from tools.docs.bounds_page import values

COUNT = 1_000
SESSION = ("session", "connect", "1", ())
CHANNELS = [opened(client=f"10.0.{number >> 8}.{number & 255}", channel=f"{number:016x}") for number in range(COUNT)]
COST = {row.constant: row.each for row in budget.BUDGETS}
MODELS = ("models.", "sensor.pipeline.learned_stations.")


@pytest.mark.parametrize("process", budget.PROCESSES)
def test_all_budgets_of_a_process_together_are_what_is_promised(process: str) -> None:
    assert sum(budget.sums(values(), process).values()) + budget.PROGRAM[process] <= budget.TOTAL


def test_every_bound_with_a_share_is_on_the_page_with_its_budget() -> None:
    assert {row.constant for row in budget.BUDGETS} <= {bound.constant for bound in BOUNDS}
    assert budget.of("dissectors.wire.flow_table.MAX_FLOWS") == "flows"
    assert budget.of("sensor.live.merge.MAX_HELD") == "facts on their way"
    assert budget.of("sensor.reports.diagram.MAX_BOXES") == ""


def test_whatever_the_models_hold_while_they_judge_has_a_share() -> None:
    judging = {
        bound.constant for bound in BOUNDS if bound.constant.startswith(MODELS) and ".learner." not in bound.constant
    }
    assert judging == {constant for constant in COST if constant.startswith(MODELS)}


def cost(make: Callable[[], object], count: int = COUNT) -> float:
    """Return the bytes of one of the ``count`` entries that ``make`` makes."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = make()
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return (after - before) / count


def label(number: int) -> str:
    return f"read_holding_registers holding_register:{number}-{number + 9}"


def targets(number: int) -> tuple[Target, ...]:
    return (Target("holding_register", number, number + 9),)


def followed() -> NoveltyScorer:
    scorer = NoveltyScorer(Novelty(conversations=()), "")
    for channel in CHANNELS:
        scorer.see(Context(fact=first(channel, SESSION, START), channel=channel))
    return scorer


def sweeps() -> Sweeps:
    made = Sweeps(COUNT)
    for number in range(COUNT):
        for kind in range(MAX_KINDS):
            made.of((CHANNELS[number].channel, "T3", "write")).add(
                START + number, (Target(f"k{kind}", number, number * 9),)
            )
    return made


def objects() -> Objects:
    made = Objects(COUNT)
    for number, channel in enumerate(CHANNELS):
        made.learn(channel.channel, label(number), targets(number))
    return made


def fused() -> Fusion:
    made = Fusion("", "")
    for number, channel in enumerate(CHANNELS):
        made.join([
            Hint(
                model=model, channel=channel.channel, time=START + number, source="a.pcap", share=1.0 + number,
                why=f"{label(0)} paused for {number} s", p_value=number / COUNT, frames=(number + 300, number + 400),
            )
            for model in ("novelty", "rhythm", "window")
        ])  # fmt: skip
    return made


def beat(number: int) -> Beat:
    return Beat(
        label=label(number), verb="read", period=1e6 + number, spread=0.1 + number, minimum=1e5 + number,
        maximum=3e6 + number, rate=60.1 + number, peak=3, gaps=1_000 + number, windows=2_000 + number,
    )  # fmt: skip


RHYTHMS = [
    Rhythm(conversation=conversation_of(channel), beats=tuple(beat(at) for at in range(3)), answer=1.0, fastest=0.5, slowest=9.0, answers=99)
    for channel in CHANNELS
]  # fmt: skip


def learned(number: int) -> LearnedConversation:
    operations = tuple(
        LearnedOperation(
            label=label(at), verb="read", operation="read_holding_registers", code="3", targets=targets(at),
            standing="learned", requests=10_000 + at, openings=1, counts=tuple((day, 1_440 + day + at) for day in range(30)),
            first=START + at, last=START + MINUTE + at, source="plant.pcap", frame=at,
        )
        for at in range(5)
    )  # fmt: skip
    return LearnedConversation(
        conversation=conversation_of(CHANNELS[number]), standing="learned", periods=tuple(range(30)), first=START,
        last=START + number, source="plant.pcap", frame=number, operations=operations, followed=((0, 1), (1, 2)),
    )  # fmt: skip


def test_an_entry_of_the_models_costs_no_more_than_its_share() -> None:
    live = {"rhythm": COST["models.timing.scorer.MAX_LIVE"] + 3 * COST["models.timing.scorer.MAX_PULSES"]}
    assert cost(followed) <= COST["models.novelty.scorer.MAX_LIVE"]
    assert cost(sweeps) <= COST["models.novelty.sweep.MAX_SWEEPS"]
    assert cost(objects) <= COST["models.windows.features.MAX_LABELS"]
    assert cost(fused) <= COST["models.fusion.MAX_CHANNELS"]
    assert cost(lambda: [Live(*pair, 0.9) for pair in zip(CHANNELS, RHYTHMS, strict=True)]) <= live["rhythm"]


def test_a_baseline_at_work_costs_no_more_for_a_byte_of_its_documents_than_its_share() -> None:
    document = msgspec.json.encode(Novelty(conversations=tuple(learned(number) for number in range(300))))
    at_work = cost(lambda: NoveltyIndex(msgspec.json.decode(document, type=Novelty)), len(document))
    assert at_work <= COST["models.persistence.DOCUMENTS_MAX"]
