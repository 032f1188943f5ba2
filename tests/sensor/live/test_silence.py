"""A worker cannot send, whatever runs in it; the process of the pipeline cannot send by the packet sockets, and writes files as before.

Each test runs in a process of its own in a network namespace that it made: a filter cannot be taken off.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from sensor.live.silence import MACHINES
from tests.repository import ROOT
from tests.sensor.live.wires import Cable, needs_root

pytestmark = [
    *needs_root,
    pytest.mark.skipif(platform.machine() not in MACHINES, reason="the filter knows x86-64 and aarch64 alone"),
]

START = """
import errno, fcntl, os, socket, struct, subprocess
from sensor.live.silence import FIRST_DESCRIPTOR, silence_sockets, silence_worker
from sensor.live.worker_process import open_workers
FRAME = b"\\xff" * 6 + b"\\x02" + bytes(5) + b"\\x88\\xb5" + bytes(46)
def tried(what):
    try:
        what()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"
process, = open_workers(["tap0"], 1)
ring, = process.rings
packet = ring.socket
"""
WAYS = """
ways = {
    "send": lambda: packet.send(FRAME),
    "sendto": lambda: packet.sendto(FRAME, ("tap0", 0x88B5)),
    "sendmsg": lambda: packet.sendmsg([FRAME]),
    "write": lambda: os.write(packet.fileno(), FRAME),
    "writev": lambda: os.writev(packet.fileno(), [FRAME]),
    "dup": lambda: os.dup(packet.fileno()),
    "dup2": lambda: os.dup2(packet.fileno(), 2),
    "fcntl": lambda: fcntl.fcntl(packet.fileno(), fcntl.F_DUPFD, 0),
}
"""


def python(script: str) -> list[str]:
    with Cable():
        done = subprocess.run(
            [sys.executable, "-c", START + WAYS + script],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_without_the_filter_the_socket_could_send() -> None:
    assert python('print(tried(ways["send"]), tried(ways["write"]))') == ["done done"]


def test_a_worker_cannot_send_in_any_way_and_writes_to_its_pipe() -> None:
    lines = python("""
reading, pipe = os.pipe()
assert silence_worker(pipe)
print(sorted({tried(way) for way in ways.values()}))
other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print(tried(lambda: other.connect(("127.0.0.1", 9))), tried(lambda: other.sendto(b"x", ("127.0.0.1", 9))))
print(tried(lambda: os.execv("/bin/true", ["true"])))
print(tried(lambda: os.write(pipe, b"report")), os.read(reading, 9), ring.state())
""")
    assert lines == ["['EPERM']", "EPERM EPERM", "EPERM", "done b'report' up"]


def test_the_pipeline_cannot_send_by_the_packet_sockets_and_everything_else_goes_on(tmp_path: object) -> None:
    lines = python(f"""
assert packet.fileno() >= FIRST_DESCRIPTOR
assert silence_sockets([packet.fileno()])
print(sorted({{tried(way) for way in ways.values()}}))
one, two = socket.socketpair()
print(tried(lambda: one.sendall(b"x")), two.recv(1))
print(tried(lambda: open({str(tmp_path)!r} + "/file", "w").write("x")), os.dup(0) > 0)
print(subprocess.run(["/bin/echo", "shipper"], capture_output=True, text=True).stdout.strip())
""")
    assert lines == ["['EPERM']", "done b'x'", "done True", "shipper"]


def test_a_worker_process_has_the_filter_on_when_it_runs() -> None:
    lines = python("""
import time
process.start()
deadline = time.monotonic() + 20
seccomp = ""
while seccomp != "2" and time.monotonic() < deadline:
    with open(f"/proc/{process.pid}/status") as file:
        seccomp = next(line.split()[1] for line in file if line.startswith("Seccomp:"))
    time.sleep(0.05)
print(seccomp, process.ended())
process.close()
""")
    assert lines == ["2 None"]
