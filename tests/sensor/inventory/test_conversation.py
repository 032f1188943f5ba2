"""What proves that there is a device behind a gateway, and what does not."""

from __future__ import annotations

import msgspec
import pytest

from sensor.inventory import Conversation
from tests.sensor.build import exchange, opened, window


@pytest.mark.parametrize(
    ("outcome", "error", "proves"),
    [
        ("success", "", True),
        ("late", "", True),
        ("failure", "illegal_data_address", True),
        ("failure", "gateway_target_failed", False),
        ("failure", "gateway_path_unavailable", False),
        ("late", "gateway_target_failed", False),
        ("unanswered", "", False),
        ("unseen", "", False),
        ("one_way", "", False),
    ],
)
def test_an_answer_proves_the_device_but_not_what_the_gateway_says_for_it(
    outcome: str, error: str, proves: bool
) -> None:
    talk = Conversation(opened(unit="2"))
    fact = msgspec.structs.replace(exchange(talk.fact), outcome=outcome, error=error)
    assert talk.is_answer(fact) is proves


@pytest.mark.parametrize(
    ("responses", "failures", "reports", "proves"),
    [(3, 2, 0, True), (2, 2, 0, False), (0, 0, 0, False), (0, 0, 1, True)],
)
def test_a_window_proves_the_device_by_what_was_not_refused(
    responses: int, failures: int, reports: int, proves: bool
) -> None:
    talk = Conversation(opened(unit="2"))
    fact = msgspec.structs.replace(window(talk.fact, at=60), responses=responses, failures=failures, reports=reports)
    assert talk.is_answer(fact) is proves


def test_what_is_known_or_comes_in_a_tunnel_or_has_no_unit_proves_nothing_more() -> None:
    channel = opened(unit="2")
    inside = Conversation(msgspec.structs.replace(channel, tunnel="vxlan 7 10.0.0.5 > 10.0.0.6"))
    assert not inside.is_answer(exchange(channel))
    assert not Conversation(opened(unit="")).is_answer(exchange(channel))
    talk = Conversation(channel)
    talk.has_answered = True
    assert not talk.is_answer(exchange(channel))
    talk.forget_ends()
    assert talk.is_answer(exchange(channel))
