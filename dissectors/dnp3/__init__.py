"""DNP3 over TCP and UDP (IEEE 1815-2012), port 20000.

From the bottom: ``crc`` and ``link`` (frames), ``transport`` (fragments from parts), ``header``, ``variation`` and
``value`` (the object library), ``function`` and ``indication`` (the application layer), ``control``, ``file``,
``attribute`` and ``authentication`` (objects that are more than values), ``objects`` and ``parse`` (to a Message),
``points``, ``pair``, ``repeat``, ``conversation`` and ``session`` (to facts).

Violations: start, length, header_crc, block_crc, transport_sequence, direction, reserved_address, unknown_function,
unknown_object, qualifier, object_length. TLS on port 19999 is not read. Of authentication only user, sequence and
error are reported, never a key.
"""

from __future__ import annotations

from typing import Final

from dissectors.dnp3.dangers import DANGERS, FAULTS, PATTERNS
from dissectors.dnp3.dissector import DISSECTOR
from dissectors.dnp3.document import FIELDS, UNSOLICITED
from dissectors.dnp3.vocabulary import OBJECTS, REQUIREMENTS, WORDS
from dissectors.spec import Protocol, Unit, tcp, udp

PROTOCOL: Final[Protocol] = Protocol(
    name="dnp3",
    title="DNP3",
    standard="IEEE 1815 ",
    series="DNP",
    family="dnp3",
    dissector=DISSECTOR,
    doors=(tcp(20000), udp(20000), tcp(19999, encrypted=True)),
    unit=Unit(
        "link address",
        policy_key="dnp3_addr",
        last=65_535,
        own=frozenset(range(65_520, 65_536)),
        many_per_host=True,
        pair=True,
    ),
    fields=FIELDS,
    from_server=frozenset({UNSOLICITED}),
    violations=FAULTS,
    dangers=DANGERS,
    patterns=PATTERNS,
    functions=WORDS,
    objects=OBJECTS,
    values=True,
    requirements=REQUIREMENTS,
)
