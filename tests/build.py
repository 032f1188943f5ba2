"""Records for tests, of which a test says only what it is about: ``made(ChannelOpened, protocol="dnp3", unit="1>10")``.

What is not said is that of an ordinary Modbus conversation of 10.0.0.5 with 10.0.0.9 (ORDINARY), else empty by its type.
Builders of one subject (a channel of the sample plant, a minute of polling) add their own sayings and make nothing by position.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from dissectors.facts import ChannelOpened, ChannelWindow, Endpoint, Exchange, Fact, OperationFirst, Sighting, Target

Record = TypeVar("Record", bound=msgspec.Struct)

SECOND: Final = 1_000_000_000
START: Final = 1_700_000_040 * SECOND
"""The begin of a minute, so that a short story lies in one window."""
CLIENT: Final = Endpoint("10.0.0.5", "02:00:00:00:00:05", 40_000)
SERVER: Final = Endpoint("10.0.0.9", "02:00:00:00:00:09", 502)

OF_EVERY_FACT: Final[dict[str, Any]] = {
    "time": START, "source": "a.pcap", "frame": 1, "channel": "c-1", "visibility": "complete", "flow": "1:flow",
    "client_port": CLIENT.port,
}  # fmt: skip
WRITE: Final[dict[str, Any]] = {
    "verb": "write", "operation": "write_single_register", "code": "6",
    "label": "write_single_register holding_register:3", "targets": (Target("holding_register", 3, 3),),
}  # fmt: skip
ORDINARY: Final[dict[type[Fact], dict[str, Any]]] = {
    Sighting: {
        "ip": SERVER.ip, "mac": SERVER.mac, "attribute": "address", "value": SERVER.ip, "method": "arp",
        "confidence": "strong", "channel": "",
    },
    ChannelOpened: {
        "protocol": "modbus", "unit": "1", "transport": "tcp", "client": CLIENT, "server": SERVER, "state": "established",
        "decided_by": "handshake", "recognised_by": "bytes", "first": START, "first_frame": 1,
    },
    OperationFirst: WRITE,
    Exchange: WRITE | {
        "values": (7,), "outcome": "success", "latency": 1_000, "request_time": START, "request_frame": 1,
        "response_frame": 2, "offset": 54, "length": 12,
    },
    ChannelWindow: {"start": START, "end": START + 60 * SECOND, "first_frame": 1, "last_frame": 1, "connections": 1},
}  # fmt: skip


def made(kind: type[Record], **said: Any) -> Record:
    """Return a record of this kind with what is said of it."""
    ordinary: dict[str, Any] = OF_EVERY_FACT | ORDINARY.get(kind, {}) if issubclass(kind, Fact) else {}
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.name in said:
            values[field.name] = said.pop(field.name)
        elif field.name in ordinary:
            values[field.name] = ordinary[field.name]
        elif field.required:
            values[field.name] = _empty(field.type)
    if said:
        raise TypeError(f"{kind.__name__} has no {', '.join(said)}")
    return kind(**values)


def _empty(kind: Any) -> Any:
    if isinstance(kind, type):
        return kind()
    found = msgspec.inspect.type_info(kind)
    return () if isinstance(found, msgspec.inspect.VarTupleType) else {}
