"""The README's commands for Elasticsearch at work: the same lines, with a test server's address and account."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.live_elastic.shipping import settings
from tests.repository import ROOT, program
from tests.servers.elasticsearch import Elasticsearch

pytestmark = pytest.mark.servers

LINES = [
    line
    for line in re.findall(r"^spanwatch .*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    if re.match(r"spanwatch (replay|elastic ship|elastic status)", line) and ("--elastic" in line or "status" in line)
]


def words(line: str, server: Elasticsearch, folder: Path) -> list[str]:
    """The words of a line; the key, which a bare test server cannot make, becomes the account it has."""
    chosen = settings(server, folder)
    found = shlex.split(line)[1:]
    if "--elastic" in found:
        for name in ("--elastic", "--elastic-ca", "--elastic-key-file"):
            place = found.index(name)
            del found[place : place + 2]
        found += chosen.arguments()
    return found


def test_the_elastic_commands_of_the_readme_work_as_they_stand(newest: Elasticsearch, tmp_path: Path) -> None:
    assert [line.split()[1] for line in LINES] == ["replay", "elastic", "elastic"]
    (tmp_path / "pcaps").symlink_to(ROOT / "pcaps")
    said = []
    for line in LINES:
        done = subprocess.run(
            program(*words(line, newest, tmp_path)), cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        said.append(done.stdout + done.stderr)
    assert "everything arrived" in said[0]
    assert newest.refresh_and_count("logs-spanwatch.alert-plant1") > 0
    assert re.search(r"waiting\W+0|nothing waits|0 documents", said[2]), said[2]
