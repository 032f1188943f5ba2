"""Every declared field is in a document of a sample capture, or stands here with the reason why no sample has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from rules.policy import load
from sensor.documents.fields import FIELDS
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from tests.repository import ROOT
from tests.sensor.documents.ecs_check import leaves

MODELS: Final = "only with a baseline: tests/sensor/documents/test_anomaly.py"
SHIPPING: Final = "only where documents are shipped: tests/sensor/documents/test_sensor.py"
NO_ACCESS: Final = "the sample plant reads and stops controllers of this family, but does not write to their memory"
NO_REFUSAL: Final = "no controller of the sample plant refuses a job"
ONE_DEVICE: Final = "no device of the sample plant changes its identity or sits behind another"
ONE_NETWORK: Final = (
    "the sample plant is one network on one interface, without tunnels, routers that are shown twice or teaming"
)
NO_SERIAL: Final = "the sample plant has no serial gateway that passes frames on as they are"
NO_SUCH_VERB: Final = "nothing in the sample plant does this"

ABSENT: Final = {
    "spanwatch.anomaly.baseline": MODELS,
    "spanwatch.anomaly.contributions": MODELS,
    "spanwatch.anomaly.features": MODELS,
    "spanwatch.anomaly.model": MODELS,
    "spanwatch.anomaly.p_value": MODELS,
    "spanwatch.anomaly.reason": MODELS,
    "spanwatch.anomaly.score": MODELS,
    "spanwatch.anomaly.support": MODELS,
    "spanwatch.anomaly.weak": MODELS,
    "spanwatch.anomaly.window_s": MODELS,
    "spanwatch.asset.cards": ONE_NETWORK,
    "spanwatch.asset.conflicts": ONE_DEVICE,
    "spanwatch.asset.links": ONE_DEVICE,
    "spanwatch.asset.merged_into": ONE_DEVICE,
    "spanwatch.asset.network": ONE_NETWORK,
    "spanwatch.asset.parent": ONE_DEVICE,
    "spanwatch.channel.also_seen": ONE_NETWORK,
    "spanwatch.channel.class.auth": NO_SUCH_VERB,
    "spanwatch.channel.class.file": NO_SUCH_VERB,
    "spanwatch.channel.class.firmware": NO_SUCH_VERB,
    "spanwatch.channel.framing": NO_SERIAL,
    "spanwatch.channel.network": ONE_NETWORK,
    "spanwatch.channel.tunnel": ONE_NETWORK,
    "spanwatch.iec104.file": NO_SUCH_VERB,
    "spanwatch.policy.exception_until": "the sample policy has no exception with an end",
    "spanwatch.s7.area": NO_ACCESS,
    "spanwatch.s7.db_number": NO_ACCESS,
    "spanwatch.s7.error.class": NO_REFUSAL,
    "spanwatch.s7.error.code": NO_REFUSAL,
    "spanwatch.s7.first_byte": NO_ACCESS,
    "spanwatch.sensor.capture.unread": "every frame of the sample plant is read",
    "spanwatch.sensor.output.acked": SHIPPING,
    "spanwatch.sensor.output.dead_letter": SHIPPING,
    "spanwatch.sensor.output.duplicates": SHIPPING,
    "spanwatch.sensor.output.failure_store": SHIPPING,
    "spanwatch.sensor.output.paused": SHIPPING,
    "spanwatch.sensor.output.retried": SHIPPING,
    "spanwatch.sensor.spool.bytes": SHIPPING,
    "spanwatch.sensor.spool.documents": SHIPPING,
    "spanwatch.sensor.spool.dropped": SHIPPING,
    "spanwatch.sensor.spool.oldest_age_s": SHIPPING,
}
"""A new field comes with the sample that shows it, or with the reason why none does."""


@pytest.fixture(scope="module")
def produced(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The custom fields in the documents of all sample captures, those below a field of keys as the field."""
    policy = load(ROOT / "pcaps" / "policy.yaml")
    found: set[str] = set()
    for capture in sorted((ROOT / "pcaps" / "captures").glob("*/*.pcap")):
        output = tmp_path_factory.mktemp(capture.stem)
        assert not Replay(Options(captures=(str(capture),), policy=policy, output=output)).run().problems
        found |= fields_of(output)
    keyed = tuple(f"{field.name}." for field in FIELDS if field.type == "flattened")
    return {next((key[:-1] for key in keyed if name.startswith(key)), name) for name in found}


def fields_of(output: Path) -> set[str]:
    """The custom fields of every document in a folder."""
    return {
        name
        for path in output.glob("*.ndjson")
        for line in path.read_text(encoding="utf-8").splitlines()
        for name, _ in leaves(json.loads(line))
        if name.startswith("spanwatch.")
    }


def test_every_declared_field_is_produced_by_a_sample_or_listed_with_its_reason(produced: set[str]) -> None:
    assert sorted({field.name for field in FIELDS} - produced - set(ABSENT)) == []


def test_a_field_that_a_sample_produces_leaves_the_list(produced: set[str]) -> None:
    assert sorted(set(ABSENT) & produced) == []
    assert sorted(set(ABSENT) - {field.name for field in FIELDS}) == []


def test_every_field_that_is_produced_is_declared(produced: set[str]) -> None:
    assert sorted(produced - {field.name for field in FIELDS}) == []
