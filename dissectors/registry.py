"""The list of protocols. A new protocol is one line here; recognition asks them in this order."""

from __future__ import annotations

from typing import Final

from dissectors import dnp3, iso, modbus, s7
from dissectors.base.dissector import Dissector
from dissectors.spec import Fault, Protocol

PROTOCOLS: Final[tuple[Protocol, ...]] = (
    modbus.PROTOCOL,
    dnp3.PROTOCOL,
    s7.S7COMM,
    s7.S7COMMPLUS,
    iso.PROTOCOL,
)

DISSECTORS: Final[list[Dissector]] = list(dict.fromkeys(protocol.dissector for protocol in PROTOCOLS))
"""Each dissector once; one may serve several protocols."""

BY_NAME: Final[dict[str, Protocol]] = {protocol.name: protocol for protocol in PROTOCOLS}

WIRE_PROTOCOL: Final = "tcp"
WIRE_FAULTS: Final = (Fault("overlap_conflict", "RFC 9293 3.10.7.4", "a repeated segment carries the same bytes"),)
"""What the wire itself states, below every protocol."""
