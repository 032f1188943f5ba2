"""A base image made here, where no registry can be asked: a small Debian with Python under the name the Dockerfile uses.

What the machine needs to reach its package mirrors (pip's settings, the certificates, apt's proxies) goes into this stand-in
and never into the Dockerfile. The plain Debian is kept as a tar file under build/, so that a second run is fast.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.repository import ROOT

SUITE = "bookworm"
CACHE = ROOT / "build" / "image" / f"{SUITE}.tar.gz"
PACKAGES = ("ca-certificates", "python3", "python3-dev", "python3-pip", "python3-venv")
"""The same parts as the real base image: headers, pip and venv, no compiler."""
CERTIFICATES = Path("etc/ssl/certs/ca-certificates.crt")
MIRROR = re.compile(r"^(?:URIs:|deb(?:\s+\[[^]]*\])?)\s+(https?://\S*debian/?)(?:\s|$)", re.MULTILINE)


def missing() -> str:
    """What this machine lacks for building an image, or nothing."""
    if os.geteuid() != 0:
        return "building an image without a daemon needs root"
    absent = [name for name in ("buildah", "debootstrap", "ip", "setpriv", "unshare") if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


def mirror() -> str:
    """The Debian mirror that this machine's apt uses."""
    lists = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    for path in lists:
        if path.is_file() and (found := MIRROR.search(path.read_text(encoding="utf-8", errors="replace"))):
            return found[1]
    return "http://deb.debian.org/debian"


def make_debian(scratch: Path) -> None:
    """Put the plain Debian into the cache, unless it is there; a half-written one is never left behind."""
    if CACHE.exists():
        return
    folder = scratch / "debian"
    chosen = ["--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE]
    made = subprocess.run(["debootstrap", *chosen, folder, mirror()], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout[-3000:] + made.stderr[-2000:]
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    part = CACHE.with_suffix(".part")
    left_out = ["--exclude=./dev/*", "--exclude=./var/cache/apt/archives/*.deb", "--exclude=./var/lib/apt/lists/*"]
    subprocess.run(["tar", "-C", folder, *left_out, "-czf", part, "."], check=True)
    part.rename(CACHE)
    shutil.rmtree(folder)


def add_machine(folder: Path) -> None:
    """Write into ``folder`` the files that let pip and apt work as they do on this machine."""
    bundle = Path("/") / CERTIFICATES
    if bundle.exists():
        (folder / CERTIFICATES).parent.mkdir(parents=True)
        shutil.copy(bundle, folder / CERTIFICATES)
    reported = subprocess.run(
        ["python3", "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    settings = {}
    for line in reported.splitlines():
        name, _, value = line.partition("=")
        settings[name.removeprefix(":env:.").removeprefix("global.").removeprefix("install.")] = value.strip("'\"")
    for wheels in [Path(place) for place in settings.get("find-links", "").split() if Path(place).is_dir()]:
        shutil.copytree(wheels, folder / wheels.relative_to("/"))
    written = configparser.RawConfigParser()
    written["global"] = settings
    with (folder / "etc" / "pip.conf").open("w", encoding="utf-8") as file:
        written.write(file)
    proxies = subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, text=True).stdout.splitlines()
    (folder / "etc" / "apt" / "apt.conf.d").mkdir(parents=True)
    (folder / "etc" / "apt" / "apt.conf.d" / "99machine").write_text(
        "".join(f"{line}\n" for line in proxies if re.match(r"Acquire::https?::", line)), encoding="utf-8"
    )
    (folder / "usr" / "local" / "bin").mkdir(parents=True)
    (folder / "usr" / "local" / "bin" / "python").symlink_to("/usr/bin/python3")
