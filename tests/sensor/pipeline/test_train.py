"""Training as a user runs it: the policy decides what may be learned and confirms what it names."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import yaml

from models.novelty.state import POLICY as CONFIRMED
from models.novelty.state import UNAPPROVED, Novelty
from models.training import Training
from rules.policy import Judge, Policy, load, load_bytes
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from sensor.pipeline.train import Counts, Course, allowed_by
from tests.captures.baseline import MINUTE, NORMAL, PCAPS, POLICY, trained

WRITES = PCAPS / "captures" / "modbus" / "setpoint_beyond_limit.pcap"


def standings(training: Training, verb: str) -> set[str]:
    return {
        operation.standing
        for learned in training.finish().state(Novelty).conversations
        for operation in learned.operations
        if operation.verb == verb
    }


def course(capture: Path, policy: Policy | None) -> tuple[Training, Counts]:
    judge = Judge([policy], early=True) if policy is not None else None
    training = Training(MINUTE, allowed_by(judge, policy) if judge is not None and policy is not None else None)
    run = Course(training, policy, judge)
    run.captures([str(capture)])
    return training, run.end()


def changed(**parts: object) -> Policy:
    document = yaml.safe_load(POLICY.read_text(encoding="utf-8"))
    document.update(parts)
    return load_bytes(yaml.safe_dump(document).encode(), "changed.yaml")


def test_writes_that_a_rule_of_the_approved_policy_allows_are_confirmed_by_its_approvers() -> None:
    written = [
        operation
        for learned in trained().state(Novelty).conversations
        for operation in learned.operations
        if operation.verb in {"write", "control", "time"}
    ]
    assert {operation.standing for operation in written} == {CONFIRMED}
    assert all("approved by plant manager (CHG-1001), OT security (CHG-1001)" in operation.by for operation in written)
    assert {"rule R-011 of sample-water-works version 1"} <= {operation.by.split(",")[0] for operation in written}


def test_without_a_policy_nobody_confirms_a_write() -> None:
    training, counts = course(WRITES, None)
    assert standings(training, "write") == {UNAPPROVED}
    assert counts.denied == 0


def test_a_policy_that_nobody_approved_confirms_nothing() -> None:
    signed = load(POLICY)
    bare = signed.document.metadata.model_copy(update={"approvals": ()})
    draft = msgspec.structs.replace(signed, document=signed.document.model_copy(update={"metadata": bare}))
    training, _ = course(WRITES, draft)
    assert standings(training, "write") == {UNAPPROVED}


def test_what_the_policy_denies_is_counted_and_leaves_no_trace_in_the_baseline() -> None:
    training, counts = course(WRITES, load(POLICY))
    labels = {
        operation.label
        for learned in training.finish().state(Novelty).conversations
        for operation in learned.operations
    }
    assert counts.denied > 0
    assert not any("holding_register:104" in label for label in labels)


def test_a_maintenance_window_that_freezes_learning_is_left_out_and_counted() -> None:
    zones = ["z-chem", "z-filter", "z-remote", "z-supervisory", "z-site"]
    frozen = {
        "id": "MW-1", "zones": zones, "starts": "2026-11-22T00:00:00Z", "ends": "2026-11-23T00:00:00Z",
        "ticket": "CHG-2000", "effect": {"anomaly_severity": "notice", "freeze_learning": True},
    }  # fmt: skip
    training, counts = course(WRITES, changed(maintenance_windows=[frozen]))
    assert counts.frozen > 0
    assert [
        learned
        for learned in training.finish().state(Novelty).conversations
        if learned.conversation.protocol == "modbus"
    ] == []


def test_a_store_teaches_the_same_as_the_capture_it_was_filled_from(tmp_path: Path) -> None:
    path = tmp_path / "plant.db"
    Replay(Options(captures=(str(NORMAL),), policy=load(POLICY), store=path)).run()
    rules = load(POLICY)
    judge = Judge([rules], early=True)
    training = Training(MINUTE, allowed_by(judge, rules))
    run = Course(training, rules, judge)
    run.store(path)
    run.end()
    assert training.finish().identity == trained().identity


def test_nothing_to_learn_from_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pcap"
    empty.write_bytes(NORMAL.read_bytes()[:24])
    training, counts = course(empty, None)
    assert counts.learned == 0
    with pytest.raises(ValueError, match="normal traffic"):
        training.finish()
