"""A reverse proxy between shipper and server that misbehaves as reported, one bulk request after the other.

It ends TLS with a certificate of the server's own authority, so that it can look at whole requests and answers.
"""

from __future__ import annotations

import contextlib
import enum
import http.client
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

from tests.servers.elasticsearch import Elasticsearch

HOP: Final = {"connection", "transfer-encoding", "content-length", "host"}
"""Headers that belong to one connection, not to the message."""
STALLED: Final = 60.0
"""Seconds an answer is held back at most."""
BUSY: Final = b'{"error":{"type":"es_rejected_execution_exception","reason":"queue is full"},"status":429}'
PAGE: Final = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


class Fault(enum.Enum):
    """What the proxy does with one bulk request."""

    NONE = "forward it and the answer"
    BUSY = "answer 429 without forwarding"
    BAD_GATEWAY = "answer 502 with a page of HTML, without forwarding"
    CUT_BEFORE = "cut the connection without forwarding"
    CUT_AFTER = "forward it, then cut the connection instead of answering"
    HALF_ANSWER = "forward it, then cut the connection in the middle of the answer"
    STALL_BEFORE = "hold the request back until the client gives up"
    STALL_AFTER = "forward it, then hold the answer back until the client gives up"


FORWARDED: Final = {Fault.NONE, Fault.CUT_AFTER, Fault.HALF_ANSWER, Fault.STALL_AFTER}
SILENT: Final = {Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.STALL_BEFORE, Fault.STALL_AFTER}


class Proxy:
    """A context manager; ``url`` is where clients go. ``fault`` is asked once for every bulk request with its number.

    ``address`` is the loopback address it listens on and ``name`` what its certificate is made out to, by default the
    same. ``done`` lists what was done to the bulk requests so far.
    """

    def __init__(
        self,
        server: Elasticsearch,
        fault: Callable[[int], Fault] = lambda number: Fault.NONE,
        *,
        address: str = "127.0.0.1",
        name: str = "",
    ) -> None:
        self._server = server
        self._fault = fault
        self._lock = threading.Lock()
        self.done: list[Fault] = []
        self.ending = threading.Event()
        certificate, key, self.fingerprint = server.authority.sign(name or address)
        inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        inside.load_cert_chain(certificate, key)
        self._upstream = ssl.create_default_context(cafile=str(server.ca))
        self._listener = _Listener((address, 0), inside, self)
        self.url = f"https://{address}:{self._listener.server_address[1]}"
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None
    ) -> None:
        self.ending.set()
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()

    def next_fault(self) -> Fault:
        """What to do with the bulk request that came now."""
        with self._lock:
            fault = self._fault(len(self.done))
            self.done.append(fault)
            return fault

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Forward one request to the server and return its status, headers and body."""
        line = http.client.HTTPSConnection("127.0.0.1", self._server.port, context=self._upstream, timeout=60)
        try:
            line.request(method, path, body=body, headers=headers)
            answer = line.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            line.close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext, proxy: Proxy) -> None:
        super().__init__(address, _Handler)
        self.context = context
        self.proxy = proxy

    def get_request(self) -> tuple[socket.socket, Any]:
        line, peer = super().get_request()
        return self.context.wrap_socket(line, server_side=True, do_handshake_on_connect=False), peer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        proxy = self.server.proxy
        bulk = self.path.partition("?")[0].endswith("/_bulk")
        fault = proxy.next_fault() if bulk else Fault.NONE
        status, headers, answer = 0, [("X-Elastic-Product", "Elasticsearch")], b""
        if fault is Fault.BUSY:
            status, headers, answer = 429, [*headers, ("Content-Type", "application/json")], BUSY
        elif fault is Fault.BAD_GATEWAY:
            status, headers, answer = 502, [("Content-Type", "text/html")], PAGE
        elif fault in FORWARDED:
            sent = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            try:
                status, headers, answer = proxy.ask(self.command, self.path, sent, body)
            except (OSError, http.client.HTTPException):
                status, headers, answer = 502, [("Content-Type", "text/html")], PAGE
        if fault in {Fault.STALL_BEFORE, Fault.STALL_AFTER}:
            self._hold()
        if fault in SILENT:
            self._cut()
            return
        self._answer(status, headers, answer, cut=fault is Fault.HALF_ANSWER)

    do_POST = do_GET = do_HEAD = do_DELETE = do_PUT  # noqa: N815  (the names http.server calls)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (http.server's own name)
        """Nothing is logged."""

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes, *, cut: bool) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else b"" if self.command == "HEAD" else body)
        self.wfile.flush()
        if cut:
            self._cut()

    def _hold(self) -> None:
        """Wait until the client hangs up, the test is over or it has been long enough."""
        until = time.monotonic() + STALLED
        self.connection.settimeout(0.05)
        while time.monotonic() < until and not self.server.proxy.ending.is_set():
            try:
                if not self.connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    def _cut(self) -> None:
        """End the connection at once and without a word, as a box that fails does."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
