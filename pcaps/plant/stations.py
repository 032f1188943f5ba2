"""The plant in operation: the network with every station's processes running in its namespace."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from pcaps.plant import hosts
from pcaps.plant.hosts import Module
from pcaps.plant.network import MIRROR, SWITCH, Network, namespace

SERVERS: tuple[tuple[hosts.Host, Module], ...] = (
    (hosts.PLC_CHEM, ("modbus_device",)),
    (hosts.PLC_FILT, ("s7_device",)),
    (hosts.RTU_RES, ("dnp3_device",)),
    (hosts.HISTORIAN, ("historian",)),
)
OPERATORS = (hosts.SCADA, hosts.HMI)
SERVER_SECONDS = 4.0
STOP_SECONDS = 5.0
MAX_PACKETS = 20_000
"""A capture ends by itself at this many frames, whatever a scenario does."""


class CaptureError(Exception):
    """The capture could not start or did not end as it should; the message holds tcpdump's words."""


class Plant:
    """A running plant and its capture as a context; leaving it ends every process and removes the network."""

    def __init__(
        self,
        capture: str,
        roles: Mapping[str, str] | None = None,
        servers: Sequence[tuple[hosts.Host, Module]] = (),
        clients: Sequence[tuple[hosts.Host, Module]] = (),
    ) -> None:
        """Prepare a plant whose capture goes to this file.

        `roles` are stations that behave otherwise than usual; `servers` and `clients` are modules that do not run in
        every scenario, started before and after the capture.
        """
        self.capture = capture
        self.roles = roles or {}
        self.servers, self.clients = (*SERVERS, *servers), clients
        self.network = Network()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.recorder: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the controllers, then the capture, then the operator stations."""
        self.network.__enter__()
        try:
            for host, module in self.servers:
                self.start(host, *module)
            time.sleep(SERVER_SECONDS)
            self._record()
            for host in OPERATORS:
                self.start(host, "operators", self.roles.get(host.name, host.name))
            for host, module in self.clients:
                self.start(host, *module)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the capture, the processes and the network."""
        try:
            if self.recorder is not None:
                _end(self.recorder)
            for process in reversed(self.processes):
                _end(process)
        finally:
            self.network.__exit__(kind, error, trace)

    def _record(self) -> None:
        words = ("ip", "netns", "exec", SWITCH, "tcpdump", "-i", MIRROR, "-U", "-n", "-s", "0", "-Z", "root")
        self.recorder = subprocess.Popen(
            (*words, "-c", str(MAX_PACKETS), "-w", self.capture),
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        line = self.recorder.stderr.readline() if self.recorder.stderr else b""
        if b"listening on" not in line:
            raise CaptureError(f"tcpdump did not start: {line.decode(errors='replace').strip()}")

    def check(self) -> None:
        """Raise CaptureError when a station or the capture has ended before its time."""
        if self.recorder is None or self.recorder.poll() is not None:
            raise CaptureError(f"the capture ended early (it is bounded to {MAX_PACKETS} packets)")
        for process in self.processes[: len(self.servers) + len(OPERATORS) + len(self.clients)]:
            if process.poll() is not None:
                raise CaptureError(f"{process.args!r} ended with {process.returncode}")

    def start(self, host: hosts.Host, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one of this package's modules on a station and leave it running."""
        command = ("ip", "netns", "exec", namespace(host), sys.executable, "-m", f"pcaps.plant.{module}", *arguments)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        self.processes.append(process)
        return process

    def act(self, host: hosts.Host, module: str, *arguments: str, timeout_seconds: float = 90.0) -> None:
        """Run one of this package's modules on a station to its end; raise CaptureError when it fails."""
        process = self.start(host, module, *arguments)
        if process.wait(timeout_seconds) != 0:
            raise CaptureError(f"{module} {' '.join(arguments)} on {host.name} ended with {process.returncode}")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
