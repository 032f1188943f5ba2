"""How the client speaks HTTP: ``urllib3`` as ever, with a limit for the time and for the size of an answer.

Answers are not taken compressed: a megabyte can hold gigabytes. The client's class for connections is used as it is;
only its pool is asked in another way.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from typing import Any, Final

import urllib3
from elastic_transport import NodeConfig, Urllib3HttpNode

from sensor.elastic.deadline import Deadline

MAX_ANSWER: Final = 16 << 20
"""Bytes of an answer; that to a full bulk request has about a tenth."""
WHOLE: Final = 2.0
"""A whole exchange may take so many times what one wait for bytes may."""
PIECE: Final = 65_536
_current: Final = threading.local()


class AnswerError(urllib3.exceptions.HTTPError):
    """An answer that is not read; the message says why."""


class Line:
    """Part of a connection: tells the deadline of the running exchange which socket to end.

    It keeps a duplicate, because a TLS handshake takes the socket itself out of reach.
    """

    _line: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        line: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._forget()
        self._line = line.dup()
        self._name()
        return line

    def request(self, *given: Any, **named: Any) -> None:
        """Send a request over a connection that may have served others before."""
        self._name()
        super().request(*given, **named)  # type: ignore[misc]

    def close(self) -> None:
        """Close the connection and its duplicate."""
        self._forget()
        super().close()  # type: ignore[misc]

    def _name(self) -> None:
        deadline = getattr(_current, "deadline", None)
        if deadline is not None and self._line is not None:
            deadline.watch(self._line)

    def _forget(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(OSError):
                line.close()


class Read:
    """An answer that was read to its end."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.status = status
        self.headers = headers
        self.data = data


class LimitedPool:
    """A pool whose answers come whole, in time, and of a bounded size, or not at all."""

    def __init__(self, pool: Any, seconds: float) -> None:
        self._pool = pool
        self._seconds = seconds
        pool.ConnectionCls = type("WatchedConnection", (Line, pool.ConnectionCls), {})

    def urlopen(self, method: str, target: str, *, headers: Any, **given: Any) -> Read:
        """Return the answer; raises ``AnswerError`` and the errors of ``urllib3``."""
        headers["accept-encoding"] = "identity"
        with Deadline(self._seconds) as deadline:
            _current.deadline = deadline
            try:
                response = self._pool.urlopen(
                    method, target, headers=headers, preload_content=False, decode_content=False, **given
                )
                return _read(response)
            except Exception as error:
                if deadline.is_over:
                    raise urllib3.exceptions.ReadTimeoutError(self._pool, target, "too slow") from error
                raise
            finally:
                _current.deadline = None

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


def _read(response: Any) -> Read:
    """Return the whole answer, and its connection to the pool."""
    try:
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"", "identity"}:
            raise AnswerError("it is compressed, which was not asked for")
        data = bytearray()
        while piece := response.read(PIECE):
            data += piece
            if len(data) > MAX_ANSWER:
                raise AnswerError(f"it is larger than {MAX_ANSWER >> 20} MiB")
    except BaseException:
        response.close()
        raise
    finally:
        response.release_conn()
    return Read(response.status, response.headers, bytes(data))


class LimitedNode(Urllib3HttpNode):
    """A server as the client sees it, with these limits."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        self.pool = LimitedPool(self.pool, (config.request_timeout or 30.0) * WHOLE)  # type: ignore[assignment]
