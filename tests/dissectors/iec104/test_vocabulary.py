"""What a policy can say of IEC 60870-5-104: a word for everything that messages are called, and groups of them."""

from __future__ import annotations

import pytest

from dissectors.iec104.parse import parse
from dissectors.iec104.table import COMMAND, MONITOR, ROWS
from dissectors.iec104.vocabulary import GROUPS, WORDS
from tests.dissectors.iec104.build import apdu
from tests.dissectors.vectors import vectors_of

BY_NAME = {word.name: word for word in WORDS}


def test_every_message_is_called_by_a_word_of_the_policy() -> None:
    called = {
        message.operation: message
        for vector in vectors_of("iec104")
        if (message := parse(vector.data, 0, len(vector.data))) is not None
    }
    for cause in (8, 10):  # cancelled, ended
        for row in ROWS:
            if row.side == COMMAND:
                data = apdu(row.code, cause, "00" * row.size)
                message = parse(data, 0, len(data))
                called[message.operation] = message
    assert set(called) <= set(BY_NAME)
    for name, message in called.items():
        assert (BY_NAME[name].verb, BY_NAME[name].code) == (message.verb, message.code), name


@pytest.mark.parametrize(("element", "code"), [("81", 45), ("000080", 48), ("0000000080", 50), ("81" + "00" * 7, 58)])
def test_a_selection_is_a_word_of_its_own_and_a_command(element: str, code: int) -> None:
    if code == 58:
        element = "81" + "60ea0c0c1b0b1a"
    data = apdu(code, 6, element, ioa=1)
    message = parse(data, 0, len(data))
    assert message.operation.endswith("_select")
    assert BY_NAME[message.operation].verb == "control"
    assert message.operation in GROUPS["commands"]


def test_whoever_may_command_may_not_change_parameters_or_reset() -> None:
    commands = set(GROUPS["commands"])
    assert {"single_command", "set_point_float_time", "bitstring_command"} <= commands
    assert commands & {"parameter_float", "parameter_activation", "reset_process", "clock_synchronisation"} == set()
    assert {BY_NAME[name].verb for name in commands} <= {"control", "report"}


def test_what_a_station_sends_by_itself_is_judged_as_its_own() -> None:
    assert {word.name for word in WORDS if word.from_server} == set(GROUPS["monitoring"])
    assert {row.name for row in ROWS if row.side == MONITOR} < set(GROUPS["monitoring"])


def test_the_groups_share_no_word_but_the_end_of_commands() -> None:
    monitoring, commands, files = (set(GROUPS[name]) for name in ("monitoring", "commands", "files"))
    assert all(name.endswith("_terminated") for name in monitoring & commands)
    assert files & (monitoring | commands) == set()


def test_a_command_without_its_object_matches_no_list_of_objects() -> None:
    assert BY_NAME["single_command"].needs_object and BY_NAME["set_point_scaled"].needs_object
    assert not BY_NAME["interrogation"].needs_object and BY_NAME["interrogation"].objects == ()


def test_housekeeping_is_judged_with_its_conversation_and_stopping_the_transfer_is_not() -> None:
    assert {word.name for word in WORDS if word.transport} == {"start_transfer", "test_frame", "acknowledge"}
