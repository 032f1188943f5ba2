"""One message may carry several operations: each is counted, paired and reported for itself."""

from __future__ import annotations

from dissectors.base.message import REQUEST, RESPONSE
from dissectors.facts import Exchange, OperationFirst, TransitionFirst
from dissectors.spec import tcp
from tests.dissectors.harness import Conversation, of, run, total
from tests.dissectors.toys import parse, toy, worker_with

PORT = 4000


def test_every_operation_of_a_message_is_paired_with_its_own_answer() -> None:
    talk = Conversation(server_port=PORT).handshake()
    talk.say(0, toy(REQUEST, 1, ("A", 1), ("B", 2), ("c", 3))).say(1, toy(RESPONSE, 1, ("A", 11), ("B", 12), ("c", 13)))
    facts = run(talk.finish().packets(), worker_with(tcp(PORT)))
    assert [fact.operation for fact in of(facts, OperationFirst)] == ["toy_A", "toy_B", "toy_c"]
    exchanges = [(fact.operation, fact.values, fact.answers, fact.outcome) for fact in of(facts, Exchange)]
    assert exchanges == [
        ("toy_A", (1,), (11,), "success"),
        ("toy_B", (2,), (12,), "success"),
        ("toy_c", (3,), (13,), "success"),
    ]
    assert [fact.label for fact in of(facts, TransitionFirst)] == ["toy_B B:1", "toy_c c:2"]
    assert (total(facts, "requests"), total(facts, "responses"), total(facts, "unanswered")) == (3, 3, 0)


def test_an_operation_left_out_of_the_answer_is_unanswered() -> None:
    talk = Conversation(server_port=PORT).handshake()
    talk.say(0, toy(REQUEST, 1, ("A", 1), ("B", 2))).say(1, toy(RESPONSE, 1, ("A", 11))).pause(30_000_000_000)
    facts = run(talk.finish().packets(), worker_with(tcp(PORT)))
    assert {fact.operation: fact.outcome for fact in of(facts, Exchange)} == {"toy_A": "success", "toy_B": "unanswered"}


def test_the_parts_belong_to_what_the_bytes_decided() -> None:
    one, other = toy(REQUEST, 1, ("A", 1), ("B", 2)), toy(REQUEST, 1, ("A", 1), ("B", 3))
    first, second = parse(one, 0, len(one)), parse(other, 0, len(other))
    assert first is not None
    assert second is not None
    assert first.as_tuple() != second.as_tuple()
