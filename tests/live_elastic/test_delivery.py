"""A replay of the sample plant arrives whole at a real server of both ends of the supported range, by the command line.

TLS with an authority of its own; the user may create documents and nothing else.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live_elastic.plant import CAPTURES, POLICY, Documents, documents, stream
from tests.live_elastic.shipping import settings, spanwatch, twice, waiting
from tests.repository import ROOT, program
from tests.servers.elasticsearch import Elasticsearch

pytestmark = pytest.mark.servers

SITE = "waterworks"
PATTERN = f"*-spanwatch.*-{SITE}"
FINE = 0


@pytest.fixture(scope="module")
def replayed(server: Elasticsearch, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Documents]:
    """The folder of a replay that shipped, and the documents it also wrote to files."""
    folder = tmp_path_factory.mktemp("replay")
    chosen = settings(server, folder, site=SITE)
    done = spanwatch(
        "replay", *CAPTURES, "--policy", POLICY, "--store", folder / "plant.db", "--output", folder / "out",
        "--site", SITE, *chosen.arguments(),
    )  # fmt: skip
    assert (done.returncode, "documents wait" in done.stderr) == (FINE, False), done.stderr
    assert f"everything arrived at {server.url}" in done.stderr
    return folder, documents(folder / "out", SITE)


def test_every_document_of_the_files_is_in_the_cluster_once(
    server: Elasticsearch, replayed: tuple[Path, Documents]
) -> None:
    for name, found in replayed[1].items():
        assert len(found) == server.refresh_and_count(name) > 0
        if name.startswith("logs-"):
            assert sorted(server.ids(name)) == sorted(one["event"]["id"] for one in found)


def test_what_is_stored_is_what_the_files_hold_with_the_time_of_sending(
    server: Elasticsearch, replayed: tuple[Path, Documents]
) -> None:
    name = stream("operation", SITE)
    hits = server.admin.search(index=name, size=1_000)["hits"]["hits"]
    stored = {hit["_id"]: hit["_source"] for hit in hits}
    assert stored
    sent = {one["event"]["id"]: one for one in replayed[1][name]}
    for identifier, document in stored.items():
        assert document["event"].pop("created").endswith("Z")
        assert document == sent[identifier]


def test_no_value_was_left_out_of_the_index_for_its_type(
    server: Elasticsearch, replayed: tuple[Path, Documents]
) -> None:
    assert server.refresh_and_count(PATTERN, {"exists": {"field": "_ignored"}}) == 0


def test_shipping_the_same_again_changes_nothing(
    server: Elasticsearch, replayed: tuple[Path, Documents], tmp_path: Path
) -> None:
    logs = f"logs-spanwatch.*-{SITE}"
    before = server.refresh_and_count(logs)
    store, chosen = tmp_path / "again.db", settings(server, tmp_path, site=SITE)
    done = spanwatch(
        "replay", *CAPTURES, "--policy", POLICY, "--store", store, "--quiet", "--site", SITE, *chosen.arguments()
    )
    assert done.returncode == FINE, done.stderr
    assert server.refresh_and_count(logs) == before
    assert twice(server.ids(logs)) == []
    shown = spanwatch("elastic", "status", "--store", store, "--json")
    reported = json.loads(shown.stdout)["output"]
    assert shown.returncode == FINE
    assert {reported["acked"], reported["duplicates"]} == {len(replayed[1][stream("sensor", SITE)]), before}


def test_what_a_replay_did_not_wait_for_is_shipped_later(newest: Elasticsearch, tmp_path: Path) -> None:
    site, store = "later", tmp_path / "later.db"
    away = settings(newest, tmp_path, url="https://127.0.0.1:9", site=site)
    command = program(
        "replay", CAPTURES[0], "--policy", str(POLICY), "--store", str(store), "--site", site, *away.arguments()
    )
    replay = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert replay.stderr is not None
    with replay, replay.stderr:
        for line in replay.stderr:
            if line.startswith(b"waiting for Elasticsearch"):
                break
        replay.send_signal(signal.SIGINT)
        reported = replay.stderr.read().decode()
    assert (replay.returncode, "documents wait for Elasticsearch" in reported) == (FINE, True), reported
    expected = waiting(store)
    assert newest.refresh_and_count(f"*-spanwatch.*-{site}") == 0 < expected
    chosen = settings(newest, tmp_path, site=site)
    later = spanwatch("elastic", "ship", "--store", store, *chosen.arguments(), "--until-empty")
    assert (later.returncode, waiting(store)) == (FINE, 0), later.stderr
    assert newest.refresh_and_count(f"*-spanwatch.*-{site}") == expected


def test_the_bench_ships_what_it_says_into_a_stream_of_its_own(newest: Elasticsearch, tmp_path: Path) -> None:
    chosen = settings(newest, tmp_path)
    bench = (sys.executable, "-P", ROOT / "tools" / "installed.py", "tools.bench", "--documents", "10000")
    done = subprocess.run(
        (*bench, "--keep", tmp_path, *chosen.arguments()), capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == FINE, done.stderr
    assert re.search(r"shipping +[1-9]\d* documents/s, 2\d{3} bytes each", done.stdout)
    assert newest.refresh_and_count("*-spanwatch.*-bench") == 10_000
