"""What an alert says is true of what was seen: sentences of alerts that are raised from bytes."""

from __future__ import annotations

import importlib

import pytest

from tests.dissectors.harness import Conversation, run
from tests.rules.detections.test_dangers import alerts_of

READ = bytes.fromhex("0001 0000 0006 01 03 0000 0001")
ANSWER = bytes.fromhex("0001 0000 0005 01 03 02 0007")


def test_an_answer_before_its_question_is_called_one_for_which_none_was_seen_yet() -> None:
    conversation = Conversation(server_port=502).handshake().say(0, READ).say(1, ANSWER).say(1, ANSWER).say(0, READ)
    alert = alerts_of(run(conversation.finish().packets()))["MB-025"]
    assert alert.reason.endswith(" an answer for which no open request was seen.")
    assert "before it the capture holds no request for it that was still open." in alert.observed


@pytest.mark.parametrize(("folder", "identifier"), [("s7", "S7-040"), ("dnp3", "DNP-037")])
def test_no_alert_says_of_an_answer_that_nothing_was_asked(folder: str, identifier: str) -> None:
    from rules.detections.catalogue import CATALOGUE

    assert importlib.import_module(f"dissectors.{folder}.dangers")
    (entry,) = [one for one in CATALOGUE if one.id == identifier]
    assert "although" not in entry.explanation.reason and " was seen" in entry.explanation.reason
