"""IEC 60870-5-104 on TCP: the telecontrol of IEC 60870-5-101 over a network.

Standards: IEC 60870-5-104:2006 (APCI), IEC 60870-5-101:2003 (data units). ``table`` holds types, causes and control
functions, ``element`` the information elements, ``parse`` one APDU, ``session`` counts, pairs and follows values. Limits: the
field lengths of 104 (cause 2, common address 2, object 3); IEC 62351 on port 19998 is seen as encrypted; the content of files is
not kept; private types keep their number; several common addresses behind one address are no devices of their own.
"""

from __future__ import annotations

from typing import Final

from dissectors.iec104.dangers import DANGERS, FAULTS, PATTERNS
from dissectors.iec104.dissector import DISSECTOR
from dissectors.iec104.document import FIELDS
from dissectors.iec104.vocabulary import GROUPS, OBJECTS, WORDS
from dissectors.spec import Protocol, Unit, tcp

PROTOCOL: Final[Protocol] = Protocol(
    name="iec104",
    title="IEC 60870-5-104",
    standard="IEC 60870-5-",
    series="IEC",
    family="iec104",
    dissector=DISSECTOR,
    doors=(tcp(2404), tcp(19998, encrypted=True)),
    unit=Unit("common address", policy_key="iec104_ca", last=65_534, own=frozenset({0, 65_535})),
    functions=WORDS,
    words=GROUPS,
    objects=OBJECTS,
    values=True,
    fields=FIELDS,
    violations=FAULTS,
    dangers=DANGERS,
    patterns=PATTERNS,
)
