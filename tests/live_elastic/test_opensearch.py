"""The whole set-up, pipeline and full field types included, on a node that has them: a second opinion by OpenSearch."""

from __future__ import annotations

from typing import Any

import pytest

from sensor.elastic.requests import setup_requests, simulations
from tests.live_elastic.plant import Documents, replayed, stream
from tests.servers.opensearch import OpenSearch, RefusedError
from tests.servers.translated import translated

pytestmark = pytest.mark.servers

SITE = "opinion"


@pytest.fixture(scope="module")
def node(opensearch: OpenSearch) -> OpenSearch:
    opensearch.apply(translated(setup_requests()))
    return opensearch


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    return replayed(tmp_path_factory.mktemp("plant"), SITE)


def test_every_document_of_the_plant_is_taken_with_its_declared_types(node: OpenSearch, plant: Documents) -> None:
    sent = [(name, one["event"].get("id", ""), one) for name, found in plant.items() for one in found]
    answers = node.bulk(sent)
    assert [answer.get("error") for answer in answers if answer["status"] != 201] == []
    assert len(answers) == len(sent)
    for name, found in plant.items():
        kept = node.documents(name)
        assert len(kept) == len(found) > 0
        ignored = node.ask("POST", f"/{name}/_search", {"size": 0, "query": {"exists": {"field": "_ignored"}}})
        assert ignored["hits"]["total"]["value"] == 0
        if name.startswith("logs-"):
            assert all("ingested" in one["event"] for one in kept.values())
            assert {name: without_arrival(one) for name, one in kept.items()} == {
                one["event"]["id"]: without_arrival(one) for one in found
            }


def without_arrival(document: dict[str, Any]) -> dict[str, Any]:
    """A document as it was sent: what the pipeline adds is taken out."""
    event = {name: value for name, value in document["event"].items() if name != "ingested"}
    ends: dict[str, Any] = {
        side: {name: value for name, value in document[side].items() if name != "geo"}
        for side in ("source", "destination")
        if side in document
    }
    return {**document, **ends, "event": event}


def test_a_document_the_pipeline_cannot_work_on_lands_as_a_pipeline_error_that_names_the_processor(
    node: OpenSearch, plant: Documents
) -> None:
    name = stream("operation", SITE)
    bad = {**plant[name][0], "source": {"ip": "no address"}, "network": {"direction": "inbound"}}
    assert node.bulk([(name, "bad", bad)])[0]["status"] == 201
    kept = node.documents(name)["bad"]
    assert kept["event"]["kind"] == "pipeline_error"
    [message] = kept["error"]["message"]
    assert "[geoip_source] in spanwatch-default: " in message
    assert "no address" in message


def test_only_the_public_end_of_a_conversation_is_placed(node: OpenSearch, plant: Documents) -> None:
    name = stream("operation", SITE)
    template = plant[name][0]
    for direction, placed in (("inbound", "source"), ("outbound", "destination"), ("internal", "")):
        node.bulk([(name, direction, {**template, "network": {**template["network"], "direction": direction}})])
        kept = node.documents(name)[direction]
        assert [side for side in ("source", "destination") if "geo" in kept[side]] == ([placed] if placed else [])


def test_a_document_of_another_dataset_is_refused(node: OpenSearch, plant: Documents) -> None:
    document = plant[stream("sensor", SITE)][0]
    stray = {**document, "event": {**document["event"], "dataset": "spanwatch.alert"}}
    [answer] = node.bulk([(stream("sensor", SITE), "stray", stray)])
    assert answer["status"] == 400
    assert "spanwatch.sensor" in str(answer["error"])


def test_unknown_fields_below_ours_are_kept_and_not_indexed(node: OpenSearch, plant: Documents) -> None:
    name = stream("operation", SITE)
    document = {**plant[name][0]}
    document["spanwatch"] = {**document["spanwatch"], "surprise": {"field": "x"}}
    assert node.bulk([(name, "surprise", document)])[0]["status"] == 201
    assert node.documents(name)["surprise"]["spanwatch"]["surprise"] == {"field": "x"}
    found = node.ask("POST", f"/{name}/_search", {"query": {"term": {"spanwatch.surprise.field": "x"}}})
    assert found["hits"]["total"]["value"] == 0


def test_an_address_is_searched_as_a_network(node: OpenSearch, plant: Documents) -> None:
    name = stream("operation", SITE)
    found = node.ask("POST", f"/{name}/_count", {"query": {"term": {"destination.ip": "10.20.0.0/16"}}})
    inside = [one for one in plant[name] if one["destination"].get("ip", "").startswith("10.20.")]
    assert found["count"] >= len(inside) > 0


def test_the_questions_of_setup_are_answered(node: OpenSearch) -> None:
    for question in simulations("untouched"):
        path = question.path
        answer = node.ask(question.method, path, question.body)
        if "_simulate_index" in path:
            assert answer["template"]["settings"]["index"] if "logs-" in path else answer["template"]
        else:
            [made] = answer["docs"]
            assert "ingested" in made["doc"]["_source"]["event"]


def test_a_stream_without_template_is_not_made(node: OpenSearch) -> None:
    with pytest.raises(RefusedError) as refused:
        node.ask("PUT", "/_data_stream/logs-elsewhere.alert-plant1")
    assert refused.value.status == 400
