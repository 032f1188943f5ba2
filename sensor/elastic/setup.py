"""Applies the set-up to a cluster and makes the key of a sensor.

Everything is a PUT of a whole object, so applying twice leaves the cluster as once. It stops when an integration
package owns the data streams, because our templates would silently override the package's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sensor.elastic.bulk import UNREADABLE, explain
from sensor.elastic.classify import error_of, said
from sensor.elastic.requests import Request, api_key, latest_requests, setup_requests, simulations
from sensor.elastic.settings import Credential

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

HEADERS: Final = {"accept": "application/json", "content-type": "application/json"}
THERE_ALREADY: Final = "resource_already_exists_exception"
FLEET: Final = ("logs-spanwatch.", "metrics-spanwatch.")


class SetupError(Exception):
    """The cluster refused a step; the message names it, the reason and what to do."""


class Setup:
    """The set-up of one cluster. ``report`` takes one line for each step done."""

    def __init__(self, client: Elasticsearch, credential: Credential | None, report: Callable[[str], None]) -> None:
        self._client = client
        self._credential = credential
        self._report = report

    def apply(self, site: str, transform: bool = False) -> None:
        """Make lifecycle, pipeline and templates, then ask the cluster what they amount to. Raises ``SetupError``."""
        self._refuse_package()
        self.send(setup_requests())
        for request in simulations(site):
            self._examine(request)
        if transform:
            self._transform()
        self._mention_streams()

    def send(self, requests: Sequence[Request]) -> None:
        """Send requests in order, each of which must succeed."""
        for request in requests:
            self._call(request)
            self._report(f"{request.method} {request.path}")

    def make_key(self, site: str, sensor: str, path: Path) -> None:
        """Make the key of a sensor and write it to the new file ``path`` (mode 0600)."""
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise SetupError(
                f"{path}: the key cannot be written there ({error.strerror}). Choose a new file with --key-out"
            ) from error
        try:
            with os.fdopen(descriptor, "wb") as file:
                answer = self._call(api_key(site, sensor))
                encoded = answer.get("encoded")
                if not isinstance(encoded, str) or not encoded:
                    raise SetupError("the cluster answered without a key; are API keys enabled?")
                file.write(encoded.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._report(f"key of sensor {sensor!r} for site {site!r}: {path}")

    def _refuse_package(self) -> None:
        for prefix in FLEET:
            path = f"/_index_template/{prefix}*"
            found = self._call(Request(method="GET", path=path), may_miss=True).get("index_templates")
            names = [said(_part(each, "name"), self._hidden) for each in found] if isinstance(found, list) else []
            if any(name.startswith(prefix) for name in names):
                raise SetupError(
                    f"the Spanwatch integration package is installed ({names[0]}): it brings everything this command "
                    "would make. Remove the package first, or make only a key with --key-out and --key-only"
                )

    def _mention_streams(self) -> None:
        """Report of streams that are there already; whoever may not list them is not reported."""
        try:
            answer = self._call(
                Request(method="GET", path="/_data_stream/" + ",".join(f"{each}*" for each in FLEET)), True
            )
        except SetupError:
            return
        streams = answer.get("data_streams")
        if isinstance(streams, list) and streams:
            self._report(
                f"{len(streams)} data streams are there already; what changed in the mappings holds from their next "
                "rollover (POST /NAME/_rollover)"
            )

    def _examine(self, request: Request) -> None:
        """Ask for a simulation and refuse a result that is not ours."""
        answer = self._call(request)
        if request.path.startswith("/_ingest/"):
            docs = answer.get("docs")
            first = docs[0] if isinstance(docs, list) and docs else None
            fine = _part(first, "doc", "_source", "event", "ingested") is not None
            problem = "the pipeline does not set event.ingested; is another pipeline of this name in use?"
        else:
            fields = ("template", "mappings", "properties")
            fine = all(_part(answer, *fields, name) is not None for name in ("spanwatch", "event"))
            problem = "another index template with a higher priority takes this data stream; remove it or narrow it"
        if not fine:
            raise SetupError(f"{request.path}: {problem}")
        self._report(f"checked {request.path.rpartition('/')[2] if 'index' in request.path else 'pipeline'}")

    def _transform(self) -> None:
        template, put, start = latest_requests()
        self.send([template])
        self._call(put, may_exist=True)
        self._call(start, may_exist=True)
        self._report(f"{put.method} {put.path.partition('?')[0]}")

    def _call(self, request: Request, may_miss: bool = False, may_exist: bool = False) -> dict[str, Any]:
        from elastic_transport import TransportError  # noqa: PLC0415  # loaded with the client
        from elasticsearch import ApiError, UnsupportedProductError  # noqa: PLC0415

        try:
            response = self._client.perform_request(
                request.method, request.path, headers=HEADERS if request.body is not None else {"accept": HEADERS["accept"]},
                body=request.body,
            )  # fmt: skip
        except UnsupportedProductError as error:
            raise SetupError("what answers is not Elasticsearch, or a proxy takes X-Elastic-Product out") from error
        except ApiError as error:
            kind, reason = error_of(error.body, self._hidden)
            status = error.meta.status
            if (may_miss and status == 404) or (may_exist and (status == 409 or kind == THERE_ALREADY)):
                return {}
            words = " ".join(part for part in (kind, reason) if part) or "no reason given"
            raise SetupError(
                self._hidden(f"{request.method} {request.path}: HTTP {status}: {_fix(status)}{words}")
            ) from error
        except TransportError as error:
            raise SetupError(
                self._hidden(f"{request.method} {request.path}: {explain(error, self._hidden)}")
            ) from error
        except Exception as error:
            # Whatever an answer can do to a decoder.
            raise SetupError(f"{request.method} {request.path}: {UNREADABLE}") from error
        return response.body if isinstance(response.body, dict) else {}

    def _hidden(self, text: str) -> str:
        return text if self._credential is None else self._credential.hidden(text)


def _part(value: Any, *names: str) -> Any:
    """Return what lies under ``names``, None where something on the way is no object."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _fix(status: int) -> str:
    if status == 401:
        return "user, password or key is wrong. Check --elastic-user, --elastic-password-file, --elastic-key-file. "
    if status == 403:
        return (
            "setup needs the cluster privileges manage_index_templates, manage_ilm, manage_pipeline and "
            "manage_api_key (and manage_transform with --transform). "
        )
    return ""
