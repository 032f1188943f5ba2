"""A real Elasticsearch on the loopback interface: TLS with an authority of its own, and users with few rights.

The server is the distribution Elasticsearch publishes for integration tests. It has bulk, templates, data streams,
security and TLS; it has no ingest processors, no ILM, no API keys and fewer field types, so templates are applied in
the form of ``tests/servers/reduced.py``.
"""

from __future__ import annotations

import base64
import hashlib
import time
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from elasticsearch import ApiError, TransportError
from elasticsearch import Elasticsearch as Client

from sensor.elastic.requests import Request, setup_requests
from tests.servers.artifact import fetched
from tests.servers.certificate import Authority
from tests.servers.java import java_home
from tests.servers.process import ServerFailedError, ServerProcess, free_port
from tests.servers.reduced import reduced

GROUP: Final = "org.elasticsearch.distribution.integ-test-zip"
VERSIONS: Final = {"8.19.21": 17, "9.5.3": 21}
"""Both ends of the supported range, with the least Java each needs."""
HEAP: Final = "1g"
PATIENCE: Final = 180
"""Seconds a server has to answer."""

SITE: Final = "plant1"
"""The only site the user ``site_user`` may write for."""
PASSWORD: Final = "correct-horse-7"
ADMIN: Final = "bench-admin"
SETUP: Final = "bench-setup"
WRITER: Final = "bench-writer"
SITE_WRITER: Final = "bench-site-writer"

_WRITE: Final = "[create_doc, auto_configure]"
ROLES: Final = f"""\
{SETUP}:
  cluster: [manage_index_templates, manage_ilm, manage_pipeline, manage_api_key]
{WRITER}:
  indices:
    - names: ["logs-spanwatch.*-*", "metrics-spanwatch.*-*"]
      privileges: {_WRITE}
{SITE_WRITER}:
  indices:
    - names: ["logs-spanwatch.*-{SITE}", "metrics-spanwatch.*-{SITE}"]
      privileges: {_WRITE}
"""
USERS: Final = {ADMIN: "superuser", SETUP: SETUP, WRITER: WRITER, SITE_WRITER: SITE_WRITER}


