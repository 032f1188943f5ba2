from __future__ import annotations

from collections.abc import Sequence
from threading import Barrier

from sensor.elastic.classify import Action, Answer
from sensor.elastic.parallel import WORTH_IT, ParallelRequests
from sensor.store import Waiting


def waiting(count: int) -> list[Waiting]:
    return [Waiting(place=place, stream="logs-spanwatch.alert-a", id=str(place), body=b"{}") for place in range(count)]


class Meeting:
    """Answers only when two requests are there at the same time."""

    def __init__(self) -> None:
        self.barrier = Barrier(2, timeout=20)
        self.sizes: list[int] = []

    def send(self, batch: Sequence[Waiting], created: str) -> list[Answer]:
        self.sizes.append(len(batch))
        self.barrier.wait()
        return [Answer(Action.STORED, reason=document.id) for document in batch]


def test_halves_are_under_way_together_and_answers_stay_with_their_documents() -> None:
    meeting = Meeting()
    sender = ParallelRequests(meeting)
    batch = waiting(101)
    answers = sender.send(batch, "now")
    sender.close()
    assert [answer.reason for answer in answers] == [document.id for document in batch]
    assert sorted(meeting.sizes) == [50, 51]


class Alone:
    def __init__(self) -> None:
        self.sizes: list[int] = []

    def send(self, batch: Sequence[Waiting], created: str) -> list[Answer]:
        self.sizes.append(len(batch))
        return [Answer(Action.STORED)] * len(batch)


def test_a_small_batch_goes_as_one_request() -> None:
    alone = Alone()
    sender = ParallelRequests(alone)
    assert len(sender.send(waiting(WORTH_IT - 1), "now")) == WORTH_IT - 1
    sender.close()
    assert alone.sizes == [WORTH_IT - 1]
