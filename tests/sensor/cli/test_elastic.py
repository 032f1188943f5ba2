"""What a person relies on when writing to Elasticsearch from the command line."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sensor.cli import main
from sensor.elastic.kibana import RULES, SAVED_OBJECTS
from sensor.elastic.requests import printed, setup_requests
from sensor.store import Store
from tests.repository import ROOT, program
from tests.sensor.elastic.cluster import Call, Cluster, Reply, cluster_of, item, items, stored
from tests.sensor.elastic.shipping import KEY, document, key_file
from tests.sensor.elastic.test_setup import well

CAPTURE = ROOT / "pcaps" / "captures" / "dnp3" / "new_master.pcap"
SECRET = KEY.partition(":")[2]


def spanwatch(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], env={"COLUMNS": "160"}, prog_name="spanwatch")


def process(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(program(*map(str, arguments)), capture_output=True, check=False, text=True)


def target(cluster: Cluster, folder: Path) -> list[str]:
    return ["--elastic", cluster.url, "--elastic-key-file", str(key_file(folder))]


def spooled(path: Path, *names: str) -> Path:
    with Store(path) as store:
        store.spool.add([document("alert", name) for name in names])
    return path


def replayed(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return process("replay", CAPTURE, "--store", folder / "s.db", "--site", "plant1", *arguments)


def test_the_requests_can_be_read_without_a_server() -> None:
    result = spanwatch("elastic", "setup", "--print", "--site", "plant1", "--sensor", "s1")
    assert result.exit_code == 0
    assert result.output.startswith(printed(setup_requests()))
    assert "POST /_security/api_key" in result.output and "logs-spanwatch.*-plant1" in result.output
    assert "_transform" not in result.output
    assert "_transform" in spanwatch("elastic", "setup", "--print", "--transform").output


def test_setup_prepares_cluster_and_kibana_and_writes_the_key(tmp_path: Path) -> None:
    key = tmp_path / "s1.key"
    with cluster_of() as cluster, cluster_of() as kibana:
        well(cluster)
        objects, rules = SAVED_OBJECTS.lines.splitlines(), RULES.lines.splitlines()
        kibana.routes["POST /api/saved_objects/_import"] = Reply(body={"success": True, "successCount": len(objects)})
        kibana.routes["POST /api/detection_engine/rules/_import"] = Reply(
            body={"success": True, "success_count": len(rules), "errors": []}
        )
        result = spanwatch(
            "elastic",
            "setup",
            *target(cluster, tmp_path),
            "--site",
            "plant1",
            "--key-out",
            key,
            "--kibana",
            kibana.url,
            "--kibana-rules",
        )
    assert result.exit_code == 0, result.output
    assert f"Kibana took {len(objects)} saved objects" in result.output
    assert f"Kibana took {len(rules)} rules" in result.output
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert SECRET not in result.output and key.read_text().strip() not in result.output


def test_setup_can_make_a_key_and_nothing_else(tmp_path: Path) -> None:
    with cluster_of() as cluster:
        well(cluster)
        result = spanwatch("elastic", "setup", *target(cluster, tmp_path), "--key-only", "--key-out", tmp_path / "k")
        assert [call.path for call in cluster.calls] == ["/", "/_security/api_key"]
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["setup"], "--elastic https://HOST:9200"),
        (["setup", "--key-only"], "--key-out"),
        (["setup", "--kibana-rules"], "--kibana URL"),
        (["setup", "--print", "--site", "Plant-1"], "site name"),
        (["setup", "--elastic", "http://127.0.0.1:9", "--kibana", "kibana"], "--kibana kibana"),
        (["setup", "--elastic", "http://127.0.0.1:9"], "refused"),
        (["setup", "--elastic", "https://u:hunter2@es:9200"], "no user or password in the address"),
        (["setup", "--elastic-user", "me"], "need --elastic URL"),
        (["ship"], "--store FILE"),
        (["ship", "--store", "/nowhere/s.db"], "does not exist"),
        (["status", "--store", "/nowhere/s.db"], "does not exist"),
    ],
)
def test_wrong_use_is_reported_in_a_sentence_with_exit_code_2(arguments: list[str], said: str) -> None:
    result = spanwatch("elastic", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr and "Traceback" not in result.stderr and "hunter2" not in result.stderr


def test_a_refused_setup_ends_with_2_and_says_why(tmp_path: Path) -> None:
    with cluster_of() as cluster:
        well(cluster)
        cluster.routes["PUT /_ilm"] = Reply(status=403, body={"error": {"type": "security_exception", "reason": "no"}})
        result = spanwatch("elastic", "setup", *target(cluster, tmp_path))
    assert result.exit_code == 2 and "manage_ilm" in result.stderr


def test_shipping_until_empty_ends_with_0_and_silence(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1", "a2")
    with cluster_of() as cluster:
        result = process("elastic", "ship", "--store", path, *target(cluster, tmp_path), "--until-empty")
        assert len(cluster.documents) == 2
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_shipping_what_the_cluster_cannot_take_ends_with_1_and_keeps_it(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1")
    with cluster_of(always=lambda call: Reply(status=503)) as cluster:
        result = process(
            "elastic", "ship", "--store", path, *target(cluster, tmp_path), "--until-empty", "--patience", "0.1"
        )
    assert result.returncode == 1 and "still wait" in result.stderr
    with Store(path) as store:
        assert store.spool.size()[0] == 1


def test_shipping_with_a_wrong_key_ends_with_2_before_anything_is_sent(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1")
    with cluster_of() as cluster:
        cluster.routes["GET /"] = Reply(status=401)
        result = process("elastic", "ship", "--store", path, *target(cluster, tmp_path), "--until-empty")
        assert cluster.bulks == []
    assert result.returncode == 2 and "does not know the key" in result.stderr and SECRET not in result.stderr


def test_shipping_runs_until_it_is_reported_to_stop(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1")
    seen = threading.Event()

    def report(call: Call) -> Reply:
        seen.set()
        return stored(call)

    with cluster_of(always=report) as cluster:
        running = subprocess.Popen(program("elastic", "ship", "--store", str(path), *target(cluster, tmp_path)))
        try:
            assert seen.wait(30)
            os.kill(running.pid, signal.SIGTERM)
            assert running.wait(30) == 0
        finally:
            running.kill()
            running.wait()


def test_the_status_reports_what_waits_what_arrived_and_what_is_wrong(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1", "a2")
    with cluster_of(items(item(201), item(400, "mapper_parsing_exception", "\x1b[31mwhy"))) as cluster:
        process("elastic", "ship", "--store", path, *target(cluster, tmp_path), "--until-empty")
    spooled(path, "a3")
    result = spanwatch("elastic", "status", "--store", path)
    assert result.exit_code == 0
    for text in ("not running", "1 documents", "Arrived      1 new", "1 refused, in", "State        fine"):
        assert text in result.output
    state = json.loads(spanwatch("elastic", "status", "--store", path, "--json").output)
    assert (state["spool"]["documents"], state["output"]["acked"], state["output"]["dead_letter"]) == (1, 1, 1)
    assert state["shipper_running"] is False


def test_the_status_shows_why_sending_is_paused(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1")
    reason = "\x1b[31mno \u202e"
    with cluster_of(always=lambda call: Reply(status=403, body={"error": {"reason": reason}})) as cluster:
        done = process("elastic", "ship", "--store", path, *target(cluster, tmp_path), "--until-empty")
    result = spanwatch("elastic", "status", "--store", path)
    assert done.returncode == 1 and "paused" in result.output and "may not write" in result.output
    for output in (result.output, done.stderr):
        assert "\x1b" not in output and "\u202e" not in output


def test_a_replay_ships_every_document_of_its_files_with_the_moment_of_sending(tmp_path: Path) -> None:
    with cluster_of() as cluster:
        result = replayed(tmp_path, *target(cluster, tmp_path), "--output", tmp_path / "out")
        sent = cluster.documents
    assert result.returncode == 0, result.stderr
    assert "everything arrived" in result.stderr and SECRET not in result.stderr + result.stdout
    written = [line for path in sorted((tmp_path / "out").iterdir()) for line in path.read_text().splitlines()]
    assert sent and all(found["event"].pop("created") for found in sent)
    assert sorted(json.dumps(found) for found in sent) == sorted(json.dumps(json.loads(line)) for line in written)


def test_a_replay_twice_sends_the_same_ids(tmp_path: Path) -> None:
    with cluster_of() as cluster:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            replayed(tmp_path / name, *target(cluster, tmp_path), "--quiet")
        ids = [action.get("_id") for call in cluster.bulks for action, _ in call.pairs if "_id" in action]
    assert ids and all(ids.count(name) == 2 for name in ids)


def test_a_replay_goes_on_when_the_cluster_is_down_and_says_how_to_ship_later(tmp_path: Path) -> None:
    with cluster_of(always=lambda call: Reply(status=401)) as cluster:
        result = replayed(tmp_path, *target(cluster, tmp_path))
    assert result.returncode == 0
    assert "incidents" in result.stdout
    command = result.stderr.partition("ship them with: spanwatch ")[2].splitlines()[0].split()
    with Store(tmp_path / "s.db") as store:
        waiting = store.spool.size()[0]
    assert f"{waiting} documents wait" in result.stderr and waiting
    with cluster_of() as cluster:
        command[command.index("--elastic") + 1] = cluster.url
        assert process(*command).returncode == 0
        assert len(cluster.documents) == waiting


def test_trouble_with_shipping_changes_no_exit_code(tmp_path: Path) -> None:
    with cluster_of(always=lambda call: Reply(status=403)) as cluster:
        result = replayed(tmp_path, *target(cluster, tmp_path), "--fail-on", "low", "--quiet")
    assert result.returncode == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(status=401), "does not know the key"),
        (Reply(body={}, headers={}), "not Elasticsearch"),
        (Reply(body={"version": {"number": "7.17.0"}}), "too old"),
    ],
)
def test_settings_that_cannot_work_end_a_replay_before_a_packet_is_read(
    tmp_path: Path, reply: Reply, said: str
) -> None:
    with cluster_of() as cluster:
        cluster.routes["GET /"] = reply
        result = replayed(tmp_path, *target(cluster, tmp_path))
    assert result.returncode == 2 and said in result.stderr
    assert not (tmp_path / "s.db").exists()


def test_a_replay_to_a_cluster_needs_a_store() -> None:
    result = spanwatch("replay", CAPTURE, "--elastic", "https://es:9200")
    assert result.exit_code == 2 and "--store FILE" in result.stderr
