"""What a baseline knows of the stations: members only, per server, protocol and unit."""

from __future__ import annotations

from dissectors.facts import Target
from models.identity import Conversation
from models.novelty.state import LearnedConversation, LearnedOperation
from sensor.pipeline.learned_stations import LearnedStations
from tests.sensor.build import HMI, PLC, opened

OTHER = ("02:00:00:00:00:66", "10.0.0.66")


def operation(label: str, verb: str = "read", standing: str = "learned", *targets: Target) -> LearnedOperation:
    return LearnedOperation(
        label=label, verb=verb, operation=label.split(maxsplit=1)[0], code="", targets=targets, standing=standing, first=1,
        last=2, source="a.pcap", frame=1,
    )  # fmt: skip


def learned(
    client: str, *operations: LearnedOperation, unit: str = "1", standing: str = "learned", protocol: str = "modbus"
) -> LearnedConversation:
    return LearnedConversation(
        conversation=Conversation(client, PLC[1], protocol, unit), standing=standing, first=1, last=2, source="a.pcap", frame=1,
        operations=operations,
    )  # fmt: skip


KNOWN = LearnedStations(
    [
        learned(
            HMI[1], operation("read_coils coil:0-7"), operation("write_single_register holding_register:100", "write")
        ),
        learned(OTHER[1], operation("write_single_coil coil:0", "write", "unapproved"), standing="rare"),
        learned(
            HMI[1],
            operation("request_download", "program", "policy", Target("DB", 3, 3)),
            protocol="s7comm",
            unit="0/2",
        ),
        learned(HMI[1], operation("read_var", "read", "learned", Target("DB20", 0, 7)), protocol="s7comm", unit="0/2"),
    ]
)


def test_a_station_does_what_it_was_learned_to_do_at_that_unit() -> None:
    assert KNOWN.does(opened(), "read_coils coil:0-7")
    assert not KNOWN.does(opened(), "read_coils coil:0-8")
    assert not KNOWN.does(opened(unit="2"), "read_coils coil:0-7")
    assert not KNOWN.does(opened(OTHER), "read_coils coil:0-7")


def test_what_nobody_approved_is_not_known_and_makes_nobody_a_writer() -> None:
    assert not KNOWN.does(opened(OTHER), "write_single_coil coil:0")
    assert KNOWN.doers(opened(OTHER), frozenset({"write"})) == (HMI[1],)
    assert KNOWN.doers(opened(), frozenset({"control", "program"})) == ()
    assert KNOWN.clients(opened()) == (HMI[1],)


def test_units_and_clients_are_those_of_the_server_and_protocol() -> None:
    assert KNOWN.units(opened()) == ("1",)
    assert KNOWN.units(opened(protocol="s7comm", unit="0/3")) == ("0/2",)
    assert KNOWN.clients(opened(server=OTHER)) == ()


def test_a_block_is_known_when_it_was_moved_or_read_by_its_name() -> None:
    channel = opened(protocol="s7comm", unit="0/2")
    assert KNOWN.knows(channel, Target("DB", 3, 3))
    assert KNOWN.knows(channel, Target("DB", 20, 20))
    assert not KNOWN.knows(channel, Target("DB", 21, 21))
    assert not KNOWN.knows(opened(server=OTHER), Target("DB", 3, 3))
