"""S7comm (0x32) and the headers of S7CommPlus (0x72) on ISO transport.

Siemens publishes no standard; the names follow its system software manuals and the public dissectors. ``table`` and
its neighbours ``area``, ``error`` hold every number once; ``parse`` dispatches to ``job`` and ``userdata``; ``item``
reads addresses and values, ``szl`` the system status lists, ``plus`` the headers of S7CommPlus. Limits: no MPI or
PROFIBUS framing, no values of S7CommPlus objects, nothing inside TLS (reported as encrypted).
"""

from __future__ import annotations

from typing import Final

from dissectors.s7.dangers import DANGERS, FAULTS, PATTERNS, PLUS_PATTERNS
from dissectors.s7.dissector import DISSECTOR
from dissectors.s7.document import FIELDS
from dissectors.s7.vocabulary import OBJECTS, PLUS_WORDS, STEPS, WORDS
from dissectors.spec import Protocol, Unit, tcp

RACK_SLOT: Final = Unit("rack and slot", policy_key="s7", parts=(("rack", 7), ("slot", 31)))

S7COMM: Final[Protocol] = Protocol(
    name="s7comm",
    title="S7comm",
    series="S7",
    family="s7",
    dissector=DISSECTOR,
    doors=(tcp(102),),
    fields=FIELDS,
    not_configuring=frozenset(
        {"start_upload", "upload", "end_upload", "nc_start_upload", "nc_upload", "nc_continue_upload"}
    ),
    violations=FAULTS,
    dangers=DANGERS,
    patterns=PATTERNS,
    unit=RACK_SLOT,
    functions=WORDS,
    words=STEPS,
    objects=OBJECTS,
)
S7COMMPLUS: Final[Protocol] = Protocol(
    name="s7commplus",
    title="S7CommPlus",
    series="S7",
    family="s7",
    dissector=DISSECTOR,
    doors=(tcp(102),),
    fields=FIELDS,
    violations=FAULTS,
    dangers=DANGERS,
    patterns=PLUS_PATTERNS,
    unit=RACK_SLOT,
    functions=PLUS_WORDS,
    objects=OBJECTS,
)
