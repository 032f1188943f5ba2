"""Compiles the packet path with mypyc when the wheel is built, beside the sources and never among them.

The sources are copied to a temporary folder, compiled there, and only the results go into the wheel, so no stale compiled
file can lie next to an edited source. Without a C compiler, or with SPANWATCH_COMPILE=0, the wheel is pure Python and
``spanwatch --version`` says so. An editable install is always interpreted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGES = ("dissectors", "sensor", "rules")
"""What the compiler must see; only the modules below are compiled."""
INTERPRETED = ("__init__.py", "dangers.py", "document.py", "vocabulary.py")
"""What a protocol declares of itself. The modules that lie in dissectors/ itself are interpreted as well: those above use them."""
COMPILED_SENSOR = (
    "worker.py",
    "capture/interface.py",
    "capture/pcap.py",
    "capture/pcapng.py",
    "capture/frame_filter.py",
    "capture/walker.py",
    "live/block.py",
)
FLAGS = {
    "CFLAGS": "-DNDEBUG -fwrapv"  # setuptools drops these of Python's own when CFLAGS is set; i64 wraps, as mypyc assumes
    " -fvisibility=hidden -fno-plt"  # calls within the module go straight: a seventh of the time of a packet
    " -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2",
    "LDFLAGS": "-Wl,-z,relro,-z,now" if sys.platform == "linux" else "",
}
"""Added to what the environment says. Hardened: an overflow in compiled code ends the process, and no table of addresses
stays writable.
"""


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds the compiled modules to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, or say why not."""
        if self.target_name != "wheel" or version == "editable":
            return
        if os.environ.get("SPANWATCH_COMPILE") == "0":
            self.app.display_warning("SPANWATCH_COMPILE=0: the wheel is interpreted")
            return
        if not (shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")):
            if os.environ.get("SPANWATCH_COMPILE") == "1":
                raise RuntimeError("SPANWATCH_COMPILE=1, but there is no C compiler: install gcc or clang")
            self.app.display_warning("no C compiler found: the wheel is interpreted and slower (install gcc or clang)")
            return
        self.folder = tempfile.mkdtemp(prefix="spanwatch-build-")
        made = self._compile(Path(self.folder))
        if not made:
            return
        build_data["infer_tag"] = True
        build_data["pure_python"] = False
        for path in made:
            build_data["force_include"][str(path)] = str(path.relative_to(self.folder))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder."""
        folder = getattr(self, "folder", "")
        if folder:
            shutil.rmtree(folder, ignore_errors=True)

    def _compile(self, folder: Path) -> list[Path]:
        root = Path(self.root)
        for package in PACKAGES:
            shutil.copytree(root / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        names = [
            str(path.relative_to(folder))
            for path in sorted((folder / "dissectors").glob("*/**/*.py"))
            if path.name not in INTERPRETED
        ]
        names += [f"sensor/{name}" for name in COMPILED_SENSOR]
        flags = {name: f"{os.environ.get(name, '')} {added}".strip() for name, added in FLAGS.items()}
        environment = {**os.environ, **flags, "MYPYPATH": str(folder)}
        self.app.display_info(f"compiling {len(names)} modules of the packet path")
        done = subprocess.run(
            [sys.executable, "-m", "mypyc", *names],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            self.app.display_warning(
                f"compiling failed, the wheel is interpreted:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )
            if os.environ.get("SPANWATCH_COMPILE") == "1":
                raise RuntimeError("SPANWATCH_COMPILE=1 and compiling failed")
            return []
        return [path for path in sorted(folder.rglob("*.so")) if "build" not in path.relative_to(folder).parts]
