"""Promises about what an alert takes from a fact and its surroundings."""

from __future__ import annotations

import pytest

from rules.detections.catalogue import CATALOGUE
from rules.detections.subject.context import context_subject
from tests.rules.detections.build import MB


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        ("illegal_function", True),
        ("gateway_path_unavailable", True),
        ("acknowledge", False),
        ("gateway_target_failed", False),
        ("server_device_failure", False),
    ],
)
def test_an_error_that_leaves_open_what_was_done_is_no_refusal(error: str, refused: bool) -> None:
    context = MB.ask("write_single_register", 1.0, verb="write", error=error)
    (entry,) = (entry for entry in CATALOGUE if entry.id == "MB-008")
    assert context_subject(entry, context).refused is refused
