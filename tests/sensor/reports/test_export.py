from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import dpkt
import msgspec
import pytest

from rules.policy import load
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from sensor.reports import BundleError, PlantState, assets_csv, assets_json, write_bundle
from sensor.reports.bundle import bundle_files
from sensor.reports.csv_file import FORMULA, conversations_csv, safe_cell
from sensor.reports.diagram import diagram
from sensor.reports.field import FIELDS, GUIDANCE
from sensor.reports.state import read_state
from sensor.store import Store, StoreError
from tests.repository import ROOT
from tests.sensor.reports.plant import CAPTURES, HOSTILE, POLICY, hostile, make_store, state_of


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("reports") / "plant.db")


@pytest.fixture(scope="module")
def state(store: Path) -> PlantState:
    return state_of(store)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_guidance_has_its_32_fields_with_their_priorities() -> None:
    assert [field.number for field in GUIDANCE] == list(range(1, 33))
    assert [sum(field.priority == name for field in GUIDANCE) for name in ("high", "medium", "low")] == [14, 8, 10]
    assert len({field.key for field in FIELDS}) == len(FIELDS)


def test_every_asset_has_every_field_and_no_cell_is_blank(state: PlantState) -> None:
    rows = rows_of(assets_csv(state))
    assert len(rows) == len(state.assets) >= 7
    for row in rows:
        assert list(row) == [
            name for field in FIELDS for name in (field.key, f"{field.key}_state", f"{field.key}_source")
        ]
        assert all(cell.strip() for cell in row.values())


def test_what_the_controllers_said_is_in_the_map_with_how_it_is_known(state: PlantState) -> None:
    rows = {row["hostname"]: row for row in rows_of(assets_csv(state))}
    chem = rows["plc-chem"]
    assert (chem["manufacturer"], chem["model"], chem["criticality"]) == ("Schneider Electric", "BMXP342020", "high")
    assert chem["manufacturer_source"] == "modbus.43.14.0 (strong)"
    assert chem["logging_state"] == "unknown: not_observable_passively"
    assert rows["hist-1"]["mac_address_state"].startswith("unknown: ")
    assert rows["rtu-res"]["owner"] == "Process"


def packets_of(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return [data for _, data in dpkt.pcap.Reader(file)]


def test_every_frame_given_as_proof_is_in_the_capture_it_names(state: PlantState) -> None:
    packets = {Path(name).name: packets_of(ROOT / "pcaps/captures" / name) for name in CAPTURES}
    told = json.loads(assets_json(state))
    proved = 0
    for asset in told["assets"]:
        mac = asset["fields"]["mac_address"].get("value", "")
        for key, value in asset["fields"].items():
            for part in value.get("evidence", []):
                for frame in part["frames"]:
                    data = packets[part["capture"]][frame - 1]
                    if mac and key == "ip_address":
                        assert bytes.fromhex(mac.replace(":", "")) in data
                        proved += 1
    assert proved >= 8


def cells(text: str) -> Iterator[str]:
    for row in csv.reader(io.StringIO(text, newline="")):
        yield from row


def test_no_cell_of_any_table_can_be_run_by_a_spreadsheet(state: PlantState) -> None:
    for name, text in bundle_files(hostile(state)).items():
        if name.endswith(".csv"):
            for cell in cells(text):
                assert not cell.lstrip().startswith(FORMULA), (name, cell)
                assert "\n" not in cell
                assert "\u202e" not in cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1"])
def test_a_formula_becomes_text(text: str) -> None:
    assert safe_cell(text).startswith("'")


def test_long_and_broken_texts_are_exported_bounded(state: PlantState) -> None:
    assert len(safe_cell("x" * 50_000)) == 10_000
    assert safe_cell("a\udc80b") == "a?b"
    assert all(HOSTILE[0] not in text for text in bundle_files(hostile(state)).values() if text.startswith("<!DOCTYPE"))


def test_a_bundle_is_the_same_twice_and_its_digests_hold(store: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    write_bundle(state_of(store), one)
    write_bundle(state_of(store), two)
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in two.iterdir())
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in names)
    manifest = json.loads((one / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(file["name"] for file in manifest["files"]) == [name for name in names if name != "manifest.json"]
    for file in manifest["files"]:
        body = (one / file["name"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    for capture in manifest["captures"]:
        path = next(ROOT / "pcaps/captures" / name for name in CAPTURES if name.endswith(capture["name"]))
        assert capture["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [row["priority"] for row in manifest["completeness"]] == ["high", "medium", "low"]


def test_completeness_adds_up_and_coverage_names_what_is_missing(state: PlantState) -> None:
    about = json.loads(assets_json(state))["about"]
    for row in about["completeness"]:
        assert row["known"] + row["conflict"] + row["not_seen"] + row["import_needed"] == row["applicable"]
    lonely = msgspec.structs.replace(state, assets=state.assets[:1])
    assert "rtu-res" in json.loads(assets_json(lonely))["about"]["coverage"]["never_seen"]


def test_a_bundle_never_mixes_with_what_is_there(state: PlantState, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BundleError, match="is not empty"):
        write_bundle(state, tmp_path / "there")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(BundleError, match="is not a folder"):
        write_bundle(state, tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE assets SET record = x'ff00ff'",
        "UPDATE assets SET record = 'text'",
        "UPDATE channels SET first = 1.5e300",
        "UPDATE channels SET first = 'yesterday'",
        "UPDATE channels SET opened = x'c1'",
    ],
)
def test_a_damaged_store_is_named_whatever_is_broken(store: Path, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "plant.db"
    shutil.copy(store, path)
    connection = sqlite3.connect(path)
    connection.execute(damage)
    connection.commit()
    connection.close()
    with Store(path, read_only=True) as opened, pytest.raises(StoreError, match=r"plant\.db: is damaged"):
        read_state(opened)


def test_a_conversation_that_is_allowed_but_did_what_is_not_says_so(tmp_path: Path) -> None:
    stop = str(ROOT / "pcaps/captures/s7/plc_stop.pcap")
    path = tmp_path / "stop.db"
    Replay(Options(captures=(stop,), policy=load(POLICY), store=path)).run()
    state = state_of(path)
    (row,) = [
        row for row in rows_of(conversations_csv(state)) if (row["client"], row["protocol"]) == ("ews-1", "s7comm")
    ]
    assert (row["verdict"], int(row["denied_operations"]) > 0) == ("allow", True)
    assert "ews-1 to plc-filt: something not allowed by the policy" in {line.title for line in diagram(state).lines}
