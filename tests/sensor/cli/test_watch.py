"""``spanwatch watch``: signals that come while it begins are wishes, and what is lost at its end is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sensor.live.watch import Watch
from tests.repository import ROOT
from tests.sensor.build import alert
from tests.sensor.cli.command import full_disk, spanwatch
from tests.sensor.documents.contexts import ORIGIN

PROGRAM = """
import os, sys
from importlib.abc import MetaPathFinder

class Nudge(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "sensor.live.picture":
            os.kill(os.getpid(), int(os.environ["NUDGE"]))

sys.meta_path.insert(0, Nudge())
from sensor.cli import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT], ids=["hup", "term", "int"])
def test_a_signal_while_the_program_is_still_loading_does_not_kill_it(number: signal.Signals) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "watch", "-i", "no-such-tap"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "NUDGE": str(int(number))},
    )
    assert done.returncode == 2, done.stderr
    assert "no-such-tap" in done.stderr


@pytest.mark.parametrize("full", [True, False], ids=["full", "room"])
def test_lines_lost_on_a_full_disk_are_said_and_the_exit_code_is_2(
    full: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def watched(watch: Watch, *_: object) -> None:
        assert watch.files is not None
        watch.files.begin(ORIGIN)
        watch.files.alert(alert("i-one"))
        watch._run.close()

    monkeypatch.setattr("sensor.cli.watch._open", lambda *_: ([], ("tap",)))
    monkeypatch.setattr("sensor.cli.watch._watch", watched)
    if full:
        monkeypatch.setattr("sensor.sinks.ndjson_file._write", full_disk)
    done = spanwatch("watch", "-i", "tap", "--output", tmp_path)
    assert done.exit_code == (2 if full else 0)
    assert ("spanwatch: 1 of the lines of --output and rows of --store could not be written" in done.stderr) == full
