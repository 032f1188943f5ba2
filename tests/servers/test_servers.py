"""The test bench itself: servers answer as the reference says, and none outlives the run that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from elastic_transport import TlsError
from elasticsearch import ApiError, TransportError

from tests.repository import ROOT
from tests.servers.elasticsearch import Elasticsearch
from tests.servers.opensearch import OpenSearch
from tests.servers.process import ServerProcess
from tests.servers.proxy import Fault, Proxy

pytestmark = pytest.mark.servers

STREAM = "logs-spanwatch.bench-plant1"
TEMPLATE = {"index_patterns": ["logs-spanwatch.bench-*"], "priority": 501, "data_stream": {}}
DOCUMENT = {"@timestamp": "2026-01-01T00:00:00Z"}
PATIENCE = 10


def operations(*names: str, index: str = STREAM) -> list[dict[str, object]]:
    return [line for name in names for line in ({"create": {"_index": index, "_id": name}}, DOCUMENT)]


@pytest.fixture(scope="module")
def templated(elasticsearch: Elasticsearch) -> Elasticsearch:
    elasticsearch.admin.indices.put_index_template(name="bench", **TEMPLATE)
    return elasticsearch


def test_the_writer_creates_documents_once_and_reads_nothing(templated: Elasticsearch) -> None:
    with templated.client(templated.user) as writer:
        statuses = [
            item["create"]["status"]
            for _ in range(2)
            for item in writer.bulk(operations=operations("once", "twice"), require_data_stream=True)["items"]
        ]
        assert statuses == [201, 201, 409, 409]
        for forbidden in (lambda: writer.search(index=STREAM), writer.cluster.health):
            with pytest.raises(ApiError) as refused:
                forbidden()
            assert refused.value.status_code == 403
    assert sorted(templated.ids(STREAM)) == ["once", "twice"]


def test_the_writer_of_a_site_is_refused_another_site(templated: Elasticsearch) -> None:
    with templated.client(templated.site_user) as writer:
        answer = writer.bulk(operations=operations("other", index="logs-spanwatch.bench-plant2"))
    assert answer["items"][0]["create"]["status"] == 403


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.BAD_GATEWAY, Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.HALF_ANSWER])
def test_each_fault_reaches_the_client_and_documents_arrive_only_where_it_says(
    templated: Elasticsearch, fault: Fault
) -> None:
    arrives = fault in {Fault.CUT_AFTER, Fault.HALF_ANSWER}
    once = Proxy(templated, lambda number: fault if number == 0 else Fault.NONE)
    with once as proxy, templated.client(templated.user, proxy.url) as writer:
        with pytest.raises((ApiError, TransportError)):
            writer.bulk(operations=operations(fault.name))
        assert (fault.name in templated.ids(STREAM)) is arrives
        again = writer.bulk(operations=operations(fault.name))
    assert again["items"][0]["create"]["status"] == (409 if arrives else 201)
    assert proxy.done == [fault, Fault.NONE]


def test_a_proxy_with_the_certificate_of_another_name_is_not_spoken_to(newest_elasticsearch: Elasticsearch) -> None:
    server = newest_elasticsearch
    elsewhere = Proxy(server, address="127.0.0.2", name="elsewhere.example")
    with elsewhere as proxy, server.client(server.user, proxy.url) as writer, pytest.raises(TlsError):
        writer.bulk(operations=operations("mismatch"))


def test_the_second_opinion_has_pipelines(opensearch: OpenSearch) -> None:
    opensearch.ask("PUT", "/_ingest/pipeline/bench", {"processors": [{"set": {"field": "seen", "value": "yes"}}]})
    opensearch.ask("PUT", "/bench", {"settings": {"index.default_pipeline": "bench"}})
    assert opensearch.bulk([("bench", "one", {})])[0]["status"] == 201
    assert opensearch.documents("bench") == {"one": {"seen": "yes"}}


def test_a_server_ends_with_the_run_that_started_it_even_when_that_is_killed(tmp_path: Path) -> None:
    reported = tmp_path / "folder"
    program = (
        f"import sys, time; sys.path.append({str(ROOT)!r}); from pathlib import Path\n"
        "from tests.servers.process import ServerProcess\n"
        "server = ServerProcess('orphan'); server.start(['sleep', '600'], {})\n"
        f"Path({str(tmp_path / 'group')!r}).write_text(str(server._group))\n"
        f"Path({str(reported)!r}).write_text(str(server.folder)); time.sleep(600)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", program])
    until = time.monotonic() + PATIENCE
    while not (reported.exists() and reported.read_text()) and time.monotonic() < until:
        time.sleep(0.02)
    group, folder = int((tmp_path / "group").read_text()), Path(reported.read_text())
    os.killpg(group, 0)
    run.send_signal(signal.SIGKILL)
    run.wait()
    while folder.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


def test_a_server_that_ignores_the_request_to_end_is_ended() -> None:
    server = ServerProcess("stubborn")
    server.start(["sh", "-c", "trap '' TERM; while :; do sleep 1; done"], {})
    server.kill()
    assert not server.running
    server.remove()
    assert not server.folder.exists()
