"""Ports propose, first bytes narrow down, and no table of names repeats a declaration."""

from __future__ import annotations

import pytest

from dissectors.facts import Violation
from dissectors.registry import DOORS, PROTOCOLS, doors_of
from dissectors.spec import Protocol, ethertype, tcp, udp
from dissectors.wire.doors import Doors
from dissectors.wire.service import ETHERTYPES, PORTS
from tests.dissectors.harness import Conversation, channels, of, run
from tests.dissectors.toys import ToyDissector, toy, worker_with


def test_the_port_of_every_declaration_leads_to_its_dissector() -> None:
    for protocol in PROTOCOLS:
        for door in protocol.doors:
            if door.kind in {"tcp", "udp"}:
                assert DOORS.is_declared(door.kind, door.number)
                assert DOORS.leads(door.kind, door.number, protocol.dissector) is not door.encrypted


def test_a_door_of_tls_proposes_nobody() -> None:
    doors = doors_of([Protocol(name="toy", title="Toy", dissector=ToyDissector(), doors=(tcp(4000, encrypted=True),))])
    assert doors.owner("tcp", 4000) is None
    assert doors.is_declared("tcp", 4000)


def test_only_those_whose_messages_may_begin_so_are_asked() -> None:
    named = {dissector.name for dissector in DOORS.candidates(b"\x05", 0, 1)}
    assert "dnp3" in named
    assert "s7comm" not in named
    assert DOORS.candidates(b"", 0, 0) == DOORS.dissectors


def test_two_protocols_cannot_claim_one_ethertype() -> None:
    doors = Doors()
    doors.add_frame(0x9A9A, ToyDissector())
    with pytest.raises(ValueError, match="0x9a9a"):
        doors.add_frame(0x9A9A, ToyDissector())


def test_no_table_of_names_repeats_a_declaration() -> None:
    declared = {door.name for protocol in PROTOCOLS for door in protocol.doors}
    assert not declared & set(PORTS)
    assert not declared & {ethertype(number).name for number in ETHERTYPES}


def test_the_port_of_a_new_protocol_proposes_it() -> None:
    talk = Conversation(server_port=4000).handshake().say(0, toy(0, 1, ("A", 1))).say(1, toy(1, 1, ("A", 1))).finish()
    facts = run(talk.packets(), worker_with(tcp(4000)))
    assert [channel.server.port for channel in channels(facts, "toy")] == [4000]


def test_foreign_bytes_on_a_declared_port_are_a_violation_of_its_protocol() -> None:
    talk = Conversation(server_port=4000).handshake().say(0, b"GET / HTTP/1.0\r\n\r\n").finish()
    assert [fact.name for fact in of(run(talk.packets(), worker_with(tcp(4000), udp(4000))), Violation)] == ["not_toy"]
