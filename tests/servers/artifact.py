"""Server programs out of Maven Central, kept in a folder that git ignores.

Maven's own repository (``~/.m2``) is asked first by Maven itself, so a machine that once fetched them works offline.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.repository import ROOT

FOLDER = "SPANWATCH_SERVERS_CACHE"
"""The variable that names another folder than ``build/servers``."""
PATIENCE = 600
"""Seconds a download may take."""


class UnavailableError(Exception):
    """A tool or a program that a server needs is missing on this machine; the text says which."""


def cache() -> Path:
    """The folder fetched programs are kept in."""
    folder = Path(os.environ.get(FOLDER) or ROOT / "build" / "servers")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fetched(group: str, name: str, version: str, kind: str) -> Path:
    """The file of one artifact, fetched when it is not there yet."""
    path = cache() / f"{name}-{version}.{kind}"
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=cache()) as place:
            _maven("dependency:copy", f"-Dartifact={group}:{name}:{version}:{kind}", f"-DoutputDirectory={place}")
            (Path(place) / path.name).replace(path)
    return path


def with_dependencies(group: str, name: str, version: str) -> Path:
    """A folder with a library and everything it needs, fetched when it is not there yet."""
    folder = cache() / f"{name}-{version}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=cache()) as place:
            project, libraries = Path(place) / "pom.xml", Path(place) / "lib"
            project.write_text(
                '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
                "<groupId>spanwatch</groupId><artifactId>servers</artifactId><version>1</version><dependencies>"
                f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version>"
                "</dependency></dependencies></project>",
                encoding="utf-8",
            )
            _maven("-f", str(project), "dependency:copy-dependencies", f"-DoutputDirectory={libraries}")
            libraries.replace(folder)
    return folder


def _maven(*arguments: str) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise UnavailableError("mvn is not installed: it fetches the test servers from Maven Central")
    command: Sequence[str] = [maven, "-q", "-B", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"Maven Central did not answer within {PATIENCE} s") from None
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line]
        raise UnavailableError(f"Maven cannot fetch {arguments[1]}: {lines[0][:300] if lines else done.returncode}")
