"""The previews in a real browser, made from documents that attack whoever looks at them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.tools.dashboards.browser import chromium, run
from tests.tools.dashboards.hostile import ATTACKS, PLACE, results
from tools.dashboards.load import content
from tools.dashboards.page import page
from tools.dashboards.query import Span

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not chromium(), reason="no Chromium: install the package chromium"),
]

CONTENT = content()
SPAN = Span(1_795_357_940_000, 1_795_358_650_000)


class Listener:
    """Whom the attacks call; notes every request."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        paths = self.paths

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                paths.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.attacks = tuple(
            attack.replace(PLACE, f"http://127.0.0.1:{self.server.server_port}/") for attack in ATTACKS
        )


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def opened(path: Path, text: str) -> str:
    """The document as the browser has it a moment after it has loaded ``text``."""
    path.write_text(text, encoding="utf-8")
    return run("--virtual-time-budget=3000", "--dump-dom", path.as_uri())


@pytest.mark.parametrize("dashboard", CONTENT.dashboards, ids=lambda dashboard: dashboard.id)
def test_hostile_documents_run_nothing_and_call_nobody(dashboard, listener: Listener, tmp_path: Path) -> None:
    text = page(dashboard, CONTENT, results(dashboard, CONTENT, SPAN, listener.attacks), SPAN)
    # Without its policy, too: the escapes alone must hold.
    bare = text.replace("Content-Security-Policy", "X-Nothing", 1)
    assert bare != text
    for name, shown in (("policy.html", text), ("bare.html", bare)):
        document = opened(tmp_path / name, shown)
        assert f"<title>Spanwatch: {dashboard.title}</title>" in document
        for element in ("<script", "<img", "<iframe", "<link", "<image"):
            assert element not in document
    assert listener.paths == []


def test_the_policy_of_the_page_stops_what_an_escape_would_miss(listener: Listener, tmp_path: Path) -> None:
    dashboard = CONTENT.dashboards[0]
    text = page(dashboard, CONTENT, {}, SPAN)
    unsafe = text.replace(
        "</main>", "".join(attack for attack in listener.attacks if "refresh" not in attack) + "</main>"
    )
    document = opened(tmp_path / "unsafe.html", unsafe)
    assert "<img" in document
    assert "<title>owned" not in document
    assert listener.paths == []


def test_the_attacks_are_real(listener: Listener, tmp_path: Path) -> None:
    document = opened(
        tmp_path / "open.html", "<!DOCTYPE html><title>safe</title><body>" + "".join(listener.attacks[:2])
    )
    assert "<title>owned</title>" in document
    assert {"/script", "/image"} <= set(listener.paths)
