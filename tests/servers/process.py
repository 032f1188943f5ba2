"""A server process in a folder of its own that cannot outlive the test run."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers.account import account, hand_over

GUARD = Path(__file__).with_name("guard.py")
PATIENCE = 20
"""Seconds a server has to end in good order."""
TAIL = 15
"""Lines of the log reported when a server does not start."""


class ServerFailedError(Exception):
    """A server that should run does not; the text ends with its last words."""


def free_port(address: str = "127.0.0.1") -> int:
    """A port nobody listens on now."""
    with socket.socket() as taken:
        taken.bind((address, 0))
        port: int = taken.getsockname()[1]
        return port


class ServerProcess:
    """One server: ``start``, ``kill`` or ``stop``, and ``start`` again in the same folder; ``remove`` at the end."""

    def __init__(self, name: str) -> None:
        self._place = tempfile.TemporaryDirectory(prefix=f"spanwatch-{name}-", ignore_cleanup_errors=True)
        self.folder = Path(self._place.name)
        self.folder.chmod(0o755)
        self.log = self.folder / "output.log"
        self._user = account()
        self._guard: subprocess.Popen[bytes] | None = None
        self._group = 0

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the server; it has the folder for itself."""
        with self.log.open("ab") as log:
            hand_over(self.folder, self._user)
            self._guard = subprocess.Popen(
                [sys.executable, "-I", str(GUARD), str(self.folder), self._user, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", **environment},
                start_new_session=True,
            )
        assert self._guard.stdout is not None
        line = self._guard.stdout.readline()
        if not line.strip():
            self._close()
            raise ServerFailedError(f"the server cannot be started: {self.last_words()}")
        self._group = int(line)

    @property
    def running(self) -> bool:
        """Whether the server has been started and has not ended."""
        return self._guard is not None and self._guard.poll() is None

    def kill(self) -> None:
        """End the server as a power failure would."""
        self._signal(signal.SIGKILL)
        self._close()

    def stop(self) -> None:
        """Ask the server to end, and end it when it does not."""
        if self._guard is None:
            return
        self._signal(signal.SIGTERM)
        try:
            self._guard.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
        finally:
            self._close()

    def remove(self) -> None:
        """End the server if it still runs, and remove its folder."""
        self.kill()
        self._place.cleanup()

    def last_words(self) -> str:
        """The end of what the server said."""
        if not self.log.exists():
            return "it said nothing"
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:])

    def _signal(self, number: int) -> None:
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._group, number)

    def _close(self) -> None:
        """Wait for the guard; it ends with its server."""
        if self._guard is None:
            return
        self._guard.wait(PATIENCE)
        for pipe in (self._guard.stdin, self._guard.stdout):
            if pipe is not None:
                pipe.close()
        self._guard = None
