"""Promises about preparing a cluster: what is asked of it, in which order, and what stops it."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sensor.documents.fields import FIELDS, LOGS
from sensor.elastic.connect import connect
from sensor.elastic.requests import (
    Request,
    api_key,
    component_templates,
    index_templates,
    latest_requests,
    printed,
    setup_requests,
)
from sensor.elastic.settings import Settings, check
from sensor.elastic.setup import Setup, SetupError
from tests.sensor.elastic.cluster import Call, Cluster, Reply, cluster_of
from tests.sensor.elastic.shipping import KEY, key_file
from tests.servers.reduced import reduced

ECS = json.loads((Path(__file__).parent.parent / "documents" / "ecs-9.4.0.json").read_text(encoding="utf-8"))["fields"]
OURS = {"labels.site", "data_stream.type", "data_stream.dataset", "data_stream.namespace"}
SIMULATED = {"template": {"mappings": {"properties": {"spanwatch": {}, "event": {}}}}}


def leaves(properties: dict[str, Any], before: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, mapping in properties.items():
        if "properties" in mapping:
            yield from leaves(mapping["properties"], f"{before}{name}.")
        else:
            yield before + name, mapping


def mappings(request: Request) -> dict[str, dict[str, Any]]:
    assert request.body is not None
    return dict(leaves(request.body["template"]["mappings"]["properties"]))


def test_the_order_is_lifecycle_pipeline_components_templates() -> None:
    kinds = [request.path.split("/")[1] for request in setup_requests()]
    assert kinds == sorted(kinds, key=["_ilm", "_ingest", "_component_template", "_index_template"].index)
    assert len(kinds) == 2 + 3 + 5


def test_every_component_a_template_is_made_of_is_ours_the_stacks_or_the_users() -> None:
    ours = {request.path.rpartition("/")[2] for request in component_templates()}
    for request in index_templates():
        body = request.body or {}
        for name in body["composed_of"]:
            assert (
                name in ours
                or name.endswith(("@mappings", "@settings"))
                or name in body["ignore_missing_component_templates"]
            )


def test_every_field_of_the_catalogue_and_every_ecs_field_is_mapped_with_its_type() -> None:
    ecs, custom, sensor = component_templates()
    assert set(mappings(custom)) == {field.name for field in FIELDS}
    assert set(mappings(sensor)) == {field.name for field in FIELDS if "sensor" in field.streams}
    for name, mapping in mappings(ecs).items():
        assert name in OURS or ECS[name]["type"] in {mapping["type"], "wildcard"}


def test_unknown_custom_fields_are_kept_and_not_indexed() -> None:
    for request in component_templates()[1:]:
        assert request.body is not None
        assert request.body["template"]["mappings"]["properties"]["spanwatch"]["dynamic"] is False


@pytest.mark.parametrize("word", [*LOGS, "sensor"])
def test_a_template_takes_its_own_stream_above_the_stack_and_below_nothing_of_the_package(word: str) -> None:
    body = next(request.body for request in index_templates() if request.path.endswith(f"-{word}"))
    assert body is not None
    kind = "metrics" if word == "sensor" else "logs"
    assert body["index_patterns"] == [f"{kind}-spanwatch.{word}-*"]
    assert (body["priority"], body["data_stream"]) == (501, {})
    index = body["template"]["settings"]["index"]
    assert index["mode"] == ("time_series" if word == "sensor" else "logsdb")
    assert index.get("default_pipeline") == (None if word == "sensor" else "spanwatch-default")


def test_the_time_series_has_sensor_and_interface_as_dimensions() -> None:
    fields = mappings(index_templates()[-1])
    dimensions = {name for name, mapping in fields.items() if mapping.get("time_series_dimension")}
    assert dimensions == {"observer.name", "observer.ingress.interface.name"}


def test_every_processor_of_the_pipeline_has_a_tag_and_arrival_is_dated() -> None:
    pipeline = setup_requests()[1].body or {}
    steps = [body for processor in pipeline["processors"] + pipeline["on_failure"] for body in processor.values()]
    assert all(step["tag"] for step in steps)
    assert steps[0]["field"] == "event.ingested"


def test_the_key_of_a_sensor_may_only_add_documents_of_its_site() -> None:
    role = (api_key("plant1", "s1").body or {})["role_descriptors"]["writer"]
    assert role["cluster"] == []
    (indices,) = role["indices"]
    assert indices["names"] == ["logs-spanwatch.*-plant1", "metrics-spanwatch.*-plant1"]
    assert set(indices["privileges"]) == {"create_doc", "auto_configure"}


def test_the_printed_form_is_method_path_and_json() -> None:
    head, _, body = api_key("plant1", "s1").text.partition("\n")
    assert head == "POST /_security/api_key" and json.loads(body)["name"] == "spanwatch-plant1-s1"
    assert printed(setup_requests()).count("PUT /") == len(setup_requests())


def test_the_reduced_form_has_nothing_the_bare_server_lacks() -> None:
    requests = reduced([*setup_requests(), *latest_requests()])
    assert {request.path.split("/")[1] for request in requests} == {"_component_template", "_index_template"}
    text = printed(requests)
    for word in ("constant_keyword", "wildcard", "match_only_text", "scaled_float", "time_series", "pipeline", "@"):
        assert word not in text.replace('"@timestamp"', "")
    assert len(requests) == 3 + 5 + 1


@contextmanager
def prepared(folder: Path, cluster: Cluster) -> Iterator[tuple[Setup, list[str]]]:
    settings = Settings(urls=(cluster.url,), key_file=key_file(folder))
    credential = check(settings)
    lines: list[str] = []
    with connect(settings, credential) as client:
        yield Setup(client, credential, lines.append), lines


def well(cluster: Cluster) -> None:
    cluster.routes |= {
        "GET /_index_template/": Reply(status=404, body={"error": {"type": "resource_not_found_exception"}}),
        "PUT /": Reply(body={"acknowledged": True}),
        "POST /_ingest/pipeline/": Reply(body={"docs": [{"doc": {"_source": {"event": {"ingested": "x"}}}}]}),
        "POST /_index_template/_simulate_index/": Reply(body=SIMULATED),
        "POST /_transform/": Reply(body={"acknowledged": True}),
        "POST /_security/api_key": Reply(body={"id": "i", "encoded": "bmV3OmtleQ=="}),
    }


def test_everything_is_applied_in_order_then_simulated(tmp_path: Path) -> None:
    with cluster_of() as cluster, prepared(tmp_path, cluster) as (work, lines):
        well(cluster)
        work.apply("plant1")
        sent = [(call.method, call.path) for call in cluster.calls]
        assert sent[2:12] == [(request.method, request.path) for request in setup_requests()]
        assert [json.loads(call.body) for call in cluster.calls[2:12]] == [each.body for each in setup_requests()]
        assert all("_simulate" in path for _, path in sent[12:18]) and len(sent) == 19
        assert len(lines) == 10 + 6


def test_applying_twice_sends_the_same(tmp_path: Path) -> None:
    with cluster_of() as cluster, prepared(tmp_path, cluster) as (work, _):
        well(cluster)
        work.apply("plant1", transform=True)
        half = len(cluster.calls)
        cluster.routes["PUT /_transform/"] = Reply(
            status=400, body={"error": {"type": "resource_already_exists_exception"}}
        )
        work.apply("plant1", transform=True)
        assert [(call.path, call.body) for call in cluster.calls[:half]] == [
            (call.path, call.body) for call in cluster.calls[half:]
        ]


def test_streams_that_are_there_already_are_reported_to_change_at_their_next_rollover(tmp_path: Path) -> None:
    with cluster_of() as cluster, prepared(tmp_path, cluster) as (work, lines):
        well(cluster)
        cluster.routes["GET /_data_stream/"] = Reply(body={"data_streams": [{"name": "logs-spanwatch.alert-plant1"}]})
        work.apply("plant1")
        assert "1 data streams" in lines[-1] and "_rollover" in lines[-1]


def test_nothing_is_changed_where_the_integration_package_is_installed(tmp_path: Path) -> None:
    with cluster_of() as cluster, prepared(tmp_path, cluster) as (work, _):
        well(cluster)
        cluster.routes["GET /_index_template/"] = Reply(body={"index_templates": [{"name": "logs-spanwatch.alert"}]})
        with pytest.raises(SetupError, match="package is installed"):
            work.apply("plant1")
        assert {call.method for call in cluster.calls} == {"GET"}


def test_a_template_that_loses_to_another_is_reported(tmp_path: Path) -> None:
    with cluster_of() as cluster, prepared(tmp_path, cluster) as (work, _):
        well(cluster)
        cluster.routes["POST /_index_template/_simulate_index/"] = Reply(body={"template": {"mappings": {}}})
        with pytest.raises(SetupError, match="another index template"):
            work.apply("plant1")


@pytest.mark.parametrize(("status", "said"), [(401, "--elastic-user"), (403, "manage_index_templates"), (500, "boom")])
def test_a_refused_step_is_named_with_what_to_do(tmp_path: Path, status: int, said: str) -> None:
    with cluster_of() as cluster, prepared(tmp_path, cluster) as (work, _):
        well(cluster)
        cluster.routes["PUT /_ilm"] = Reply(status=status, body={"error": {"type": "x", "reason": f"boom {KEY}"}})
        with pytest.raises(SetupError) as caught:
            work.apply("plant1")
        assert "PUT /_ilm/policy/spanwatch" in str(caught.value) and said in str(caught.value)
        assert KEY not in str(caught.value)


def test_the_key_goes_into_a_new_file_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "s1.key"
    with cluster_of() as cluster, prepared(tmp_path, cluster) as (work, lines):
        well(cluster)
        work.make_key("plant1", "s1", path)
        assert path.read_text() == "bmV3OmtleQ==\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "bmV3OmtleQ==" not in "".join(lines)
        assert check(Settings(urls=("https://es:9200",), key_file=path)) is not None
        with pytest.raises(SetupError, match="new file"):
            work.make_key("plant1", "s1", path)
        assert path.read_text() == "bmV3OmtleQ==\n"


@pytest.mark.parametrize("reply", [Reply(status=403, body={"error": "no"}), Reply(body={"id": "x"})])
def test_no_key_no_file(tmp_path: Path, reply: Reply) -> None:
    with cluster_of() as cluster, prepared(tmp_path, cluster) as (work, _):
        well(cluster)
        cluster.routes["POST /_security/api_key"] = reply
        with pytest.raises(SetupError):
            work.make_key("plant1", "s1", tmp_path / "s1.key")
        assert not (tmp_path / "s1.key").exists()


def test_the_credential_is_sent_with_every_request(tmp_path: Path) -> None:
    with cluster_of() as cluster, prepared(tmp_path, cluster) as (work, _):
        well(cluster)
        work.apply("plant1")
        calls: list[Call] = cluster.calls
        assert all(call.headers["authorization"].startswith("ApiKey ") for call in calls)


GARBAGE = [{"docs": [1]}, {"docs": 7}, {"index_templates": 5}, {"template": [1]}, {"template": {"mappings": 1}}, [1]]


@pytest.mark.parametrize("body", [*GARBAGE, b"[" * 200_000])
@pytest.mark.parametrize(
    "path", ["GET /_index_template/", "POST /_ingest/pipeline/", "POST /_index_template/_simulate_index/"]
)
def test_garbage_from_the_cluster_is_one_sentence_or_no_trouble(tmp_path: Path, body: object, path: str) -> None:
    with cluster_of() as cluster, prepared(tmp_path, cluster) as (work, _):
        well(cluster)
        cluster.routes[path] = Reply(body=body)
        if path.startswith("GET") and not isinstance(body, bytes):
            work.apply("plant1")
        else:
            with pytest.raises(SetupError, match=r"pipeline|template|cannot be read"):
                work.apply("plant1")


def test_a_number_is_no_list_of_streams(tmp_path: Path) -> None:
    with cluster_of() as cluster, prepared(tmp_path, cluster) as (work, lines):
        well(cluster)
        cluster.routes["GET /_data_stream/"] = Reply(body={"data_streams": 7})
        work.apply("plant1")
        assert "data streams are there" not in "".join(lines)
