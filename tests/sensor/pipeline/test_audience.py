"""Who is shown a fact, with what surrounds it."""

from __future__ import annotations

from dissectors.facts import Exchange, ValueChange
from sensor.inventory import Inventory
from sensor.pipeline.pipeline import Pipeline
from tests.sensor.build import HMI, PLC, change, exchange, operation, window
from tests.sensor.pipeline.diary import CHANNEL, Rules, keep


def test_a_context_shows_the_fact_with_both_assets_and_the_verdict() -> None:
    _, rules, _ = keep([CHANNEL, exchange(CHANNEL)])
    first, second = rules.contexts
    assert first.verdict is not None and first.verdict.rule == "channel at 0"
    assert second.verdict is not None and second.verdict.rule == "write_single_register"
    assert second.channel == CHANNEL
    assert second.client is not None and second.client.ip == HMI[1]
    assert second.server is not None and second.server.ip == PLC[1]


def test_without_a_policy_there_is_no_verdict() -> None:
    rules = Rules()
    Pipeline(Inventory(), None, rules).take([CHANNEL, operation(CHANNEL), exchange(CHANNEL)])
    assert [context.verdict for context in rules.contexts] == [None, None, None]


def test_a_sink_and_the_rules_get_only_the_facts_they_want() -> None:
    _, rules, output = keep(
        [CHANNEL, change(CHANNEL), exchange(CHANNEL)],
        detected=frozenset({Exchange}),
        wants=frozenset({ValueChange}),
    )
    assert [type(context.fact) for context in rules.contexts] == [Exchange]
    assert [line for line in output.lines if line[0] == "fact"] == [("fact", ("ValueChange", "channel at 0"))]


def test_a_fact_of_a_channel_never_opened_is_shown_without_its_ends() -> None:
    _, rules, _ = keep([exchange(CHANNEL), window(CHANNEL, at=60)])
    assert [(context.channel, context.client, context.server, context.verdict) for context in rules.contexts] == [
        (None,) * 4
    ] * 2