class Elasticsearch:
    """One server; a context manager that starts it and leaves nothing behind.

    ``url``, ``ca`` (PEM file) and ``fingerprint`` (SHA-256 of the server's certificate) are how to reach it.
    ``user`` may write documents of any site and nothing else, ``site_user`` only those of ``SITE``, ``setup_user`` has
    the rights `spanwatch elastic setup` asks for; all have ``password``. ``admin`` is a client that may do everything.
    ``quick_start`` compiles less: half the time to start, and slower at work, so not for a bench.
    """

    user: Final = WRITER
    site_user: Final = SITE_WRITER
    setup_user: Final = SETUP
    password: Final = PASSWORD

    def __init__(self, version: str, *, quick_start: bool = True) -> None:
        self.version = version
        self._compiler = "-XX:TieredStopAtLevel=1" if quick_start else "-XX:+TieredCompilation"
        self._java = java_home(VERSIONS[version])
        program = fetched(GROUP, "elasticsearch", version, "zip")
        self._process = ServerProcess(f"elasticsearch-{version}")
        self.folder = self._process.folder
        self._home = _unpacked(program, self.folder)
        self._temporary = self.folder / "tmp"
        self._temporary.mkdir()
        self.authority = Authority(self.folder / "tls")
        self.ca = self.authority.ca
        self.certificate, self._key, self.fingerprint = self.authority.sign("127.0.0.1", "localhost")
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self._configure()
        self.admin = self.client(ADMIN)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None
    ) -> None:
        self.remove()

    def client(self, user: str, url: str = "") -> Client:
        """A client of the given user, at ``url`` when it is not the server itself; it repeats nothing."""
        return Client(
            url or self.url, basic_auth=(user, PASSWORD), ca_certs=str(self.ca), max_retries=0, request_timeout=60
        )

    def start(self) -> None:
        """Start the server and wait until it answers."""
        environment = {
            "ES_JAVA_HOME": str(self._java),
            "ES_JAVA_OPTS": f"-Xms{HEAP} -Xmx{HEAP} -XX:-UsePerfData {self._compiler}",
            "ES_TMPDIR": str(self._temporary),
            "CLI_JAVA_OPTS": "-Xmx64m -XX:TieredStopAtLevel=1 -XX:-UsePerfData",
        }
        self._process.start([str(self._home / "bin" / "elasticsearch")], environment)
        self._wait()

    def kill(self) -> None:
        """End the server as a power failure would (SIGKILL)."""
        self._process.kill()

    def restart(self) -> None:
        """Start the server again with its data, at the same address; kill it first if it runs."""
        self._process.kill()
        self.start()

    def remove(self) -> None:
        """End the server and remove all it wrote."""
        self.admin.close()
        self._process.remove()

    def apply(self, requests: Iterable[Request]) -> None:
        """Send requests as the administrator; raises ``ApiError`` for one that is refused."""
        headers = {"accept": "application/json", "content-type": "application/json"}
        for request in requests:
            self.admin.perform_request(request.method, request.path, body=request.body, headers=headers)

    def set_up(self) -> None:
        """Apply our own set-up in the form this server takes; safe to do again."""
        self.apply(reduced(setup_requests()))

    def refresh_and_count(self, index: str, query: Mapping[str, object] | None = None) -> int:
        """Documents in the indices or streams of a pattern; 0 when there are none."""
        self.admin.indices.refresh(index=index, ignore_unavailable=True)
        answer = self.admin.count(index=index, query=query, ignore_unavailable=True)
        return int(answer["count"])

    def ids(self, index: str) -> list[str]:
        """The id of every document in the indices or streams of a pattern; one that is there twice is reported twice."""
        self.admin.indices.refresh(index=index, ignore_unavailable=True)
        found: list[str] = []
        after: Sequence[object] | None = None
        while True:
            page = self.admin.search(
                index=index, size=10_000, sort=["_seq_no", "_index"], search_after=after, source=False,
                ignore_unavailable=True,
            )  # fmt: skip
            hits = page["hits"]["hits"]
            if not hits:
                return found
            found += [hit["_id"] for hit in hits]
            after = hits[-1]["sort"]

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not self._process.running:
                raise ServerFailedError(f"Elasticsearch {self.version} ended: {self._process.last_words()}")
            try:
                self.admin.cluster.health(wait_for_status="yellow", timeout="30s")
            except (ApiError, TransportError):
                time.sleep(0.25)
            else:
                return
        raise ServerFailedError(f"Elasticsearch {self.version} does not answer: {self._process.last_words()}")

    def _configure(self) -> None:
        config = self._home / "config"
        settings = {
            "cluster.name": "spanwatch-test",
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            "http.port": str(self.port),
            "transport.port": str(free_port()),
            "path.data": str(self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            "xpack.license.self_generated.type": "basic",
            "xpack.security.enabled": "true",
            "xpack.security.autoconfiguration.enabled": "false",
            "xpack.security.http.ssl.enabled": "true",
            "xpack.security.http.ssl.certificate": str(self._inside(self.certificate)),
            "xpack.security.http.ssl.key": str(self._inside(self._key)),
        }
        lines = [f"{name}: {value}\n" for name, value in settings.items()]
        (config / "elasticsearch.yml").write_text("".join(lines), encoding="utf-8")
        (config / "roles.yml").write_text(ROLES, encoding="utf-8")
        (config / "users").write_text("".join(f"{user}:{_hashed(PASSWORD)}\n" for user in USERS), encoding="utf-8")
        (config / "users_roles").write_text(
            "".join(f"{role}:{user}\n" for user, role in USERS.items()), encoding="utf-8"
        )

    def _inside(self, path: Path) -> Path:
        """Copy a file into the configuration folder: the server reads certificates from nowhere else."""
        copy = self._home / "config" / path.name
        copy.write_bytes(path.read_bytes())
        return copy


def _unpacked(program: Path, folder: Path) -> Path:
    with zipfile.ZipFile(program) as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, folder))
            mode = entry.external_attr >> 16
            if mode and path.is_file():
                path.chmod(mode & 0o777)
    return folder / program.stem


def _hashed(password: str) -> str:
    """A password in the form the server's file of users wants."""
    salt, rounds = b"spanwatch-test-bench-salt-32byte", 1_000
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds, 32)
    return f"{{PBKDF2}}{rounds}${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"
