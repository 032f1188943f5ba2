"""A headless Chromium for pages of our own: with a new profile, without any service of its maker."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.tools.dashboards.picture import smaller
from tools.dashboards.load import content
from tools.dashboards.page import size

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
)  # fmt: skip
SECONDS = 60


def chromium() -> str:
    """The browser's program, "" where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""


def run(*arguments: str) -> str:
    """What the browser prints, started with a profile of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        done = subprocess.run(
            [chromium(), *QUIET, f"--user-data-dir={profile}", *arguments],
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def pictures(folder: Path) -> None:
    """Take a picture of every dashboard page of ``folder``."""
    for dashboard in content().dashboards:
        page = folder / f"{dashboard.id.removeprefix('spanwatch-')}.html"
        picture = page.with_suffix(".png")
        width, height = size(dashboard)
        run(f"--window-size={width},{height}", f"--screenshot={picture.resolve()}", page.resolve().as_uri())
        smaller(picture)


if __name__ == "__main__":
    pictures(Path(sys.argv[1]))
