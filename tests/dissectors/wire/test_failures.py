"""A dissector that fails on a message costs its own connection and nothing else, and it is counted and said."""

from __future__ import annotations

from dissectors.base.session import Session
from dissectors.facts import Exchange, Visibility
from dissectors.registry import PROTOCOLS, doors_of
from dissectors.spec import Protocol, tcp
from sensor.worker import Worker
from tests.dissectors.harness import SECOND, Conversation, Packet, feed, health, of, read, run
from tests.dissectors.toys import ToyDissector, ToySession, toy

PORT = 4000
BOMB = ord("!")


class FailingSession(ToySession):
    """Fails on an operation named "!"; in its sweeps once ``late`` is set."""

    late = False

    def message(self, side: int, data: bytes, start: int, end: int) -> None:
        if data[start + 4] == BOMB:
            raise IndexError("words of the packet")
        super().message(side, data, start, end)

    def expire(self, now: int) -> None:
        if FailingSession.late:
            raise KeyError("words of the packet")


class FailingDissector(ToyDissector):
    def session(self, connection, recorder, channel_table) -> Session:  # type: ignore[no-untyped-def]
        return FailingSession(self.name, connection, recorder, channel_table)


def failing_worker() -> Worker:
    protocol = Protocol(name="toy", title="Toy", industrial=False, dissector=FailingDissector(), doors=(tcp(PORT),))
    return Worker(doors_of((*PROTOCOLS, protocol)))


def toys(client: str, *letters: str) -> Conversation:
    talk = Conversation(client=client, server_port=PORT).handshake()
    for tag, letter in enumerate(letters):
        talk.say(0, toy(0, tag, (letter, 1))).say(1, toy(1, tag, (letter, 1)))
    return talk


def test_the_session_that_failed_ends_and_all_others_go_on() -> None:
    packets = toys("10.0.0.5", "A", "!", "B").packets() + toys("10.0.0.6", "C", "D").packets()
    facts = run(packets, failing_worker())
    assert [exchange.operation for exchange in of(facts, Exchange)] == ["toy_A", "toy_C", "toy_D"]
    assert health(facts)["dissector_failures"] == 1


def test_what_is_reported_names_the_place_and_no_words_of_the_packet() -> None:
    facts = run(toys("10.0.0.5", "A", "!").packets(), failing_worker())
    [seen] = [fact for fact in of(facts, Visibility) if "failed" in fact.reason]
    assert "IndexError at " in seen.reason
    assert "test_failures.py:" in seen.reason
    assert "words" not in seen.reason
    assert seen.channel


def test_frames_are_numbered_on_behind_a_failure() -> None:
    packets = toys("10.0.0.5", "!").packets() + toys("10.0.0.6", "C").packets()
    facts = run(packets, failing_worker())
    [exchange] = of(facts, Exchange)
    assert exchange.frame == len(packets)


def test_a_sweep_that_fails_costs_one_flow() -> None:
    FailingSession.late = True
    try:
        asks = Conversation(client="10.0.0.6", server_port=502).handshake().say(0, read(1, 0, 1))
        packets = toys("10.0.0.5", "A").packets() + asks.packets()
        last = packets[-1]
        packets.append(Packet(last.data[:14], last.time + 20 * SECOND))
        facts = run(packets, failing_worker())
    finally:
        FailingSession.late = False
    assert health(facts)["dissector_failures"] >= 1
    assert "unanswered" in {exchange.outcome for exchange in of(facts, Exchange)}


def test_a_session_that_failed_gives_back_what_counts_over_all_connections() -> None:
    talk = Conversation(client="10.0.0.5", server_port=PORT).handshake()
    for tag in range(5):
        talk.say(0, toy(0, tag, ("A", 1)))
    worker = failing_worker()
    feed(worker, talk.packets())
    table = worker.wire.channel_table
    assert (int(table.waiting), int(table.attached)) == (4, 1)
    feed(worker, talk.say(0, toy(0, 9, ("!", 1))).packets()[-1:])
    assert (int(table.waiting), int(table.attached)) == (0, 0)


def test_what_a_failed_packet_came_in_is_not_what_the_next_one_comes_in() -> None:
    worker = failing_worker()
    *before, last = toys("10.0.0.5", "!").packets()[:4]
    feed(worker, before)
    worker.wire.flows.wrapping = "vxlan"
    worker.wire.recorder.other_reading = True
    feed(worker, [last])
    assert health(worker.finish())["dissector_failures"] == 1
    assert worker.wire.flows.wrapping == ""
    assert not worker.wire.recorder.other_reading


def test_nobody_is_asked_again_what_a_failed_connection_speaks() -> None:
    packets = toys("10.0.0.5", "!", *"!" * 20).packets()
    assert health(run(packets, failing_worker()))["dissector_failures"] == 1


def test_health_says_nothing_of_failures_that_were_none() -> None:
    facts = run(toys("10.0.0.5", "A").packets(), failing_worker())
    assert "dissector_failures" not in health(facts)
