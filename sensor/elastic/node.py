"""How we speak HTTP to a server that may be hostile or sick: ``urllib3`` as it is, with a limit on what an answer costs.

What is bounded: connecting, the TLS handshake and every wait for bytes by the socket's timeout, each wait anew; the head of
an answer by the limits of ``http.client``; its body by ``limit`` bytes and, as a whole, by ``WHOLE`` times the timeout and
one wait more. A server that drips its handshake or its head byte by byte is therefore not cut off in time: it holds one
request, never the sensor, whose documents wait in the store. Answers are not taken compressed: a megabyte can hold gigabytes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

import urllib3
from elastic_transport import NodeConfig, Urllib3HttpNode

MAX_ANSWER: Final = 16 << 20
"""Bytes of an answer; that to a full bulk request has about a tenth."""
WHOLE: Final = 2.0
"""An answer may take so many times what one wait for bytes may."""
PIECE: Final = 65_536


class AnswerError(urllib3.exceptions.HTTPError):
    """An answer that is not read; the message says why."""


class Read:
    """An answer that was read to its end."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.status = status
        self.headers = headers
        self.data = data


class LimitedPool:
    """The connections to one server, whose answers come whole, in time, and of a bounded size, or not at all."""

    def __init__(self, pool: urllib3.HTTPConnectionPool, limit: int = MAX_ANSWER) -> None:
        self._pool = pool
        self._limit = limit

    def urlopen(self, method: str, target: str, *, headers: Mapping[str, str], timeout: float, **given: Any) -> Read:
        """Return the answer; ``timeout`` seconds are for each wait. Raises ``AnswerError`` and the errors of ``urllib3``."""
        until = time.monotonic() + WHOLE * timeout
        response = self._pool.urlopen(
            method, target, headers={**headers, "accept-encoding": "identity"}, timeout=timeout, preload_content=False,
            decode_content=False, **given,
        )  # fmt: skip
        try:
            if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
                raise AnswerError("it is compressed, which was not asked for")
            data = bytearray()
            while piece := response.read1(PIECE):
                data += piece
                if len(data) > self._limit:
                    raise AnswerError(f"it is larger than {self._limit >> 20} MiB")
                if time.monotonic() > until:
                    raise urllib3.exceptions.ReadTimeoutError(self._pool, target, "too slow")
        except BaseException:
            response.close()
            raise
        finally:
            response.release_conn()
        return Read(response.status, response.headers, bytes(data))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class LimitedNode(Urllib3HttpNode):
    """A server as the client of ``elasticsearch`` sees it, with these limits. Every request must name its timeout."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        self.pool = LimitedPool(self.pool)  # type: ignore[assignment]
