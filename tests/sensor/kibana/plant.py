"""The sample plant as documents: every capture in the order it was recorded, replayed with the plant's policy."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from elasticsearch import Elasticsearch as Client

from dissectors.facts import Health
from rules.policy import load
from sensor.documents.origin import Origin
from sensor.documents.sensor import Counts, sensor_document
from sensor.elastic.requests import setup_requests
from sensor.kibana.preview import Search
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from tests.repository import ROOT
from tests.servers.reduced import reduced

CAPTURES = ROOT / "pcaps" / "captures"
ORIGIN = Origin(site="kibana_plant", sensor="sensor1", version="0.1.0")
MINUTE = 60_000_000_000
SECOND = 1_000_000_000


def begin(capture: Path) -> tuple[int, int]:
    """Time of the first packet of a classic little-endian pcap."""
    seconds, fraction = struct.unpack("<24xII", capture.read_bytes()[:32])
    return seconds, fraction


def replayed(folder: Path, seconds: int = 0) -> Path:
    """Write the documents of the whole plant into ``folder``, or of what began in its first ``seconds``."""
    paths = sorted(CAPTURES.glob("*/*.pcap"), key=begin)
    last = begin(paths[0])[0] + seconds
    captures = tuple(str(path) for path in paths if not seconds or begin(path)[0] < last)
    policy = load(ROOT / "pcaps" / "policy.yaml")
    Replay(Options(captures=captures, policy=policy, output=folder, site=ORIGIN.site, sensor=ORIGIN.sensor)).run()
    return folder


def documents(folder: Path) -> list[dict[str, Any]]:
    """The documents that ``replayed`` wrote."""
    lines = [line for path in sorted(folder.glob("*.ndjson")) for line in path.read_bytes().splitlines()]
    return [msgspec.json.decode(line) for line in lines]


def shipping(minutes: Sequence[dict[str, int]], start: int) -> list[dict[str, Any]]:
    """Health documents of a sensor that ships: one set of counters a minute, as the keeper gives them."""
    counts, found = Counts(), []
    for number, counters in enumerate(minutes):
        first = start + number * MINUTE
        fact = Health(
            sequence=number, time=first + MINUTE, source="", frame=0, start=first, end=first + MINUTE, interface="span0", counters=counters
        )  # fmt: skip
        found += [sensor_document(ORIGIN, name, series, counts.started) for name, series in counts.add(fact)]
    return found + [sensor_document(ORIGIN, name, series, counts.started) for name, series in counts.close()]


QUIET = dict.fromkeys(
    (
        "output_acked",
        "output_duplicates",
        "output_retried",
        "output_failure_store",
        "output_dead_letter",
        "spool_dropped",
    ),
    0,
)
OUTAGE = [
    {**QUIET, "packets": 6000, "bytes": 480_000, "spool_documents": 3, "spool_bytes": 4_100, "spool_oldest_seconds": 1,
     "output_acked": 120},
    {**QUIET, "packets": 6100, "bytes": 490_000, "spool_documents": 240, "spool_bytes": 330_000, "spool_oldest_seconds": 60,
     "output_retried": 5},
    {**QUIET, "packets": 5900, "bytes": 470_000, "spool_documents": 0, "spool_bytes": 0, "spool_oldest_seconds": 0,
     "output_acked": 370, "output_duplicates": 2, "output_dead_letter": 1},
]  # fmt: skip
"""Three minutes of a sensor that could not reach its cluster in the second."""


def bulk(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bulk lines that create the documents in their streams; health documents have no id of their own."""
    lines: list[dict[str, Any]] = []
    for document in found:
        stream = document["data_stream"]
        action = {"_index": f"{stream['type']}-{stream['dataset']}-{stream['namespace']}"}
        if "id" in document["event"]:
            action["_id"] = document["event"]["id"]
        lines += [{"create": action}, document]
    return lines


def loaded(admin: Client, folder: Path, seconds: int = 0) -> Search:
    """Put the plant and a sensor that ships into a server; give a search that sees nothing else.

    The server may be shared: other tests write to it as well. ``seconds`` as for ``replayed``.
    """
    json = {"accept": "application/json", "content-type": "application/json"}
    for each in reduced(setup_requests()):
        admin.perform_request(each.method, each.path, headers=json, body=each.body)
    found = documents(replayed(folder, seconds))
    # Whole minutes within the range of the captures.
    begin = int(datetime.fromisoformat(min(each["@timestamp"] for each in found)).timestamp())
    found += shipping(OUTAGE, begin * SECOND)
    answer = admin.bulk(operations=bulk(found), refresh=True)
    assert [item for item in answer["items"] if item["create"]["status"] != 201] == []
    site = {"term": {"data_stream.namespace": ORIGIN.site}}

    def ask(index: str, body: dict[str, Any]) -> dict[str, Any]:
        conditions = [site, body["query"]] if "query" in body else [site]
        narrowed = {**body, "query": {"bool": {"filter": conditions}}}
        return dict(admin.search(index=index, body=narrowed, ignore_unavailable=True))

    return ask
