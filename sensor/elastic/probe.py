"""One question before the work begins: is this Elasticsearch, of a version we know, and does it know our key?

``GET /`` gives the version to those who may read it. A sensor's key may not (403), and that is fine: then the version
stays unknown. A cluster that is down is no finding about the settings; what waits is sent when it comes back.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sensor.elastic.bulk import UNREADABLE, causes, explain
from sensor.elastic.classify import Hide
from sensor.elastic.connect import connect
from sensor.elastic.settings import Credential, Settings

if TYPE_CHECKING:
    from elastic_transport import ApiResponse
    from elasticsearch import Elasticsearch

PROBE_SECONDS: Final = 10.0
PRODUCT_HEADER: Final = "x-elastic-product"
PRODUCT: Final = "Elasticsearch"
LEAST: Final = {8: 19, 9: 1}
"""Least minor version of each supported major one."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What the question brought. ``problem`` is one sentence, "" when all is well.

    ``is_wrong`` reports settings that cannot work from a cluster that is away or busy; ``version`` is "" when not reported.
    """

    problem: str = ""
    is_wrong: bool = False
    version: str = ""


def probe(settings: Settings, credential: Credential | None) -> Found:
    """Ask every node once, with a short limit of time; return the first thing wrong."""
    version = ""
    away = Found()
    for url in settings.urls:
        with connect(msgspec.structs.replace(settings, urls=(url,)), credential, PROBE_SECONDS) as client:
            found = _ask(client, url, str if credential is None else credential.hidden)
        if found.is_wrong:
            return found
        version = version or found.version
        away = away if away.problem else found
    return msgspec.structs.replace(away, version=version)


def _ask(client: Elasticsearch, url: str, hide: Hide) -> Found:
    from elastic_transport import TransportError  # noqa: PLC0415  # loaded with the client
    from elasticsearch import UnsupportedProductError  # noqa: PLC0415

    other = Found(
        problem=f"{url}: what answers is not Elasticsearch, or a proxy takes the header X-Elastic-Product out",
        is_wrong=True,
    )
    try:
        quiet = client.options(ignore_status=list(range(300, 600)))
        response = quiet.perform_request("GET", "/", headers={"accept": "application/json"})
    except UnsupportedProductError:
        return other
    except TransportError as error:
        return _not_reached(url, error, hide)
    except Exception:  # noqa: BLE001  # whatever an answer can do to a decoder
        return Found(problem=f"{url}: {UNREADABLE}")
    status = response.meta.status
    if status == 401:
        return Found(
            problem=f"{url}: the cluster does not know the key or password, or none was given. Check "
            "--elastic-key-file, or make a new key with: spanwatch elastic setup --key-out FILE",
            is_wrong=True,
        )
    if status == 429 or status >= 500:
        return Found(problem=f"{url}: the cluster is busy or not ready (HTTP {status})")
    if status != 403 and response.meta.headers.get(PRODUCT_HEADER) != PRODUCT:
        return other
    return _version(url, response)


def _not_reached(url: str, error: Exception, hide: Hide) -> Found:
    from elastic_transport import SerializationError, TlsError  # noqa: PLC0415

    if isinstance(error, SerializationError):
        return Found(problem=f"{url}: {explain(error, hide)}")
    if any(
        type(cause).__name__ == "NameResolutionError" or isinstance(cause, socket.gaierror) for cause in causes(error)
    ):
        return Found(problem=f"{url}: the host name is not known. Check --elastic, or the name server", is_wrong=True)
    if isinstance(error, TlsError):
        text = explain(error, hide)
        if "WRONG_VERSION_NUMBER" in text.upper().replace(" ", "_"):
            fix = "the server speaks http://, not https://"
        elif "ngerprint" in text:
            fix = "the certificate has another fingerprint. Check --elastic-fingerprint, and who answers there"
        else:
            fix = f"the certificate is not trusted ({text}). Give its authority with --elastic-ca FILE"
        return Found(problem=f"{url}: {fix}", is_wrong=True)
    return Found(problem=f"{url}: {explain(error, hide)}")


def _version(url: str, response: ApiResponse[Any]) -> Found:
    body = response.body if isinstance(response.body, dict) else {}
    reported = body.get("version")
    number = reported.get("number") if isinstance(reported, dict) else None
    if response.meta.status != 200 or not isinstance(number, str):
        return Found()
    if isinstance(reported, dict) and reported.get("build_flavor") == "serverless":
        return Found(version=number)
    try:
        major, minor = (int(part) for part in number.split(".")[:2])
    except ValueError:
        return Found()
    if major < min(LEAST) or minor < LEAST.get(major, 0):
        return Found(
            problem=f"{url}: Elasticsearch {number[:20]} is too old; supported are 8.19 and later, 9.1 and later",
            is_wrong=True,
            version=number,
        )
    return Found(version=number)
