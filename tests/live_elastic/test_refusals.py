"""What a person reads when a real server and the settings do not fit: one sentence, the right exit code, nothing lost."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sensor.elastic.settings import Settings
from sensor.store import Store
from tests.live_elastic.shipping import settings, spanwatch, spooled, waiting
from tests.repository import ROOT
from tests.servers.certificate import Authority
from tests.servers.elasticsearch import SITE, Elasticsearch
from tests.servers.proxy import Proxy

pytestmark = pytest.mark.servers

CAPTURE = ROOT / "pcaps" / "captures" / "s7" / "plc_stop.pcap"
FINE, WAITING, USAGE = 0, 1, 2


def ship(path: Path, chosen: Settings, *more: object) -> tuple[int, str]:
    """Exit code and standard error of shipping a store."""
    done = spanwatch("elastic", "ship", "--store", path, *chosen.arguments(), "--until-empty", *more)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return spooled(tmp_path, SITE, 10)[0]


def refused(store: Path, chosen: Settings, *words: str) -> None:
    """The settings are refused at once, in one sentence with ``words``; everything still waits."""
    code, text = ship(store, chosen)
    assert code == USAGE, text
    assert len(text.splitlines()) == 1
    for word in words:
        assert word in text
    assert waiting(store) == 10


def test_an_authority_that_did_not_sign_the_certificate(server: Elasticsearch, store: Path, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger", "Another authority")
    chosen = msgspec.structs.replace(settings(server, tmp_path), ca=stranger.ca)
    refused(store, chosen, server.url, "the certificate is not trusted", "--elastic-ca")


def test_a_fingerprint_of_another_certificate(server: Elasticsearch, store: Path, tmp_path: Path) -> None:
    chosen = msgspec.structs.replace(settings(server, tmp_path), ca=None, fingerprint="ab" * 32)
    refused(store, chosen, server.url, "another fingerprint", "--elastic-fingerprint")


def test_a_wrong_password(server: Elasticsearch, store: Path, tmp_path: Path) -> None:
    chosen = settings(server, tmp_path, password="wrong-horse-8")
    refused(store, chosen, server.url, "does not know the key or password")
    assert "wrong-horse-8" not in ship(store, chosen)[1]


def test_a_certificate_made_out_to_another_host(newest: Elasticsearch, store: Path, tmp_path: Path) -> None:
    with Proxy(newest, address="127.0.0.2", name="elsewhere.example") as proxy:
        refused(store, settings(newest, tmp_path, url=proxy.url), proxy.url, "the certificate is not trusted")
    assert proxy.done == []


def test_a_replay_with_settings_that_cannot_work_ends_before_it_reads(server: Elasticsearch, tmp_path: Path) -> None:
    store = tmp_path / "never.db"
    chosen = settings(server, tmp_path, password="wrong-horse-8")
    done = spanwatch("replay", CAPTURE, "--store", store, *chosen.arguments())
    assert done.returncode == USAGE
    assert "does not know the key or password" in done.stderr
    assert not store.exists()


@pytest.mark.parametrize("kind", ["server", "authority"])
def test_a_fingerprint_of_server_or_authority_is_enough(server: Elasticsearch, tmp_path: Path, kind: str) -> None:
    site = f"print{kind}"
    path, expected = spooled(tmp_path, site, 10)
    shown = {"server": server.fingerprint, "authority": server.authority.fingerprint}[kind].upper()
    colons = ":".join(shown[place : place + 2] for place in range(0, len(shown), 2))
    chosen = msgspec.structs.replace(settings(server, tmp_path, site=site), ca=None, fingerprint=colons)
    assert ship(path, chosen)[0] == FINE
    assert sorted(server.ids(f"logs-spanwatch.operation-{site}")) == sorted(expected)


def test_the_streams_of_another_site_are_refused_and_what_waits_keeps_waiting(
    server: Elasticsearch, tmp_path: Path
) -> None:
    path, expected = spooled(tmp_path, "plant2", 10)
    code, text = ship(path, settings(server, tmp_path, user=server.site_user))
    assert code == WAITING, text
    assert "HTTP 403: the key may not write to this data stream" in text
    assert "documents still wait" in text
    assert waiting(path) == len(expected)
    assert server.refresh_and_count("logs-spanwatch.operation-plant2") == 0


def test_the_own_site_is_enough_to_ship(server: Elasticsearch, tmp_path: Path) -> None:
    path, expected = spooled(tmp_path, SITE, 10)
    assert ship(path, settings(server, tmp_path, user=server.site_user))[0] == FINE
    assert set(expected) <= set(server.ids(f"logs-spanwatch.operation-{SITE}"))


def test_a_stream_without_template_gets_nothing_and_the_sentence_says_what_to_do(
    server: Elasticsearch, tmp_path: Path
) -> None:
    path, name = tmp_path / "plant.db", "logs-spanwatch.unknown-plant1"
    with Store(path) as opened:
        opened.spool.add([(name, "one", b'{"@timestamp":"2026-01-01T00:00:00.000Z","event":{"id":"one"}}')])
    code, text = ship(path, settings(server, tmp_path))
    assert code == WAITING, text
    assert "HTTP 404: no index template makes this data stream. Run: spanwatch elastic setup" in text
    assert waiting(path) == 1
    assert server.refresh_and_count(name) == 0


def test_a_server_that_is_away_leaves_everything_waiting(server: Elasticsearch, store: Path, tmp_path: Path) -> None:
    code, text = ship(store, settings(server, tmp_path, url="https://127.0.0.1:9"), "--patience", "1")
    assert code == WAITING, text
    assert "Elasticsearch does not take documents: not reached" in text
    assert waiting(store) == 10


def test_the_rights_setup_asks_for_are_checked_by_the_cluster(server: Elasticsearch, tmp_path: Path) -> None:
    chosen = settings(server, tmp_path)
    done = spanwatch("elastic", "setup", *chosen.arguments())
    assert done.returncode == USAGE
    assert "manage_index_templates, manage_ilm, manage_pipeline and manage_api_key" in done.stderr
    assert "Traceback" not in done.stderr
