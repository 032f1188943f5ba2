"""What the table of flows promises: nobody outside aims at a chain, no secret shows in the order, what is dropped is ended."""

from __future__ import annotations

from dissectors.base.connection import Connection
from dissectors.facts import ChannelOpened, ChannelWindow
from dissectors.wire.flow import OPEN, Flow
from dissectors.wire.flow_table import FORGET_SHARE, MAX_CHAIN, NEAR, FlowTable, mix
from dissectors.wire.link import PLACE_SHIFT
from sensor.worker import Worker
from tests.dissectors.harness import (
    IP4,
    SECOND,
    START,
    SYN,
    Packet,
    ethernet,
    feed,
    health,
    ip4,
    of,
    run,
    tcp,
    vlan,
)


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
    gone = [one.x_low for one in table.idle_longest(SECOND * 10)]
    assert gone == list(range(80, 80 + 100 // FORGET_SHARE))


def test_another_secret_gives_other_keys_also_for_addresses_that_were_made_to_be_alike() -> None:
    alike = [(high, high ^ 0x1234) for high in range(1, 400)]
    for secret in (0x1234567890ABCDEF, 0x2FFFFFFFFFFFFFF1):
        assert len({mix(high, low, 0, 9, 5, 6, secret) for high, low in alike}) == len(alike)
    assert mix(0, 1, 0, 2, 3, 6, 1) != mix(0, 1, 0, 2, 3, 6, 0x2FFFFFFFFFFFFFFF)


def test_a_key_leaves_out_the_place_and_holds_the_tunnel() -> None:
    key = mix(0, 1, 0, 2, 3, 6, 7)
    assert mix(0, 1, 0, 2, 3, 6 | (20 << PLACE_SHIFT), 7) == key
    assert len({mix(0, 1, 0, 2, 3 | (number << 32) | (number << 48), 6, 7) for number in range(1000)}) == 1000


def test_one_pair_of_ends_at_very_many_places_keeps_the_newest_and_reports_all() -> None:
    places = MAX_CHAIN + 6
    packets = []
    for at in range(places):
        segment = ip4(tcp(b"", 1024, 502, sequence=at * 100_000, flags=SYN), 6, "10.1.0.1")
        macs = f"00:80:f4:00:01:{at:02x}", f"00:80:f4:00:02:{at:02x}"
        packets.append(Packet(ethernet(vlan(segment, IP4, 100 + at), 0x8100, *macs), START + at))
    worker = Worker()
    facts = run(packets, worker)
    assert int(worker.wire.flows.table.count) == MAX_CHAIN
    assert health(facts)["evicted_flows"] == 6
    assert {channel.vlan for channel in of(facts, ChannelOpened)} == {100 + at for at in range(places)}
    assert sum(window.packets_client for window in of(facts, ChannelWindow)) == places


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


def test_a_flow_that_was_found_a_moment_ago_and_is_forgotten_is_not_found_again() -> None:
    table = FlowTable()
    first, alike = flow(1), flow(1 + NEAR)
    table.add(first, 5)
    table.add(alike, 5 + NEAR)
    for _ in range(2):
        assert table.find(5, 0, 1, 0, 1, 5, 6) is first
        assert table.find(5 + NEAR, 0, 1 + NEAR, 0, 1, 5, 6) is alike
    assert table.find(5, 0, 1, 0, 1, 5, 6) is first
    table.remove(first)
    assert table.find(5, 0, 1, 0, 1, 5, 6) is None
    assert table.find(5 + NEAR, 0, 1 + NEAR, 0, 1, 5, 6) is alike


def test_a_connection_that_waits_for_its_answer_since_a_moment_outlives_idle_ones() -> None:
    table = FlowTable()
    now = 100 * SECOND
    for number in range(100):
        waits = number >= 95
        table.add(flow(number, last=now - number if waits else number, state=0 if waits else OPEN), number)
    assert [one.x_low for one in table.idle_longest(now)] == list(range(100 // FORGET_SHARE))
