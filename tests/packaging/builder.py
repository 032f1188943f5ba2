"""Builds and runs the image with buildah: own storage in a scratch folder, no daemon, no registry, nothing left behind."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.packaging import stand_in
from tests.repository import ROOT

IMAGE = "localhost/spanwatch:test"
BASE_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
READ_ONLY = """
root=$1 data=$2
shift 2
ip link set lo up
mount --rbind "$root" "$root"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t tmpfs -o nosuid,nodev,noexec tmpfs "$root/tmp"
mount --bind "$data" "$root/data"
mount -o remount,bind,ro "$root"
cd "$root"
exec chroot "$root" /usr/bin/env -i PATH=/opt/spanwatch/bin:/usr/local/bin:/usr/bin:/bin HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 /bin/sh -c 'cd /data && exec "$@"' sh "$@"
"""
"""Runs in mount and network namespaces of its own, which end with it: the image's root is read-only, /data and /tmp are not."""


class Builder:
    """One build; a context manager that removes containers, images, mounts and files at its end."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.container = ""
        self.root = Path()
        storage = scratch / "storage"
        self.buildah = ["buildah", "--root", f"{storage}/root", "--runroot", f"{storage}/run"]
        self.buildah += ["--storage-driver", "overlay" if self._overlay_works() else "vfs"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for command in (["umount", "--all"], ["rm", "--all"], ["rmi", "--all", "--force"]):
            subprocess.run([*self.buildah, *command], capture_output=True)
        mounted = [line.split()[1] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
        for place in sorted((place for place in mounted if place.startswith(f"{self.scratch}/")), reverse=True):
            subprocess.run(["umount", "--lazy", place], capture_output=True)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def build(self) -> None:
        """Make the stand-in for the base, build the Dockerfile on it, and mount the result."""
        stand_in.make_debian(self.scratch)
        machine = self.scratch / "machine"
        stand_in.add_machine(machine)
        base = self.call("from", "scratch").strip()
        self.call("add", "--quiet", base, str(stand_in.CACHE), "/")
        self.call("add", "--quiet", base, str(machine), "/")
        self.call("config", "--env", f"PATH={BASE_PATH}", "--cmd", "python3", base)
        self.call("commit", "--quiet", "--rm", base, self.base_name())
        self.call("build", "--isolation", "chroot", "--pull-never", "--layers=false", "--tag", IMAGE, str(ROOT))
        self.container = self.call("from", "--pull-never", IMAGE).strip()
        self.root = Path(self.call("mount", self.container).strip())

    def base_name(self) -> str:
        """The one image that the Dockerfile begins from."""
        lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
        names = {line.split()[1] for line in lines if line.startswith("FROM ")}
        assert len(names) == 1, names
        return names.pop()

    def call(self, *arguments: str) -> str:
        """Run buildah and return what it says."""
        done = subprocess.run([*self.buildah, *arguments], capture_output=True, text=True)
        assert done.returncode == 0, f"buildah {arguments[0]}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        return done.stdout

    def settings(self) -> dict[str, Any]:
        """The image's settings: user, entry point, environment."""
        reported = json.loads(self.call("inspect", "--type", "image", IMAGE))
        settings = reported["OCIv1"]["config"]
        assert isinstance(settings, dict)
        return settings

    def run_as_configured(self, *command: str) -> str:
        """Run a command as the image says, and return what it prints."""
        return self.call("run", "--isolation", "chroot", self.container, "--", *command)

    def run_read_only(self, data: Path, before: Sequence[str], *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the image with a read-only root and no network but a loopback of its own.

        ``before`` is put before it, to give up rights as a container runtime does.
        """
        apart = [
            "unshare",
            "--mount",
            "--net",
            "--pid",
            "--fork",
            "--propagation",
            "private",
            "sh",
            "-eu",
            "-c",
            READ_ONLY,
        ]
        return subprocess.run(
            [*apart, "sh", str(self.root), str(data), *before, *command], capture_output=True, text=True, timeout=300
        )

    def megabytes(self, folder: Path) -> int:
        """The space a folder of the image takes."""
        reported = subprocess.run(["du", "-sxm", folder], capture_output=True, text=True, check=True).stdout
        return int(reported.split()[0])

    def _overlay_works(self) -> bool:
        """Whether this machine can stack folders; else every layer is a full copy."""
        folders = [self.scratch / "try" / name for name in ("lower", "upper", "work", "merged")]
        for folder in folders:
            folder.mkdir(parents=True)
        lower, upper, work, merged = folders
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        tried = subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, merged], capture_output=True)
        if tried.returncode == 0:
            subprocess.run(["umount", merged], capture_output=True)
        return tried.returncode == 0
