"""Promises about the store: what was acknowledged stays, the same twice is once, and errors name the fix."""

from __future__ import annotations

import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from dissectors.context import Verdict
from dissectors.facts import AnyFact, ChannelOpened, Fact, Health, TransitionFirst, Violation, Visibility
from sensor.inventory import Inventory
from sensor.store import Capture, Store, StoreError
from sensor.store.fact_log import BATCH_FACTS
from tests.sensor.build import (
    HMI,
    PLC,
    SECOND,
    START,
    alert,
    change,
    exchange,
    give,
    opened,
    operation,
    sighting,
    window,
)

CHANNEL = opened()


def every_fact() -> list[AnyFact]:
    """Return one fact of each kind, in order."""
    time = START + 90 * SECOND
    return [
        CHANNEL,
        operation(CHANNEL),
        exchange(CHANNEL),
        change(CHANNEL),
        sighting(PLC, "model", "P1", "modbus.43.14.5", at=3),
        window(CHANNEL, at=60),
        TransitionFirst(time, "a.pcap", 91, 0, CHANNEL.channel, "a", "b", "complete"),
        Violation(
            time, "a.pcap", 91, 1, CHANNEL.channel, "modbus", "length", 4, "4.1", "text", True, "complete", "1:f", 5,
            b"\0", 54, 12,
        ),
        Visibility(time, "a.pcap", 91, 2, CHANNEL.channel, "gaps", "one segment is missing", 5),
        Health(time, "a.pcap", 91, 3, START, time, "eth1", {"packets": 5, "errors": 0}),
    ]  # fmt: skip


def record(store: Store, facts: list[AnyFact]) -> None:
    """Keep facts as the pipeline does."""
    give(store.writer, facts)
    store.writer.commit()


def test_recorded_facts_of_every_kind_come_back_equal(tmp_path: Path) -> None:
    facts = every_fact()
    assert {type(fact) for fact in facts} == set(Fact.__subclasses__())
    with Store(tmp_path / "s.db") as store:
        record(store, facts)
        assert list(store.facts()) == facts
    with Store(tmp_path / "s.db") as store:
        assert list(store.facts()) == facts


def test_a_period_of_facts_begins_with_and_ends_before_its_limits(tmp_path: Path) -> None:
    facts: list[AnyFact] = [sighting(PLC, at=at) for at in range(100)]
    with Store(tmp_path / "s.db") as store:
        record(store, facts)
        assert list(store.facts(START + 15 * SECOND, START + 42 * SECOND)) == facts[15:42]


def test_facts_of_several_sources_and_commits_come_back_in_the_total_order(tmp_path: Path) -> None:
    facts: list[AnyFact] = []
    for at in range(60):
        facts += [sighting(PLC, at=at), msgspec.structs.replace(sighting(HMI, at=at), source="b.pcap")]
    with Store(tmp_path / "s.db") as store:
        for start in range(0, len(facts), 7):
            record(store, facts[start : start + 7])
        assert list(store.facts()) == facts


def test_more_facts_than_a_batch_holds_lose_none(tmp_path: Path) -> None:
    facts: list[AnyFact] = [sighting(PLC, at=1, frame=frame) for frame in range(1, 2 * BATCH_FACTS + 50)]
    with Store(tmp_path / "s.db") as store:
        record(store, facts[:5_000])
        record(store, facts[5_000:])
        assert list(store.facts()) == facts


def test_a_clock_that_jumps_back_loses_no_fact(tmp_path: Path) -> None:
    facts: list[AnyFact] = [sighting(PLC, at=at, frame=at + 1) for at in (500, 501, 3, 4, 900, 5)]
    with Store(tmp_path / "s.db") as store:
        record(store, facts)
        assert list(store.facts()) == sorted(facts, key=lambda fact: fact.time)


def test_the_same_capture_twice_leaves_one_of_each(tmp_path: Path) -> None:
    for _ in range(2):
        with Store(tmp_path / "s.db") as store:
            inventory = Inventory()
            inventory.opened(CHANNEL)
            for event in inventory.take_events():
                found = inventory.record(event.asset.id)
                assert found is not None
                store.writer.asset(found, event)
            store.writer.alert(alert())
            record(store, every_fact())
            store.captured(Capture(name="a.pcap", packets=91))
    with Store(tmp_path / "s.db") as store:
        assert len(store.assets()) == 2
        assert len(store.asset_events()) == 3
        assert [row.packets for row in store.channels()] == [20]
        assert len(store.operations(CHANNEL.channel)) == 1
        assert len(store.alerts()) == 1
        assert len(list(store.facts())) == len(every_fact())
        assert store.captures() == [Capture(name="a.pcap", packets=91)]


def test_other_commits_of_the_same_facts_make_the_same_batches(tmp_path: Path) -> None:
    facts: list[AnyFact] = [sighting(PLC, at=at) for at in range(100)]
    for step in (100, 7, 1):
        with Store(tmp_path / "s.db") as store:
            for start in range(0, len(facts), step):
                record(store, facts[start : start + step])
            assert list(store.facts()) == facts


def test_a_shorter_second_run_takes_nothing_away(tmp_path: Path) -> None:
    facts: list[AnyFact] = [sighting(PLC, at=at) for at in range(9)]
    with Store(tmp_path / "s.db") as store:
        record(store, facts)
    with Store(tmp_path / "s.db") as store:
        record(store, facts[:3])
        assert list(store.facts()) == facts


