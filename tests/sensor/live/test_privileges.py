from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.repository import ROOT
from tests.sensor.live.wires import Cable, needs_root

pytestmark = needs_root

START = """
import os, sys, time
from sensor.live.error import LiveError
from sensor.live.privileges import drop
from sensor.live.worker_process import open_workers
def status(pid):
    with open(f"/proc/{pid}/status") as file:
        rows = dict(line.rstrip("\\n").split(":\\t", 1) for line in file)
    print(*[rows[name].split()[0] for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb", "NoNewPrivs", "Uid", "Gid")])
"""
NONE = "0000000000000000"


def python(script: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", START + script],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(("user", "number"), [("nobody", "65534"), (None, "0")])
def test_sensor_and_workers_have_no_capability_left_when_the_first_packet_is_parsed(
    user: str | None, number: str
) -> None:
    with Cable():
        own, workers = python(f"""
process, = open_workers(["tap0"], 1)
drop({user!r})
process.start()
status("self")
status(process.pid)
process.close()
""")
    row = own.split()
    assert row[:6] == [NONE] * 5 + ["1"]
    assert row[6] == number
    assert workers == own


def test_dropped_privileges_do_not_come_back_by_running_a_program() -> None:
    with Cable():
        (row,) = python("""
drop()
import subprocess
print(subprocess.run(["grep", "CapEff", "/proc/self/status"], capture_output=True, text=True).stdout.split()[1])
""")
    assert row == NONE


def test_without_the_capability_the_fix_is_reported() -> None:
    with Cable():
        (said,) = python("""
drop("nobody")
try:
    open_workers(["tap0"], 1)
except LiveError as error:
    print(error)
""")
    assert "CAP_NET_RAW" in said and "setcap cap_net_raw+ep" in said and "AmbientCapabilities" in said


def test_an_unknown_user_and_a_second_thread_are_refused() -> None:
    with Cable():
        unknown, threads = python("""
try:
    drop("nosuchuser")
except LiveError as error:
    print(error)
import threading
done = threading.Event()
threading.Thread(target=done.wait).start()
try:
    drop()
except LiveError as error:
    print(error)
done.set()
""")
    assert "no user 'nosuchuser'" in unknown
    assert "one thread; this one has 2" in threads


def test_an_interface_made_anew_is_heard_again_without_any_privilege() -> None:
    with Cable() as cable:
        script = """
process, = open_workers(["tap0"], 1)
drop("nobody")
process.start()
print(process.pid, flush=True)
sys.stdin.readline()
from sensor.live.report import ReportReader
notes = [count.note for report in ReportReader(process.descriptor).read() for count in report.interfaces]
print(any("made anew" in note for note in notes))
process.close()
"""
        running = subprocess.Popen(
            [sys.executable, "-c", START + script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert running.stdout is not None
        assert int(running.stdout.readline())
        cable.pull(0)
        time.sleep(1.5)
        cable.plug(0)
        time.sleep(2.5)
        said, _ = running.communicate("\n")
        assert said.strip() == "True"
