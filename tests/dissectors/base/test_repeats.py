"""Whatever is exchanged, the facts of a window stand for exactly its exchanges: each with its outcome and its details."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from dissectors.base.conversation import Conversation
from dissectors.base.message import ONE_WAY, REQUEST, RESPONSE, Message
from dissectors.base.pairing import ANSWER_NANOSECONDS
from dissectors.base.repeats import MAX_HELD, REPORTED_IN_FULL
from dissectors.facts import Exchange, Target
from tests.dissectors.captured import bare
from tests.dissectors.harness import MILLISECOND, SECOND, of

MINUTE = 60 * SECOND
Key = tuple[int, str, str]


class Plant:
    """A conversation with its truth: how many exchanges of each operation ended how, in which window."""

    def __init__(self) -> None:
        connection, recorder, self.channel_table = bare()
        self.talk = Conversation("toy", connection, recorder, self.channel_table)
        self.recorder = recorder
        self.recorder.now = MINUTE
        self.window = 1
        self.truth: Counter[Key] = Counter()
        self.tag = 0
        self.open: list[tuple[int, str]] = []

    def pass_time(self, nanoseconds: int) -> None:
        now = self.recorder.now + nanoseconds
        while now >= (self.window + 1) * MINUTE:
            end = (self.window + 1) * MINUTE
            self.recorder.now = end - 1
            self.look()
            self.channel_table.close_window(self.window * MINUTE, end)
            self.window += 1
        self.recorder.now = now
        self.look()

    def look(self) -> None:
        """Let what is overdue be unanswered, here as there."""
        self.talk.pairing.time_out_late(self.recorder.now)
        waits = [one for one in self.open if self.recorder.now - one[0] <= ANSWER_NANOSECONDS]
        for _, name in self.open[: len(self.open) - len(waits)]:
            self.truth[self.window, name, "unanswered"] += 1
        self.open = waits

    def say(self, kind: int, name: str, value: int, error: int = 0, file: str = "") -> None:
        message = Message(kind, name, "write", "1")
        message.tag = self.tag
        message.targets = [Target("point", ord(name[-1]), ord(name[-1]))]
        message.values = [value]
        message.detail = {"number": self.tag, **({"file": file} if file else {})}
        if error:
            message.error, message.error_code = f"error_{error}", error
        self.recorder.frame += 1
        self.talk.take(1 if kind == RESPONSE else 0, message, -1, b"....", 0, 4)

    def step(self, random: Random) -> None:
        self.tag += 1
        name = f"set_{random.choice('ab')}"
        value, file = random.choice(((1, ""), (1, ""), (random.randrange(1000), ""), (1, random.choice("xy"))))
        fate = random.choices(("success", "failure", "unanswered", "one_way"), (8, 2, 1, 2))[0]
        if fate == "one_way":
            self.say(ONE_WAY, name, value, file=file)
        else:
            self.say(REQUEST, name, value, file=file)
        if fate == "unanswered":
            self.open.append((self.recorder.now, name))
            return
        self.truth[self.window, name, fate] += 1
        if fate != "one_way":
            self.say(RESPONSE, name, 0, error=random.choice((1, 1, 2, 3)) if fate == "failure" else 0)

    def finish(self) -> Counter[Key]:
        """End the input; give what the facts stand for."""
        for _, name in self.open:
            self.truth[self.window, name, "unseen"] += 1
        self.talk.pairing.end_unseen()
        self.channel_table.close_window(self.window * MINUTE, (self.window + 1) * MINUTE)
        said: Counter[Key] = Counter()
        for fact in of(self.recorder.facts, Exchange):
            said[fact.time // MINUTE, fact.operation, fact.outcome] += 1 + fact.repeats
        return said


@pytest.mark.parametrize("seed", range(40))
def test_the_facts_of_each_window_and_outcome_sum_up_to_what_was_exchanged(seed: int) -> None:
    random = Random(seed)
    plant = Plant()
    plant.talk.exchanges.numbering = frozenset({"number"})
    for _ in range(random.choice((5, 50, 400))):
        plant.step(random)
        plant.pass_time(random.choice((MILLISECOND, 100 * MILLISECOND, 100 * MILLISECOND, 3 * SECOND, 20 * SECOND)))
    assert plant.finish() == plant.truth
    assert plant.channel_table.waiting == 0


def test_what_differs_in_a_detail_is_another_exchange_and_what_differs_in_a_number_is_not() -> None:
    plant = Plant()
    plant.talk.exchanges.numbering = frozenset({"number"})
    for file in ("x", "x", "y", "x"):
        plant.tag += 1
        plant.say(ONE_WAY, "delete_f", 1, file=file)
    plant.finish()
    assert [(fact.detail["file"], fact.repeats) for fact in of(plant.recorder.facts, Exchange)] == [
        ("x", 0),
        ("x", 0),
        ("y", 0),
        ("x", 0),
    ]


def test_counts_are_told_before_something_else_of_the_channel_so_that_their_order_is_kept() -> None:
    plant = Plant()
    for name in ("set_a", "set_a", "set_a", "set_b"):
        plant.say(ONE_WAY, name, 1)
    assert [(fact.operation, fact.repeats) for fact in of(plant.recorder.facts, Exchange)] == [
        ("set_a", 0),
        ("set_a", 1),
        ("set_b", 0),
    ]


def test_a_command_without_an_answer_is_told_each_time() -> None:
    plant = Plant()
    for _ in range(33):
        plant.tag += 1
        plant.say(REQUEST, "set_a", 1)
    plant.talk.pairing.time_out_all()
    assert [fact.outcome for fact in of(plant.recorder.facts, Exchange)] == ["unanswered"] * 33


def test_beyond_the_first_of_a_window_each_outcome_and_error_keeps_its_count() -> None:
    plant = Plant()
    for number in range(REPORTED_IN_FULL + 100):
        plant.tag += 1
        plant.say(REQUEST, "set_a", number)
        plant.say(RESPONSE, "set_a", 0, error=number % 40)
    plant.finish()
    facts = of(plant.recorder.facts, Exchange)
    assert len(facts) <= REPORTED_IN_FULL + MAX_HELD + 2
    sums: Counter[str] = Counter()
    for fact in facts:
        sums[fact.outcome] += 1 + fact.repeats
    assert sums == {"success": 4, "failure": REPORTED_IN_FULL + 96}
    assert max(float(fact.detail.get("max", 0)) for fact in facts) == float(REPORTED_IN_FULL + 99)


def test_writes_beyond_those_told_in_full_keep_the_ranges_of_their_values() -> None:
    plant = Plant()
    values = [*range(REPORTED_IN_FULL), 500, 700, 501, 900, 600]
    for value in values:
        plant.say(ONE_WAY, "set_a", value)
    plant.finish()
    *full, held = of(plant.recorder.facts, Exchange)
    assert not any(fact.ranges for fact in full)
    assert (held.values, held.repeats) == ((600,), 4)
    assert held.ranges == ((500, 501, 600, 600, 700, 700, 900, 900),)
