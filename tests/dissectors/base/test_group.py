"""Questions to everybody, and answers from addresses of their own."""

from __future__ import annotations

from dissectors.base.connection import Connection
from dissectors.base.group import GROUP_SECONDS, MAX_ASKED, GroupRequests
from dissectors.base.message import REPORT, REQUEST, RESPONSE
from dissectors.facts import AnyFact, Exchange, Sighting
from dissectors.spec import udp
from tests.dissectors.harness import MILLISECOND, SECOND, START, Packet, channels, ethernet, ip4, of, run, states, total
from tests.dissectors.harness import udp as datagram
from tests.dissectors.toys import toy, worker_with

PORT = 47_000
BROADCAST = "ff:ff:ff:ff:ff:ff"
MULTICAST = "01:00:5e:00:00:09"
ASKER, ONE, TWO = "10.0.0.5", "10.0.0.21", "10.0.0.22"


def sent(payload: bytes, source: str, target: str, to_mac: str = BROADCAST, time: int = START) -> Packet:
    mac = f"02:00:00:00:00:{int(source.rsplit('.', 1)[1]):02x}"
    return Packet(ethernet(ip4(datagram(payload, PORT, PORT), 17, source, target), 0x0800, mac, to_mac), time)


def asked_and_answered(delay: int = MILLISECOND) -> list[AnyFact]:
    answer = toy(RESPONSE, 1, ("A", 7))
    packets = [sent(toy(REQUEST, 1, ("A", 7)), ASKER, "10.0.0.255")]
    for number, device in enumerate((ONE, TWO), 1):
        packets.append(sent(answer, device, ASKER, "02:00:00:00:00:05", START + number * delay))
    return run(packets, worker_with(udp(PORT, group=BROADCAST)))


def test_the_sender_of_a_datagram_to_a_group_is_its_client_and_nobody_is_missed() -> None:
    packets = [
        sent(toy(REPORT, 1, ("a", 7)), ASKER, "239.1.2.9", MULTICAST, START + n * SECOND) for n in range(0, 90, 9)
    ]
    facts = run(packets, worker_with(udp(PORT)))
    (channel,) = channels(facts, "toy")
    assert (channel.client.ip, channel.server.ip, channel.visibility) == (ASKER, "239.1.2.9", "complete")
    assert states(facts) == []
    assert total(facts, "reports") == 10
    named = [fact for fact in of(facts, Sighting) if fact.attribute == "name"]
    assert [(fact.ip, fact.value) for fact in named] == [(ASKER, "station-7")]


def test_a_request_to_everybody_is_one_way_and_never_unanswered() -> None:
    facts = run([sent(toy(REQUEST, 1, ("A", 7)), ASKER, "10.0.0.255")], worker_with(udp(PORT)))
    assert [fact.outcome for fact in of(facts, Exchange)] == ["one_way"]
    assert total(facts, "unanswered") == 0


def test_answers_from_other_addresses_than_the_asked_one_are_matched() -> None:
    facts = asked_and_answered()
    answers = [fact for fact in of(facts, Exchange) if fact.outcome == "success"]
    assert [fact.latency for fact in answers] == [MILLISECOND, 2 * MILLISECOND]
    assert {fact.request_frame for fact in answers} == {1}
    assert {channel.server.ip for channel in channels(facts, "toy")} == {"10.0.0.255", ONE, TWO}
    assert {channel.client.ip for channel in channels(facts, "toy")} == {ASKER}
    assert total(facts, "unmatched") == 0


def test_an_answer_that_comes_too_late_is_unmatched() -> None:
    facts = asked_and_answered((GROUP_SECONDS + 1) * SECOND)
    assert [fact.outcome for fact in of(facts, Exchange)] == ["one_way", "unmatched", "unmatched"]


def test_the_oldest_request_goes_when_there_are_too_many() -> None:
    requests = GroupRequests()
    connection = Connection("udp", 0, 0)
    for tag in range(MAX_ASKED + 3):
        requests.ask("toy", connection, tag, 0, 1)
    assert len(requests.asked) == MAX_ASKED
    assert requests.evicted == 3
    assert requests.find("toy", connection, 0, 0) is None
    assert requests.find("toy", connection, MAX_ASKED, 0) is not None
