"""The Java of this machine that a server needs."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.servers.artifact import UnavailableError

HOMES = Path("/usr/lib/jvm")
_MAJOR = re.compile(r'^JAVA_VERSION="(?:1\.)?(\d+)', re.MULTILINE)


def homes() -> dict[Path, int]:
    """Every Java with its major version: what a variable with JAVA_HOME in its name points to, and ``/usr/lib/jvm``."""
    named = [Path(value) for name, value in sorted(os.environ.items()) if "JAVA_HOME" in name and value]
    installed = sorted(HOMES.iterdir()) if HOMES.is_dir() else []
    found: dict[Path, int] = {}
    for home in (*named, *installed):
        release = home / "release"
        version = _MAJOR.search(release.read_text(encoding="utf-8")) if release.is_file() else None
        if version is not None and (home / "bin" / "java").is_file():
            found.setdefault(home.resolve(), int(version[1]))
    return found


def java_home(at_min: int) -> Path:
    """The oldest Java from ``at_min`` on: servers are most at home on the Java they were built for."""
    fitting = [(major, str(home)) for home, major in homes().items() if major >= at_min]
    if not fitting:
        raise UnavailableError(f"no Java {at_min} or newer in {HOMES} or in a variable JAVA_HOME")
    return Path(min(fitting)[1])
