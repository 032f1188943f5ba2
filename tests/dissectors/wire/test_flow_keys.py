"""What the table of flows promises: nobody outside aims at a chain, no secret shows in the order, what is dropped is ended."""

from __future__ import annotations

from dissectors.base.connection import Connection
from dissectors.wire.flow import OPEN, Flow
from dissectors.wire.flow_table import FORGET_SHARE, MAX_CHAIN, FlowTable, mix
from sensor.worker import Worker
from tests.dissectors.harness import START, SYN, Packet, ethernet, feed, health, ip4, run, tcp


def flow(number: int, last: int = 0, state: int = 0) -> Flow:
    made = Flow(0, number, 0, 1, 5, 6, Connection("tcp", 0, 0))
    made.last = last
    made.state = state
    return made


def test_equal_keys_chain_and_all_gives_flows_in_the_order_they_came() -> None:
    table = FlowTable()
    flows = [flow(number) for number in range(9)]
    for number, one in enumerate(flows):
        assert table.add(one, number % 3) is None
    assert [one.x_low for one in table.all()] == list(range(9))
    assert table.find(1, 0, 4, 0, 1, 5, 6) is flows[4]


def test_the_oldest_of_a_chain_that_is_too_long_is_handed_back_to_be_ended() -> None:
    table = FlowTable()
    given = [table.add(flow(number), 7) for number in range(MAX_CHAIN + 1)]
    assert [one.x_low for one in given if one is not None] == [0]
    assert (int(table.crowded), int(table.count)) == (1, MAX_CHAIN + 1)


def test_flows_nobody_answered_go_before_those_idle_longer() -> None:
    table = FlowTable()
    for number in range(100):
        talks = number < 80
        table.add(flow(number, last=number, state=OPEN if talks else 0), number)
    gone = [one.x_low for one in table.idle_longest()]
    assert gone == list(range(80, 80 + 100 // FORGET_SHARE))


def test_another_secret_gives_other_keys_also_for_addresses_that_were_made_to_be_alike() -> None:
    alike = [(high, high ^ 0x1234) for high in range(1, 400)]
    for secret in (0x1234567890ABCDEF, 0x2FFFFFFFFFFFFFF1):
        assert len({mix(high, low, 0, 9, 5, 6, secret) for high, low in alike}) == len(alike)
    assert mix(0, 1, 0, 2, 3, 6, 1) != mix(0, 1, 0, 2, 3, 6, 0x2FFFFFFFFFFFFFFF)


def syns(count: int) -> list[Packet]:
    return [
        Packet(
            ethernet(
                ip4(tcp(b"", 1024 + number, 502, sequence=1, flags=SYN), 6, f"10.1.{number // 250}.{number % 250}")
            ),
            START + number,
        )
        for number in range(count)
    ]


def test_another_secret_gives_the_same_facts() -> None:
    found = []
    for secret in (0, 0x155555555555, 0x2FFFFFFFFFFFFFFF):
        worker = Worker()
        worker.wire.flows.table.secret = secret
        worker.wire.flows.table.limit = 40
        found.append(run(syns(300), worker))
    assert found[0] == found[1] == found[2]


def test_flows_that_were_ended_do_not_wait_for_the_end_of_the_window() -> None:
    worker = Worker()
    worker.wire.flows.table.limit = 20
    feed(worker, syns(400))
    assert len(worker.wire.flows.touched) <= 2 * 20 + 20
    assert health(worker.finish())["evicted_flows"] > 300
