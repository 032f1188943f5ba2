"""The same packets give the same bytes: run twice, cut into files, compressed, from standard input, with a store."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from pathlib import Path

import dpkt
import zstandard

from rules.policy import load
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from sensor.store import Store

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / "pcaps" / "policy.yaml"
NORMAL = ROOT / "pcaps" / "captures" / "plant" / "normal.pcap"
SPOOF = ROOT / "pcaps" / "captures" / "plant" / "arp_spoof.pcap"
FILES = ("alerts", "operations", "channels", "assets", "sensor")


def replayed(captures: Sequence[Path], output: Path, store: Path | None = None) -> dict[str, str]:
    options = Options(captures=tuple(map(str, captures)), policy=load(POLICY), output=output, store=store)
    assert not Replay(options).run().problems
    return {name: (output / f"{name}.ndjson").read_text(encoding="utf-8") for name in FILES}


def split(capture: Path, folder: Path, parts: int) -> Path:
    folder.mkdir()
    with capture.open("rb") as file:
        packets = list(dpkt.pcap.Reader(file))
    size = len(packets) // parts + 1
    for number in range(parts):
        with (folder / f"part-{number:03d}.pcap").open("wb") as file:
            writer = dpkt.pcap.Writer(file, nano=True)
            for time, data in packets[number * size : (number + 1) * size]:
                writer.writepkt(data, time)
    return folder


def without_names(files: dict[str, str]) -> dict[str, str]:
    return {name: re.sub(r'"[^"]*\.pcap"', '"FILE"', text) for name, text in files.items()}


def test_two_runs_give_byte_identical_files(tmp_path: Path) -> None:
    assert replayed([SPOOF], tmp_path / "one") == replayed([SPOOF], tmp_path / "two")


def test_cutting_the_capture_into_a_folder_of_files_changes_nothing_but_file_names(tmp_path: Path) -> None:
    whole = split(SPOOF, tmp_path / "whole", 1)
    parts = split(SPOOF, tmp_path / "parts", 7)
    one = replayed([whole], tmp_path / "one")
    seven = replayed([parts], tmp_path / "seven")
    assert without_names(one) == without_names(seven)
    assert one["alerts"] != seven["alerts"], "the evidence names the file that holds it"


def test_compression_changes_nothing(tmp_path: Path) -> None:
    plain = replayed([NORMAL], tmp_path / "plain")
    packed = tmp_path / "normal.pcap"
    packed.write_bytes(gzip.compress(NORMAL.read_bytes()))
    assert replayed([packed], tmp_path / "gzip") == plain
    packed.write_bytes(zstandard.compress(NORMAL.read_bytes()))
    assert replayed([packed], tmp_path / "zstd") == plain


def test_a_store_changes_no_document_and_gives_the_facts_back(tmp_path: Path) -> None:
    plain = replayed([NORMAL], tmp_path / "plain")
    path = tmp_path / "plant.db"
    assert replayed([NORMAL], tmp_path / "stored", path) == plain
    with Store(path, read_only=True) as store:
        facts = list(store.facts())
        assert len(store.assets()) == len(plain["assets"].splitlines())
        with NORMAL.open("rb") as file:
            packets = len(list(dpkt.pcap.Reader(file)))
        assert [capture.packets for capture in store.captures()] == [packets]
    worker = Replay(Options(captures=(str(NORMAL),))).worker
    from sensor.capture.reader import read

    made = []
    read([NORMAL], worker.wire, after_block=lambda: made.extend(worker.drain()))
    made.extend(worker.finish())
    assert facts == made


def test_replaying_twice_into_one_store_duplicates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "plant.db"
    replayed([SPOOF], tmp_path / "one", path)
    with Store(path, read_only=True) as store:
        before = (len(store.assets()), len(store.alerts()), len(store.channels()), len(list(store.facts())))
    replayed([SPOOF], tmp_path / "two", path)
    with Store(path, read_only=True) as store:
        after = (len(store.assets()), len(store.alerts()), len(store.channels()), len(list(store.facts())))
    assert before == after
