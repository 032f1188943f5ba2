"""The image, built from the Dockerfile and run without a daemon: what is in it, who runs, and that it needs to write nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging import stand_in
from tests.packaging.builder import Builder
from tests.repository import ROOT, program

SPANWATCH_MEGABYTES = 350
"""scipy, scikit-learn and numpy with their libraries are 220 of them; a second compiler, cache or model would not fit."""
USER = 10001
NET_RAW = 13
NO_CAPABILITY = "0" * 16
CAPTURE = ROOT / "pcaps" / "captures" / "plant" / "normal.pcap"
POLICY = ROOT / "pcaps" / "policy.yaml"
PROBE = """#!/opt/spanwatch/bin/python
import socket
from pathlib import Path

print(Path("/proc/self/status").read_text())
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3) as wire:
    wire.bind(("lo", 3))
print("listening")
"""

HANDED_ON = ("setpriv", "--bounding-set=-all,+net_raw,+setuid,+setgid", "--inh-caps=-all", "--no-new-privs")
"""As root with --cap-drop ALL, the three capabilities of a sensor, and no-new-privileges."""
GIVEN_UP = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--bounding-set=-all", "--no-new-privs")
"""As the image's own user with --cap-drop ALL and no-new-privileges."""

pytestmark = [pytest.mark.packaging, pytest.mark.skipif(bool(stand_in.missing()), reason=stand_in.missing())]


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """The image under test, built once; its storage and mounts are gone afterwards, whatever happened."""
    with Builder(tmp_path_factory.mktemp("image")) as builder:
        builder.build()
        yield builder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder that the user of the image may write, mounted at /data."""
    shutil.copy(CAPTURE, tmp_path)
    shutil.copy(POLICY, tmp_path)
    shutil.chown(tmp_path, USER, USER)
    return tmp_path


def status(text: str) -> dict[str, str]:
    """The lines of /proc/self/status by name."""
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}


def test_the_image_runs_spanwatch_compiled_as_an_unprivileged_user(builder: Builder) -> None:
    settings = builder.settings()
    assert settings["Entrypoint"] == ["spanwatch"]
    assert settings["User"] == f"{USER}:{USER}"
    assert "(packet path compiled)" in builder.run_as_configured("spanwatch", "--version")
    assert builder.run_as_configured("id", "-u").strip() == str(USER)


def test_the_image_brings_nothing_of_the_machine_or_the_build(builder: Builder) -> None:
    root = builder.root
    settings = json.dumps(builder.settings())
    assert "PIP_" not in settings
    assert "compiler" not in settings
    own = root / "opt" / "spanwatch"
    tools = {"cc", "gcc", "g++", "c++", "clang", "ld", "as", "make", "git"}
    places = ("usr/bin", "usr/local/bin", "usr/sbin", "opt/spanwatch/bin")
    assert not tools & {path.name for place in places for path in (root / place).iterdir()}
    assert not [path for path in own.rglob("*") if path.name in {"pip", "mypy", "mypyc", "setuptools", "hatchling"}]
    assert not [path for path in own.rglob("*") if path.name == "tests"]
    assert not (root / "src").exists()
    assert not list(root.rglob("*/.cache/pip"))
    assert list((root / "root").glob(".[!bp]*")) == []
    assert not list((root / "data").iterdir())
    assert not list((root / "var" / "lib" / "apt" / "lists").glob("*Packages*"))


def test_no_file_of_the_image_lends_rights_of_another_user(builder: Builder) -> None:
    found = subprocess.run(
        ["find", builder.root, "-xdev", "-type", "f", "-perm", "/6000"], capture_output=True, text=True, check=True
    )
    assert found.stdout == ""
    owned = subprocess.run(
        ["find", builder.root / "opt", builder.root / "usr", "-xdev", "-user", str(USER)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert owned.stdout == "", "the user that runs must not be able to change what runs"


def test_the_image_stays_small(builder: Builder) -> None:
    own, whole = builder.megabytes(builder.root / "opt" / "spanwatch"), builder.megabytes(builder.root)
    print(f"image {whole} MB: Spanwatch with its packages {own} MB, base {whole - own} MB")
    assert own < SPANWATCH_MEGABYTES


def test_a_replay_with_a_read_only_root_and_no_capability_gives_the_bytes_of_the_sources(
    builder: Builder, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    replay = ["replay", CAPTURE.name, "--policy", POLICY.name, "--quiet", "--output"]
    inside = builder.run_read_only(data, GIVEN_UP, "spanwatch", *replay, "out")
    assert inside.returncode == 0, inside.stderr
    here = tmp_path_factory.mktemp("sources")
    shutil.copy(CAPTURE, here)
    shutil.copy(POLICY, here)
    outside = subprocess.run(program(*replay, "out"), cwd=here, capture_output=True, text=True)
    assert outside.returncode == inside.returncode, outside.stderr
    written = sorted(path.name for path in (here / "out").iterdir())
    assert "alerts.ndjson" in written
    assert sorted(path.name for path in (data / "out").iterdir()) == written
    for name in written:
        assert (data / "out" / name).read_bytes() == (here / "out" / name).read_bytes(), name
        assert (data / "out" / name).stat().st_uid == USER
    refused = builder.run_read_only(data, [], "touch", "/opt/spanwatch/written")
    assert "Read-only file system" in refused.stderr


def test_a_sensor_started_with_three_capabilities_listens_with_one_as_an_unprivileged_user(
    builder: Builder, data: Path
) -> None:
    probe = data / "probe" / "spanwatch"
    probe.parent.mkdir()
    probe.write_text(PROBE, encoding="utf-8")
    probe.chmod(0o755)
    ran = builder.run_read_only(
        data,
        HANDED_ON,
        "env",
        "PATH=/data/probe:/usr/bin:/bin",
        "/usr/local/bin/spanwatch-capture",
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.endswith("listening\n")
    found = status(ran.stdout)
    assert set(found["Uid"].split()) == {str(USER)}
    assert set(found["Gid"].split()) == {str(USER)}
    assert found["Groups"] == ""
    assert found["NoNewPrivs"] == "1"
    for held in ("CapEff", "CapPrm", "CapAmb"):
        assert int(found[held], 16) == 1 << NET_RAW, held


def test_the_sensor_of_the_image_watches_an_interface_and_keeps_what_it_saw(builder: Builder, data: Path) -> None:
    watched = builder.run_read_only(
        data,
        HANDED_ON,
        "/usr/local/bin/spanwatch-capture",
        *("watch", "--interface", "lo", "--duration", "2", "--policy", POLICY.name, "--store", "kept.db"),
    )
    assert watched.returncode == 0, watched.stderr
    assert (data / "kept.db").stat().st_uid == USER
    reported = builder.run_read_only(data, GIVEN_UP, "spanwatch", "assets", "list", "--store", "kept.db")
    assert reported.returncode == 0, reported.stderr


def test_without_capabilities_nothing_can_listen(builder: Builder, data: Path) -> None:
    ran = builder.run_read_only(
        data,
        GIVEN_UP,
        "/opt/spanwatch/bin/python",
        "-c",
        PROBE,
    )
    assert status(ran.stdout)["CapEff"] == NO_CAPABILITY
    assert ran.returncode != 0
    assert "PermissionError" in ran.stderr
