"""Signals that come while ``spanwatch watch`` begins are wishes, not its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.repository import ROOT

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
