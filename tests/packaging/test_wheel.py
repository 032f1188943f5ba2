"""The wheel without a C compiler: it installs, works, and says that it is interpreted."""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.packaging


@pytest.fixture(scope="module")
def interpreted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel as a machine without a compiler builds it."""
    folder = tmp_path_factory.mktemp("interpreted")
    source = folder / "source"
    shutil.copytree(
        ROOT, source, ignore=shutil.ignore_patterns(".git", ".venv*", "build", "dist", "out", "__pycache__", ".*_cache")
    )
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    tools = folder / "tools"
    tools.mkdir()
    for name in ("sh", "env", "uname"):
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    environment = {**os.environ, "PATH": str(tools)}
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", str(source)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder / "venv" / "bin" / "spanwatch"


def test_without_a_compiler_the_install_works_and_says_so(interpreted: Path, tmp_path: Path) -> None:
    version = subprocess.run([interpreted, "--version"], capture_output=True, text=True, check=True)
    assert "interpreted" in version.stdout
    capture = ROOT / "pcaps" / "captures" / "s7" / "plc_stop.pcap"
    replay = subprocess.run(
        [interpreted, "replay", capture, "--output", tmp_path / "out", "--quiet"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert replay.returncode == 0, replay.stderr
    assert replay.stderr.count("interpreted") == 1
    assert "S7-001" in (tmp_path / "out" / "alerts.ndjson").read_text(encoding="utf-8")
    bench = subprocess.run(
        [interpreted, "bench", capture, "--repeats", "1"], capture_output=True, text=True, cwd=tmp_path
    )
    assert bench.returncode == 0, bench.stderr
    assert "interpreted" in bench.stdout
    assert "worker" in bench.stdout
    installed = {path.name for path in interpreted.parent.parent.glob("lib/*/site-packages/*")}
    assert "sensor" in installed and not installed & {"tools", "tests", "pcaps"}


def test_no_compiled_file_lies_in_the_tree() -> None:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    assert listed.returncode == 0, listed.stderr
    folders = ("dissectors", "rules", "models", "sensor")
    assert [path for folder in folders for path in (ROOT / folder).rglob("*.so")] == []
