"""A command whose sender claims to be the other station: told once, at its own severity, by who sent it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from rules.detections.engine import Detections
from tests.rules.detections.build import DNP, Input, feed


def incidents(story: list[Input]) -> dict[str, str]:
    return {
        alert.id: alert.severity
        for alert in feed(Detections({}, "s", "e"), story)
        if alert.id.startswith(("DNP-0", "NET-039"))
    }


@pytest.mark.parametrize(
    ("operation", "code", "usual"), [("cold_restart", "13", "DNP-012"), ("warm_restart", "14", "DNP-013")]
)
def test_a_dangerous_command_keeps_its_severity(operation: str, code: str, usual: str) -> None:
    plain = DNP.ask(operation, 1, code=code, verb="start_stop")
    claimed = DNP.ask(operation, 1, code=code, verb="start_stop", detail={"claims": "outstation"})
    severity = incidents([plain])[usual]
    assert incidents([claimed]) == {"NET-039": severity}


def test_a_read_that_claims_to_be_an_outstations_is_calm() -> None:
    assert incidents([DNP.ask("read", 1, code="1", verb="read", detail={"claims": "outstation"})]) == {"NET-039": "low"}


def test_an_answer_without_a_request_is_no_command() -> None:
    story: list[Input] = [
        DNP.ask("cold_restart", 1, code="13", verb="start_stop", outcome="unmatched", detail={"claims": "master"})
    ]
    assert "NET-039" not in incidents(story)


@pytest.mark.parametrize(
    ("against", "port", "expected"), [(True, 20000, {"NET-039": "low"}), (False, 20000, {}), (True, 45000, {})]
)
def test_a_handshake_from_the_port_of_the_server_is_forged(against: bool, port: int, expected: dict[str, str]) -> None:
    """A device that connects by itself does so from a port of its own."""
    opened = DNP.but(port=port).opened()
    fact = replace(opened.fact, against_handshake=against)
    assert incidents([replace(opened, fact=fact, channel=fact)]) == expected
