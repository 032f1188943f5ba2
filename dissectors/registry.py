"""The list of protocols. A new protocol is one line here; of those that share a door the first is proposed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dissectors import dnp3, iec104, iso, lldp, modbus, s7
from dissectors.base.dissector import Dissector
from dissectors.spec import Fault, Protocol
from dissectors.wire.doors import Doors, llc_key, snap_key
from dissectors.wire.mirrors import KINDS
from dissectors.wire.tunnel_report import INDUSTRIAL_INSIDE

PROTOCOLS: Final[tuple[Protocol, ...]] = (
    modbus.PROTOCOL,
    dnp3.PROTOCOL,
    s7.S7COMM,
    s7.S7COMMPLUS,
    iso.PROTOCOL,
    iec104.PROTOCOL,
    lldp.PROTOCOL,
)


def doors_of(protocols: Iterable[Protocol]) -> Doors:
    """Return the doors of protocols as the wire reads them."""
    doors = Doors()
    for protocol in protocols:
        doors.add(protocol.dissector)
        for door in protocol.doors:
            if door.kind in {"tcp", "udp"}:
                doors.add_port(door.name, protocol.dissector, door.encrypted)
            elif door.kind == "llc":
                doors.add_frame(llc_key(door.number), protocol.dissector)
            elif door.kind == "snap":
                doors.add_frame(snap_key(door.oui, door.number), protocol.dissector)
            else:
                doors.add_frame(door.number, protocol.dissector)
    return doors


DOORS: Final = doors_of(PROTOCOLS)

DISSECTORS: Final[list[Dissector]] = list(dict.fromkeys(protocol.dissector for protocol in PROTOCOLS))
"""Each dissector once; one may serve several protocols."""

BY_NAME: Final[dict[str, Protocol]] = {protocol.name: protocol for protocol in PROTOCOLS}

WIRE_PROTOCOL: Final = "tcp"
WIRE_FAULTS: Final = (
    Fault("overlap_conflict", "RFC 9293 3.10.7.4", "a repeated segment carries the same bytes"),
    Fault("two_readings", "RFC 9293 3.10.7.4", "bytes on their way can be read in one way only"),
    Fault("two_numberings", "RFC 5961 4", "a direction goes on with the numbers of its SYN"),
    Fault("two_readings_of_fragments", "RFC 5722 4", "fragments of a datagram do not overlap"),
    Fault("decoy", "RFC 9293 3.1", "a segment in the place of another has a right checksum"),
    Fault("bad_checksum", "RFC 9293 3.1", "the checksum of a segment is right"),
)
"""What the wire itself states, below every protocol."""
TUNNEL_KINDS: Final = KINDS
TUNNEL_FAULTS: Final = (
    Fault(INDUSTRIAL_INSIDE, "this policy", "a tunnel with industrial messages in it is one that somebody named"),
)
"""What the wire states of a tunnel of any of TUNNEL_KINDS."""
