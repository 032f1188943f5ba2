"""A limit for a whole exchange: urllib3 and http.client only limit each wait for the next bytes.

A server that sends one byte now and then would hold a request for ever. When the time is over the connection is shut
down from outside, and whoever reads from it gets the end of it.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class Deadline:
    """Runs while the block does; ``is_over`` says that it ended the exchange. ``watch`` names the connection."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._line: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def watch(self, line: socket.socket) -> None:
        """Shut ``line`` down when the time is over, at once when it already is. It may be a duplicate."""
        with self._lock:
            self._line = line
            if self.is_over:
                _shut(line)

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            if self._line is not None:
                _shut(self._line)

    def __enter__(self) -> Self:
        """Let the time run."""
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The exchange is done: its connection may serve another."""
        self._timer.cancel()
        with self._lock:
            self._line = None


def _shut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        # Not the method of a TLS connection, which would change what the reading thread is using.
        socket.socket.shutdown(line, socket.SHUT_RDWR)
