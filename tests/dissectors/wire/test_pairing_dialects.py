"""How devices and links in the field pair: retries, one number for all, another unit, units behind a gateway, the end of the input."""

from __future__ import annotations

from collections import Counter

from dissectors.facts import ChannelWindow, Exchange, Violation
from tests.dissectors.harness import (
    MILLISECOND,
    SECOND,
    Conversation,
    channels,
    counted,
    of,
    read,
    refused,
    registers,
    run,
    total,
    write,
)

LOST = ("unanswered", "unmatched", "late")


def sums(facts: list[object]) -> dict[str, int]:
    result: Counter[str] = Counter()
    for fact in of(facts, Exchange):  # type: ignore[arg-type]
        result[fact.outcome] += 1 + fact.repeats
    return dict(result)


def test_a_request_sent_twice_and_answered_twice_is_two_exchanges() -> None:
    it = Conversation().handshake()
    it.say(0, write(7, 5, 1)).say(0, write(7, 5, 1)).say(1, write(7, 5, 1)).say(1, write(7, 5, 1))
    facts = run(it.packets())
    assert sums(facts) == {"success": 2}
    assert [total(facts, name) for name in LOST] == [0, 0, 0]


def test_a_client_with_one_number_for_all_is_answered_in_order() -> None:
    it = Conversation().handshake()
    for turn in range(5):
        it.say(0, read(0, 0, 1)).say(0, read(0, 10, 3)).say(0, write(0, 5, turn))
        it.say(1, registers(0, 1)).say(1, registers(0, 1, 2, 3)).say(1, write(0, 5, turn))
    facts = run(it.packets())
    assert not of(facts, Violation)
    assert [total(facts, name) for name in LOST] == [0, 0, 0]
    assert [fact.values for fact in of(facts, Exchange)] == [(turn,) for turn in range(5)]


def test_an_answer_lost_in_such_a_row_costs_only_its_own_request() -> None:
    it = Conversation().handshake()
    for count in (1, 2, 3, 4):
        it.say(0, read(0, 0, count))
    for count in (1, 3, 4):
        it.say(1, registers(0, *range(count)))
    facts = run(it.packets())
    assert not of(facts, Violation)
    assert (total(facts, "responses"), total(facts, "unmatched")) == (3, 0)


def test_a_device_that_answers_as_another_unit_is_remarked_once_and_paired() -> None:
    it = Conversation().handshake()
    for number in range(10):
        it.say(0, read(number, 0, 1)).say(1, registers(number, number, unit=0))
        it.say(0, write(100 + number, 5, number)).say(1, write(100 + number, 5, number, unit=0))
    facts = run(it.packets())
    assert [fact.name for fact in of(facts, Violation)] == ["answer_unit"]
    assert [channel.unit for channel in channels(facts, "modbus")] == ["1"]
    assert sums(facts) == {"success": 10}
    assert [total(facts, name) for name in ("responses", *LOST)] == [20, 0, 0, 0]
    assert total(facts, "value_changes") == 9


def test_units_behind_a_gateway_carry_the_packets_of_their_own_messages() -> None:
    it = Conversation().handshake()
    number = 0
    for turn in range(8):
        for unit in (1, 2, 3):
            for _ in range(unit if turn else 1):
                number += 1
                it.say(0, read(number, 0, 1, unit=unit)).say(1, registers(number, 1, unit=unit))
    facts = run(it.packets())
    units = {channel.channel: channel.unit for channel in channels(facts, "modbus")}
    rows = {units[name]: row for name, row in counted(facts).items() if name in units}
    for unit in ("1", "2", "3"):
        assert rows[unit]["packets_server"] - (unit == "1") == rows[unit]["responses"]
    assert sum(row["packets_client"] for row in rows.values()) == number + 2
    assert sum(row["packets_server"] for row in rows.values()) == number + 1


def test_pipelined_answers_of_units_are_counted_with_their_units() -> None:
    it = Conversation().handshake()
    for turn in range(4):
        for unit in (1, 2, 3):
            it.say(0, read(10 * turn + unit, 0, 1, unit=unit))
        for unit in (3, 1, 2):
            it.say(1, registers(10 * turn + unit, 1, unit=unit))
    facts = run(it.packets())
    units = {channel.channel: channel.unit for channel in channels(facts, "modbus")}
    rows = {units[name]: row for name, row in counted(facts).items() if name in units}
    assert {unit: (row["packets_server"], row["responses"]) for unit, row in rows.items()} == {
        "1": (5, 4),
        "2": (4, 4),
        "3": (4, 4),
    }


def test_a_command_as_the_last_packet_is_told_and_nobody_says_that_its_answer_is_missing() -> None:
    it = Conversation().handshake().say(0, read(1, 0, 1)).say(0, write(2, 5, 7))
    facts = run(it.packets())
    assert [(fact.outcome, fact.values) for fact in of(facts, Exchange)] == [("unseen", (7,))]
    assert [total(facts, name) for name in LOST] == [0, 0, 0]


def test_a_slow_link_is_learned_from_its_first_late_answer() -> None:
    it = Conversation(step=0).handshake()
    for number in range(10):
        it.say(0, read(number, 0, 1)).pause(12 * SECOND).say(1, registers(number, 1)).pause(20 * SECOND)
    facts = run(it.packets())
    assert [total(facts, name) for name in LOST] == [1, 0, 1]


def test_what_falls_due_in_a_minute_is_counted_in_it_and_told_before_it_ends() -> None:
    it = Conversation(step=0).handshake().pause(45 * SECOND).say(0, write(1, 5, 7)).pause(30 * SECOND)
    it.say(0, read(2, 0, 1)).say(1, registers(2, 1))
    facts = run(it.packets())
    (lost,) = of(facts, Exchange)
    (window,) = [one for one in of(facts, ChannelWindow) if one.unanswered]
    assert lost.outcome == "unanswered"
    assert window.start <= lost.time < window.end


def test_a_refusal_that_repeats_is_told_with_its_number_before_the_window_ends() -> None:
    it = Conversation(step=MILLISECOND).handshake()
    for number in range(30):
        it.say(0, read(number, 0, 1)).say(1, refused(number, 3, 11))
    facts = run(it.packets())
    assert [(fact.outcome, fact.repeats) for fact in of(facts, Exchange)] == [("failure", 0), ("failure", 28)]


def asdu(number: int, cause: int, address: int) -> bytes:
    """An interrogation of IEC 60870-5-104 with this cause and common address."""
    return (
        bytes((0x68, 14, number << 1, 0, 0, 0, 100, 1, cause, 0)) + address.to_bytes(2, "little") + bytes((0, 0, 0, 20))
    )


def test_a_command_to_all_stations_is_answered_by_each_with_its_own_address() -> None:
    it = Conversation(server_port=2404).handshake()
    it.say(0, asdu(0, 6, 0xFFFF)).say(1, asdu(0, 7, 1)).say(1, asdu(1, 7, 2)).say(1, asdu(2, 7, 3))
    facts = run(it.packets())
    assert [total(facts, name) for name in LOST] == [0, 0, 0]
    assert {fact.outcome for fact in of(facts, Exchange)} <= {"success", "one_way"}
