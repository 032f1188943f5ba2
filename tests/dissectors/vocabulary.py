"""Every word that a dissector can put into a fact, taken from its tables."""

from __future__ import annotations

from dissectors.dnp3 import authentication, control, file, function, indication, link
from dissectors.iec104 import table as iec104
from dissectors.modbus import table as modbus
from dissectors.registry import BY_NAME, TUNNEL_FAULTS, TUNNEL_KINDS, WIRE_FAULTS, WIRE_PROTOCOL
from dissectors.s7 import error, plus
from dissectors.s7 import table as s7
from dissectors.wire import service

TRANSPORT = frozenset({"connect", "disconnect", "transport_error"})
NUMBERED = ("unknown_", "type_", "user_defined_", "link_unknown_", "exception_0x")
"""A number that no table has keeps its number in its name."""

OPERATIONS: dict[str, frozenset[str]] = {
    "modbus": frozenset(
        {row.name for row in modbus.FUNCTIONS.values()}
        | {
            name
            for name, _ in (*modbus.SUBFUNCTIONS.values(), *modbus.INTERFACES.values(), *modbus.UMAS_CODES.values())
        }
    ),
    "dnp3": frozenset(
        {row.name for row in function.ROWS}
        | {row.name for row in (*link.PRIMARY_FUNCTIONS.values(), *link.SECONDARY_FUNCTIONS.values())}
        | {"transport_segment", "fragment"}
    ),
    "s7comm": TRANSPORT
    | {name for name, _ in (*s7.FUNCTIONS.values(), *s7.SERVICES.values(), *s7.SUBFUNCTIONS.values())}
    | {"mode_notice", "block_send"},
    "s7commplus": TRANSPORT | {name for name, _ in plus.FUNCTIONS.values()},
    "iso": TRANSPORT,
}
OPERATIONS |= {
    name: frozenset(row.name for row in protocol.functions)
    for name, protocol in BY_NAME.items()
    if name not in OPERATIONS
}
ERRORS: dict[str, frozenset[str]] = {
    "modbus": frozenset({*modbus.EXCEPTIONS.values(), "umas_failure", "exception_without_code"}),
    "dnp3": frozenset(
        {*indication.NAMES, *control.STATUSES.values(), *file.STATUSES.values(), *authentication.ERRORS.values()}
    ),
    "s7comm": frozenset({*error.ERRORS.values(), *error.ITEM_CODES.values(), "refused"}),
    "s7commplus": frozenset({*plus.ERRORS.values(), "refused"}),
    "iso": frozenset({"refused"}),
    "iec104": frozenset({*iec104.CAUSES.values(), "negative_confirmation", "negative_termination"}),
    "lldp": frozenset(),
}
VIOLATIONS: dict[str, frozenset[str]] = {
    **{name: frozenset(fault.name for fault in protocol.violations) for name, protocol in BY_NAME.items()},
    WIRE_PROTOCOL: frozenset(fault.name for fault in WIRE_FAULTS),
    **{kind: frozenset(fault.name for fault in TUNNEL_FAULTS) for kind in TUNNEL_KINDS},
}
PROTOCOLS = frozenset(
    {
        "",
        "tls",
        "smb",
        "icmp",
        *BY_NAME,
        *TUNNEL_KINDS,
        *service.PORTS.values(),
        *service.ETHERTYPES.values(),
        *(name for _, name in service.FIRST_BYTES),
    }
)
"""What a channel may be called; "" when only transport and port name it."""


def speaks(words: dict[str, frozenset[str]], protocols: tuple[str, ...], word: str) -> bool:
    """Whether one of these protocols (all, when none is named) can say this word."""
    return word.startswith(NUMBERED) or any(word in words.get(protocol, ()) for protocol in protocols or words)
