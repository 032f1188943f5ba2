"""Promises about the one question before the work begins."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sensor.elastic.probe import Found, probe
from sensor.elastic.settings import Settings, check
from tests.sensor.elastic.cluster import Call, Reply, cluster_of
from tests.sensor.elastic.shipping import key_file
from tests.servers.certificate import Authority

NOT_IT = "not Elasticsearch"


def asked(url: str, folder: Path | None = None, **given: object) -> Found:
    settings = Settings(urls=(url,), key_file=key_file(folder) if folder else None, **given)  # type: ignore[arg-type]
    return probe(settings, check(settings))


def answered(reply: Reply) -> Found:
    with cluster_of() as cluster:
        cluster.routes["GET /"] = reply
        return asked(cluster.url)


def reported(number: str) -> Reply:
    return Reply(body={"version": {"number": number}})


@pytest.mark.parametrize("number", ["8.19.0", "8.20.1", "9.1.0", "9.5.3", "10.0.0", "9.2.0-SNAPSHOT"])
def test_supported_versions_are_fine(number: str) -> None:
    assert answered(reported(number)) == Found(version=number)


@pytest.mark.parametrize("number", ["7.17.29", "8.18.9", "9.0.4"])
def test_older_versions_are_refused_with_what_is_supported(number: str) -> None:
    found = answered(reported(number))
    assert found.is_wrong and number in found.problem and "8.19" in found.problem


def test_serverless_has_no_version_to_refuse() -> None:
    assert answered(Reply(body={"version": {"number": "8.11.0", "build_flavor": "serverless"}})).problem == ""


@pytest.mark.parametrize("status", [403, 405])
def test_a_key_that_may_not_ask_is_fine_and_the_version_stays_unknown(status: int) -> None:
    assert answered(Reply(status=status, body={"error": {"type": "security_exception"}})) == Found()


@pytest.mark.parametrize("body", [{}, {"version": "x"}, {"version": {"number": "new"}}, [1], b"hello", b"[" * 200_000])
def test_an_odd_answer_with_the_product_header_does_not_break_the_sensor(body: object) -> None:
    kind = "text/plain" if body == b"hello" else "application/json"
    assert not answered(Reply(body=body, kind=kind)).is_wrong


def test_a_wrong_key_is_refused_with_what_to_do() -> None:
    found = answered(Reply(status=401))
    assert found.is_wrong and "does not know the key" in found.problem


@pytest.mark.parametrize("status", [200, 404, 405])
def test_another_program_is_refused(status: int) -> None:
    found = answered(Reply(status=status, body={}, headers={}))
    assert found.is_wrong and NOT_IT in found.problem


@pytest.mark.parametrize("reply", [Reply(status=503), Reply(status=429), Reply(drop=True), Reply(body=b"{", cut=-1)])
def test_a_cluster_that_is_not_ready_is_no_fault_of_the_settings(reply: Reply) -> None:
    found = answered(reply)
    assert found.problem and not found.is_wrong


def test_a_cluster_that_is_down_is_no_fault_of_the_settings() -> None:
    with cluster_of() as cluster:
        url = cluster.url
    found = asked(url)
    assert "refused" in found.problem and not found.is_wrong


def test_a_host_nobody_knows_is_refused() -> None:
    found = asked("http://nowhere.invalid:9200")
    assert found.is_wrong and "host name is not known" in found.problem


class Secure(msgspec.Struct):
    """A cluster that speaks TLS."""

    url: str
    ca: Path
    fingerprint: str


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    authority = Authority(tmp_path / "tls")
    certificate, key, fingerprint = authority.sign("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with cluster_of(tls=context) as cluster:
        cluster.routes["GET /"] = reported("8.19.0")
        yield Secure(cluster.url, authority.ca, fingerprint)


def test_the_right_authority_and_the_right_fingerprint_are_trusted(secure: Secure) -> None:
    assert asked(secure.url, ca=secure.ca) == Found(version="8.19.0")
    assert asked(secure.url, fingerprint=secure.fingerprint.upper()) == Found(version="8.19.0")


def test_a_certificate_of_an_unknown_authority_is_refused_with_the_option_that_helps(secure: Secure) -> None:
    found = asked(secure.url)
    assert found.is_wrong and "--elastic-ca" in found.problem


def test_another_authority_is_refused(secure: Secure, tmp_path: Path) -> None:
    found = asked(secure.url, ca=Authority(tmp_path / "other").ca)
    assert found.is_wrong and "not trusted" in found.problem


def test_another_fingerprint_is_refused(secure: Secure) -> None:
    found = asked(secure.url, fingerprint="ab" * 32)
    assert found.is_wrong and "another fingerprint" in found.problem


def test_a_certificate_for_another_host_is_refused(secure: Secure) -> None:
    found = asked(secure.url.replace("127.0.0.1", "localhost"), ca=secure.ca)
    assert found.is_wrong and "not trusted" in found.problem


def test_https_to_a_server_that_speaks_http_is_named_as_such() -> None:
    with cluster_of() as cluster:
        found = asked(cluster.url.replace("http:", "https:"))
    assert found.is_wrong and "speaks http://" in found.problem


def test_nothing_is_sent_to_a_server_that_is_not_trusted(secure: Secure, tmp_path: Path) -> None:
    seen: list[Call] = []
    with cluster_of() as cluster:
        cluster.calls = seen
        asked(cluster.url.replace("http:", "https:"), tmp_path)
    assert seen == []
