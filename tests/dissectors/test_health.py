"""Promises about the counters of health facts: each is declared once, and each bound that forgets is among them."""

from __future__ import annotations

import re

from dissectors.facts import Health
from dissectors.health import BOUNDS, BY_NAME, COUNTERS
from dissectors.iso.session import MAX_MESSAGE
from sensor.documents.fields import FIELDS
from sensor.inventory import Inventory
from sensor.live.self_metrics import SHIPPED
from sensor.store.retention import _ROWS as KEPT
from sensor.worker import Worker
from tests.dissectors.harness import Conversation, of, run, talk
from tests.dissectors.s7.vectors import CONFIRM, CONNECT, frame
from tests.repository import ROOT

NOT_LOST = {"assets_merged"}
"""Counters of the inventory that say of nothing that was forgotten."""


def test_every_counter_is_declared_once_and_names_a_field_of_the_catalogue() -> None:
    assert len(BY_NAME) == len(COUNTERS)
    catalogue = {field.name: field for field in FIELDS}
    for counter in COUNTERS:
        assert counter.meaning
        if counter.field:
            field = catalogue[f"spanwatch.sensor.{counter.field}"]
            assert field.metric in {"", "gauge" if counter.gauge else "counter"}, counter.name


def test_everything_that_a_worker_counts_is_declared() -> None:
    counted = {name for fact in of(run(talk().packets()), Health) for name in fact.counters}
    assert counted
    assert counted - set(BY_NAME) == set()


def test_every_bound_of_the_inventory_is_a_declared_bound() -> None:
    assert set(Inventory().counters) - NOT_LOST - set(BOUNDS) == set()


def test_what_the_store_forgets_and_what_is_shipped_is_declared() -> None:
    assert {f"store_forgot_{table}" for table, _, _ in KEPT} | {"store_forgot_fact_batches"} == {
        name for name in BY_NAME if name.startswith("store_forgot_")
    }
    assert {f"output_{name}" for name in SHIPPED} <= set(BY_NAME)


def test_no_counter_that_the_program_names_as_lost_is_missing() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "sensor").rglob("*.py")]
    named = set(
        re.findall(r'"(evicted_\w+|(?:assets|channels)_evicted|output_lines_dropped|\w+_rows_dropped)"', "".join(texts))
    )
    assert named - set(BOUNDS) == set()


def test_what_a_protocol_forgets_of_its_connection_is_a_bound_that_was_reached() -> None:
    talked = Conversation(server_port=102).handshake().say(0, CONNECT).say(1, CONFIRM)
    part = bytes((0x32, 7)) + bytes(1000)
    for _ in range(MAX_MESSAGE // len(part) + 2):
        talked.say(0, frame(part, eot=False))
    worker = Worker()
    facts = run(talked.packets(), worker)
    counted = [fact.counters.get("evicted_protocol_state", 0) for fact in of(facts, Health)]
    assert sum(counted) == 1