def test_two_captures_of_the_same_time_do_not_replace_each_other(tmp_path: Path) -> None:
    first: list[AnyFact] = [sighting(PLC, at=at, frame=at + 1) for at in range(9)]
    second: list[AnyFact] = [sighting(HMI, at=at, frame=at + 100) for at in range(9)]
    with Store(tmp_path / "s.db") as store:
        record(store, first)
    with Store(tmp_path / "s.db") as store:
        record(store, second)
        assert len(list(store.facts())) == 18


def test_a_channel_keeps_its_newest_state_and_its_verdict(tmp_path: Path) -> None:
    later = opened(state="refused", at=5)
    with Store(tmp_path / "s.db") as store:
        give(store.writer, [later], Verdict(kind="deny", rule="R-1"))
        give(store.writer, [CHANNEL])
        store.writer.commit()
        (row,) = store.channels()
    assert isinstance(row.opened, ChannelOpened) and row.opened == later
    assert row.verdict == Verdict(kind="deny", rule="R-1")


def test_an_incident_is_found_by_its_newest_revision_severity_and_time(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        for one in (alert("i-a", 1, "low"), alert("i-a", 2, "high", at=50), alert("i-b", 1, "low", at=60)):
            store.writer.alert(one)
        store.writer.commit()
        assert [(row.incident, row.revision) for row in store.alerts()] == [("i-b", 1), ("i-a", 2)]
        assert [row.incident for row in store.alerts("high")] == ["i-a"]
        assert [row.incident for row in store.alerts(since=START + 55 * SECOND)] == ["i-b"]
        assert [row.incident for row in store.alerts(limit=1)] == ["i-b"]
        assert store.alert("i-a") == alert("i-a", 2, "high", at=50)
        assert store.alert("i-") is None and store.alert("nobody") is None
        assert [row.revision for row in store.alert_revisions("i-a")] == [1, 2]


def test_an_asset_is_found_by_id_name_ip_or_mac(tmp_path: Path) -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    (plc,) = inventory.records()
    with Store(tmp_path / "s.db") as store:
        store.writer.asset(plc, None)
        store.writer.commit()
        assert [store.asset(who) for who in (plc.id, plc.name, PLC[1], PLC[0])] == [plc] * 4
        assert store.asset("nobody") is None


def test_what_was_acknowledged_survives_kill_9_in_mid_write(tmp_path: Path) -> None:
    script = """
import sys
from sensor.store import Store
from tests.sensor.build import PLC, alert, give, sighting
store = Store(sys.argv[1])
at = 0
while True:
    give(store.writer, [sighting(PLC, "model", "x" * 200, at=at, frame=at * 300 + number + 1) for number in range(300)])
    store.writer.alert(alert("i-1", at + 1, at=at))
    store.writer.commit()
    print(at, flush=True)
    at += 1
"""
    path = tmp_path / "s.db"
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, cwd=Path.cwd()) as process:
        assert process.stdout is not None
        acknowledged = -1
        for line in process.stdout:
            acknowledged = int(line)
            if acknowledged == 25:
                process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    with Store(path) as store:
        facts = list(store.facts())
        assert [fact.frame for fact in facts] == list(range(1, len(facts) + 1))
        assert len(facts) >= (acknowledged + 1) * 300 and len(facts) % 300 == 0
        assert len(store.alert_revisions("i-1")) == len(facts) // 300
        record(store, [sighting(HMI, at=99_999)])


def test_nothing_of_a_failed_commit_is_kept_and_the_next_one_keeps_all(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    facts = every_fact()
    with Store(path) as store, Store(path) as other:
        other._connection.execute("BEGIN IMMEDIATE")
        store._connection.execute("PRAGMA busy_timeout = 0")
        give(store.writer, facts)
        store.writer.alert(alert())
        with pytest.raises(StoreError, match="in use by another sensor"):
            store.writer.commit()
        other._connection.execute("ROLLBACK")
        store.writer.commit()
        assert list(other.facts()) == facts and len(other.alerts()) == 1


def test_a_full_disk_is_said_with_path_and_fix_and_the_store_stays_readable(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store(path) as store:
        record(store, every_fact())
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        give(store.writer, [sighting(PLC, "model", "x" * 250, at=at) for at in range(2_000)])
        with pytest.raises(StoreError, match=r"s\.db: cannot be written .*full.*Free space"):
            store.writer.commit()
        assert list(store.facts()) == every_fact()


def test_the_file_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE music (title)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"other\.db: is a database of another program.*--store"):
        Store(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"not a database at all, but long enough to be read as one\n" * 50)
    with pytest.raises(StoreError, match="no usable Spanwatch store"):
        Store(path)


def test_a_store_of_a_newer_version_is_refused_with_both_numbers(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store(path) as store:
        store._connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"newer Spanwatch \(schema 99, this one reads up to 3\)"):
        Store(path)


def test_a_store_of_an_older_version_is_refused_with_the_way_on(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store(path) as store:
        store._connection.execute("PRAGMA user_version = 2")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"older Spanwatch \(schema 2\).*replay the captures into it"):
        Store(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(tmp_path / "missing" / "s.db")
    with pytest.raises(StoreError, match="does not exist"):
        Store(tmp_path / "s.db", read_only=True)


def test_notes_are_kept_and_replaced(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        assert store.meta("epoch") == ""
        store.note("epoch", "1")
        store.note("epoch", "2")
    with Store(tmp_path / "s.db", read_only=True) as store:
        assert store.meta("epoch") == "2"
        with pytest.raises(StoreError):
            store.note("epoch", "3")


def test_a_store_made_through_a_link_has_the_rights_of_a_store(tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "plant.db")
    Store(link).close()
    assert link.is_symlink()
    assert stat.S_IMODE((tmp_path / "plant.db").stat().st_mode) == 0o640
