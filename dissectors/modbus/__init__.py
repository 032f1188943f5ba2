"""Modbus/TCP: MODBUS Application Protocol V1.1b3 and Messaging on TCP/IP V1.0b.

``table`` holds every code of the standard once (and the known codes of Schneider's function 90), ``parse`` turns the bytes
of one message into a Message, ``session`` counts and pairs, ``serial`` knows RTU and ASCII frames that gateways put into TCP,
``dissector`` recognises. Limits: Modbus/TCP Security (TLS on 802, encrypted) is not dissected.
"""

from __future__ import annotations

from typing import Final

from dissectors.modbus.dangers import DANGERS, FAULTS, PATTERNS
from dissectors.modbus.dissector import DISSECTOR
from dissectors.modbus.document import FIELDS
from dissectors.modbus.vocabulary import NUMBERING, OBJECTS, WORDS
from dissectors.spec import Protocol, Unit, tcp

PROTOCOL: Final[Protocol] = Protocol(
    name="modbus",
    title="Modbus/TCP",
    standard="Modbus ",
    series="MB",
    family="modbus",
    dissector=DISSECTOR,
    doors=(tcp(502), tcp(802, encrypted=True)),
    unit=Unit(
        "unit",
        policy_key="modbus_unit",
        last=255,
        own=frozenset({0, 255}),
        many_per_host=True,
        absent=frozenset({"gateway_path_unavailable", "gateway_target_failed"}),
    ),
    fields=FIELDS,
    not_configuring=frozenset({"umas_initialize_upload", "umas_upload_block", "umas_end_upload"}),
    undecided=frozenset({"server_device_failure", "acknowledge", "gateway_target_failed"}),
    violations=FAULTS,
    dangers=DANGERS,
    patterns=PATTERNS,
    functions=WORDS,
    numbered=NUMBERING,
    objects=OBJECTS,
    values=True,
)
