"""What an alert says is true of what was seen: sentences of alerts that are raised from bytes."""

from __future__ import annotations

import importlib
import re

import msgspec
import pytest

from dissectors.context import Verdict
from rules.detections.engine import Detections
from sensor.documents.alert import alert_document
from tests.dissectors.harness import Conversation, run
from tests.rules.detections.build import DNP
from tests.rules.detections.test_dangers import alerts_of
from tests.sensor.documents.contexts import ORIGIN

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


def test_a_report_that_the_policy_denies_names_the_outstation_as_the_one_who_speaks() -> None:
    verdict = Verdict(kind="default-deny", missing="rule", client_zone="z-control", server_zone="z-rtu")
    context = msgspec.structs.replace(DNP.ask("unsolicited_response", 1, code="130", verb="report"), verdict=verdict)
    (alert,) = [one for one in Detections({}, "s", "e").see(context) if one.id.startswith("NET-")]
    document = alert_document(ORIGIN, alert)
    speaks, heard = document["source"]["ip"], document["destination"]["ip"]
    assert alert.observed.startswith("z-rtu to z-control: dnp3 unsolicited_response;")
    assert re.match(rf"\S+ \({speaks}\) reached \S+ \({heard}\): ", alert.reason)


@pytest.mark.parametrize(
    ("side", "broken"), [(0, "0002 0000 0003 01 03 00"), (1, "0002 0000 0005 01 03 09 0007")], ids=["client", "server"]
)
def test_a_broken_message_is_of_the_station_that_its_document_calls_the_source(side: int, broken: str) -> None:
    conversation = Conversation(server_port=502).handshake().say(0, READ).say(1, ANSWER)
    if side == 1:
        conversation.say(0, b"\0\2" + READ[2:])
    raised = alerts_of(run(conversation.say(side, bytes.fromhex(broken)).finish().packets()))
    violations = [alert for alert in raised.values() if "violation" in alert.detail]
    assert violations
    for alert in violations:
        assert alert.reason.startswith(alert_document(ORIGIN, alert)["source"]["ip"])
