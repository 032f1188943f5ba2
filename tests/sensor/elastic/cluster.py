"""A scripted cluster: an HTTP server whose answers a test decides, and which remembers what it was sent."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import msgspec

PRODUCT = {"X-Elastic-Product": "Elasticsearch"}


class Reply(msgspec.Struct, kw_only=True):
    """One answer: ``cut`` ends the connection after so many bytes of the body, ``drop`` before anything; ``drip`` seconds lie
    between two bytes of it, each of which is a chunk of its own when it is ``chunked``."""

    status: int = 200
    body: Any = msgspec.field(default_factory=dict)
    headers: dict[str, str] = msgspec.field(default_factory=PRODUCT.copy)
    kind: str = "application/json"
    cut: int = -1
    drop: bool = False
    seconds: float = 0.0
    drip: float = 0.0
    chunked: bool = False

    @property
    def payload(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Call(msgspec.Struct):
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def pairs(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Actions and documents of a bulk request."""
        lines = [json.loads(line) for line in self.body.splitlines()]
        return [(action["create"], document) for action, document in zip(lines[::2], lines[1::2], strict=True)]


Answer = Callable[[Call], Reply]


def item(status: int, kind: str = "", reason: str = "", **more: Any) -> dict[str, Any]:
    """Return one item of a bulk answer."""
    error = {"error": {"type": kind, "reason": reason}} if kind else {}
    return {"create": {"status": status, **error, **more}}


def items(*answers: dict[str, Any]) -> Reply:
    """Return a bulk answer with these items."""
    return Reply(body={"errors": any(each["create"]["status"] >= 300 for each in answers), "items": list(answers)})


def stored(call: Call) -> Reply:
    """Take every document."""
    return items(*(item(201) for _ in call.pairs))


class Cluster:
    """Answers bulk requests with ``script`` in turn, then with ``always``; ``routes`` answer other paths by prefix."""

    def __init__(self, *script: Reply | Answer, always: Answer = stored, tls: ssl.SSLContext | None = None) -> None:
        self.script = list(script)
        self.always = always
        self.routes: dict[str, Reply | Answer] = {}
        self.calls: list[Call] = []
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self) -> None:
                # Clients of these tests hang up, and refuse certificates, on purpose.
                with contextlib.suppress(OSError):
                    super().handle()

            def handle_any(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                names = {name.lower(): value for name, value in self.headers.items()}
                call = Call(self.command, self.path, names, self.rfile.read(length))
                cluster.calls.append(call)
                cluster.reply(self, call)

            do_GET = do_PUT = do_POST = do_HEAD = handle_any  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            # The handshake belongs to the connection's own thread: a bad one must not stop the server.
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def bulks(self) -> list[Call]:
        return [call for call in self.calls if call.path.startswith("/_bulk")]

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [document for call in self.bulks for _, document in call.pairs]

    def reply(self, handler: BaseHTTPRequestHandler, call: Call) -> None:
        chosen: Reply | Answer
        if call.path.startswith("/_bulk"):
            chosen = self.script.pop(0) if self.script else self.always
        else:
            fitting = [prefix for prefix in self.routes if f"{call.method} {call.path}".startswith(prefix)]
            chosen = self.routes[max(fitting, key=len)] if fitting else Reply(status=405)
        answer = chosen if isinstance(chosen, Reply) else chosen(call)
        if answer.seconds:
            threading.Event().wait(answer.seconds)
        handler.close_connection = answer.drop or answer.cut >= 0
        if answer.drop:
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        handler.send_response(answer.status)
        for name, value in {"content-type": answer.kind, **answer.headers}.items():
            handler.send_header(name, value)
        if answer.chunked:
            handler.send_header("transfer-encoding", "chunked")
        else:
            handler.send_header("content-length", str(len(answer.payload)))
        handler.end_headers()
        if answer.drip:
            for byte in answer.payload:
                handler.wfile.write(b"1\r\n%c\r\n" % byte if answer.chunked else bytes([byte]))
                threading.Event().wait(answer.drip)
            return
        handler.wfile.write(answer.payload[: answer.cut] if answer.cut >= 0 else answer.payload)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def cluster_of(
    *script: Reply | Answer, always: Answer = stored, tls: ssl.SSLContext | None = None
) -> Iterator[Cluster]:
    with Cluster(*script, always=always, tls=tls) as cluster:
        yield cluster
