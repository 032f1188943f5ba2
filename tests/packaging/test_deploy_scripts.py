"""The scripts of the compose file, run for real: with openssl in the place of Elasticsearch's certificate tool."""

from __future__ import annotations

import base64
import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.repository import ROOT

DEPLOY = ROOT / "deploy"
TOOLS = ("bash", "curl", "openssl", "unzip", "zip")
ELASTIC, SPANWATCH = 1000, 10001
SERVICES = ("authority", "elasticsearch", "kibana", "setup", "shipper")
CERTUTIL = """#!/bin/bash
set -euo pipefail
what=$1
while (($#)); do case $1 in --out) out=$2 ;; --in) in=$2 ;; --ca-cert) ca=$2 ;; --ca-key) key=$2 ;; esac; shift; done
work=$(mktemp -d); cd "$work"
if [[ $what == ca ]]; then
    mkdir ca
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=authority -keyout ca/ca.key -out ca/ca.crt -days 9 2> /dev/null
else
    for name in $(sed -n 's/.*{name: \\([a-z]*\\),.*/\\1/p' "$in"); do
        mkdir "$name"
        openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout "$name/$name.key" -out request 2> /dev/null
        openssl x509 -req -in request -CA "$ca" -CAkey "$key" -CAcreateserial -out "$name/$name.crt" -days 9 2> /dev/null
        rm request
    done
fi
zip -qr "$out" .
rm -r "$work"
"""

pytestmark = [
    pytest.mark.packaging,
    pytest.mark.skipif(os.geteuid() != 0, reason="giving files to other users needs root"),
    pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"not all installed: {', '.join(TOOLS)}"),
]


def run(name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", DEPLOY / name], env={**os.environ, **environment}, capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The volumes as the first start leaves them."""
    folder = tmp_path_factory.mktemp("secrets")
    tool = folder / "certutil"
    tool.write_text(CERTUTIL, encoding="utf-8")
    tool.chmod(0o755)
    for name in SERVICES:
        (folder / name).mkdir(mode=0o755)
    (folder / "elasticsearch" / "left_by_an_interrupted_run").touch()
    done = run("prepare.sh", SECRETS=str(folder), CERTUTIL=str(tool), KIBANA_NAME="kibana.plant.example")
    assert done.returncode == 0, done.stderr
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_first_start_gives_every_service_its_own_files_and_no_other(secrets: Path) -> None:
    assert {path.name for path in (secrets / "elasticsearch").iterdir()} == {
        "ca.crt",
        "password",
        "server.crt",
        "server.key",
    }
    assert {path.name for path in (secrets / "setup").iterdir()} == {"ca.crt", "password"}
    assert {path.name for path in (secrets / "shipper").iterdir()} == {"ca.crt"}
    assert [path.parent.name for path in secrets.rglob("ca.key")] == ["authority"]
    owners = {"elasticsearch": ELASTIC, "kibana": ELASTIC, "setup": SPANWATCH, "shipper": SPANWATCH}
    for name, owner in owners.items():
        for path in (secrets / name).iterdir():
            assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (owner, 0o400), path
    assert (secrets / "authority" / "ca.key").stat().st_mode & 0o077 == 0
    assert (secrets / "shipper").stat().st_uid == SPANWATCH, "the set-up writes the key there"


def test_passwords_are_long_and_no_two_are_alike(secrets: Path) -> None:
    elastic = (secrets / "elasticsearch" / "password").read_text(encoding="ascii")
    kibana = yaml.safe_load((secrets / "kibana" / "secrets.yml").read_text(encoding="utf-8"))
    words = [elastic, *(value for name, value in kibana.items() if name.endswith(("encryptionKey", "password")))]
    assert len(words) == 5
    assert len(set(words)) == 5
    assert all(len(str(word)) == 48 for word in words)
    assert (secrets / "setup" / "password").read_text(encoding="ascii") == elastic
    assert (secrets / "kibana" / "password").read_text(encoding="ascii") == kibana["elasticsearch.password"]
    assert kibana["elasticsearch.ssl.verificationMode"] == "full"


def test_every_certificate_is_of_the_one_authority(secrets: Path) -> None:
    for name in ("elasticsearch", "kibana"):
        checked = subprocess.run(
            ["openssl", "verify", "-CAfile", secrets / name / "ca.crt", secrets / name / "server.crt"],
            capture_output=True,
            text=True,
        )
        assert checked.returncode == 0, checked.stderr


def test_a_second_start_changes_nothing(secrets: Path) -> None:
    before = content(secrets)
    again = run("prepare.sh", SECRETS=str(secrets), CERTUTIL="/bin/false", KIBANA_NAME="localhost")
    assert again.returncode == 0, again.stderr
    assert content(secrets) == before


class Security(http.server.BaseHTTPRequestHandler):
    """Takes one request and keeps it."""

    asked: list[tuple[str, str, object]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        user = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
        self.asked.append((self.path, user, json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Stay silent."""


@pytest.fixture
def security() -> Iterator[tuple[str, list[tuple[str, str, object]]]]:
    """A server's address and what it was asked."""
    asked: list[tuple[str, str, object]] = []
    handler = type("Handler", (Security,), {"asked": asked})
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_kibana_gets_the_password_it_was_given(
    secrets: Path, security: tuple[str, list[tuple[str, str, object]]]
) -> None:
    address, asked = security
    done = run("accounts.sh", SECRETS=str(secrets), ELASTIC=address, no_proxy="127.0.0.1")
    assert done.returncode == 0, done.stderr
    assert asked == [
        (
            "/_security/user/kibana_system/_password",
            f"elastic:{(secrets / 'elasticsearch' / 'password').read_text(encoding='ascii')}",
            {"password": (secrets / "kibana" / "password").read_text(encoding="ascii")},
        )
    ]


def test_a_cluster_that_refuses_stops_the_start(secrets: Path) -> None:
    done = run("accounts.sh", SECRETS=str(secrets), ELASTIC="http://127.0.0.1:1", no_proxy="127.0.0.1")
    assert done.returncode != 0


@pytest.mark.parametrize(("key", "asked"), [(None, True), ("", True), ("a key", False)])
def test_the_set_up_makes_a_key_only_where_there_is_none(tmp_path: Path, key: str | None, asked: bool) -> None:
    reported = tmp_path / "spanwatch"
    reported.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    reported.chmod(0o755)
    place = tmp_path / "key"
    if key is not None:
        place.write_text(key, encoding="ascii")
    environment = {**os.environ, "KEY": str(place), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", DEPLOY / "setup.sh", "--site=plant1"], env=environment, capture_output=True, text=True, check=True
    )
    expected = ["elastic", "setup", "--site=plant1", *(["--key-out", str(place)] if asked else [])]
    assert done.stdout.split() == expected
    assert place.exists() == (not asked)
