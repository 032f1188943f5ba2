"""What is one operation and what another, also when a table is full."""

from __future__ import annotations

from dissectors.base.channel import MAX_OPERATIONS
from dissectors.base.conversation import Conversation
from dissectors.base.message import ONE_WAY, Message
from dissectors.facts import Exchange, Target
from tests.dissectors.captured import bare
from tests.dissectors.harness import of


def made() -> Conversation:
    connection, recorder, channel_table = bare()
    return Conversation("toy", connection, recorder, channel_table)


def say(talk: Conversation, name: str, verb: str, *points: int) -> None:
    message = Message(ONE_WAY, name, verb, name)
    message.targets = [Target("point", point, point) for point in points]
    talk.take(0, message, -1, b"....", 0, 4)


def test_operations_that_differ_in_a_target_behind_the_cut_of_their_label_are_told_apart() -> None:
    talk = made()
    say(talk, "set", "write", 1, 2, 3, 4, 5)
    say(talk, "set", "write", 1, 2, 3, 4, 6)
    facts = of(talk.recorder.facts, Exchange)
    assert [fact.targets[-1].first for fact in facts] == [5, 6]
    assert facts[0].label == facts[1].label


def test_a_command_behind_a_flood_of_operations_keeps_its_name() -> None:
    talk = made()
    for number in range(MAX_OPERATIONS):
        say(talk, f"read_{number}", "read", number)
    for number in range(300):
        say(talk, f"unknown_{number}", "unknown")
    say(talk, "stop", "start_stop")
    say(talk, "restart", "start_stop")
    assert [fact.operation for fact in of(talk.recorder.facts, Exchange)][-2:] == ["stop", "restart"]
    assert len(talk.units.current().operations) == MAX_OPERATIONS + 3
