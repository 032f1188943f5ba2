"""LLDP: what stations and switches announce of themselves to their neighbours, IEEE 802.1AB-2016.

``table`` holds types and subtypes, ``parse`` one announcement, ``dissector`` counts those that repeat. Read are the basic set,
the inventory of LLDP-MED (ANSI/TIA-1057) and the chassis MAC of PROFINET. Limits: nothing forwards an announcement, so a mirror
port shows those of its own switch; who heard it is not in it; no policy rule is needed for it, one can be written.
"""

from __future__ import annotations

from typing import Final

from dissectors.danger import Pattern, Patterns
from dissectors.lldp.dissector import DISSECTOR
from dissectors.spec import Ecs, Fault, Function, Protocol, ethertype

FAULTS: Final = (
    Fault("tlv_length", "8.4", "an element lies within the frame and is as long as its type needs"),
    Fault("mandatory_order", "8.2", "an announcement begins with chassis, port and time to live"),
    Fault("no_end", "8.2", "an announcement has an end"),
    Fault("too_many_elements", "8.2", "an announcement has a reasonable number of elements"),
    Fault("not_lldp", "", "a frame of this ethertype begins with a chassis id", foreign=True),
)

PROTOCOL: Final[Protocol] = Protocol(
    name="lldp",
    title="LLDP",
    standard="IEEE 802.1AB ",
    series="LLDP",
    family="lldp",
    industrial=False,
    announces=True,
    dissector=DISSECTOR,
    doors=(ethertype(0x88CC, group="01:80:c2:00:00:0e"),),
    functions=(
        Function("announcement", "report", "LLDPDU", objects=(), from_server=False),
        Function("shutdown", "report", "LLDPDU", objects=()),
    ),
    fields=(
        Ecs("chassis", "keyword", lambda act: act.detail.get("chassis")),
        Ecs("port", "keyword", lambda act: act.detail.get("port")),
        Ecs("ttl_seconds", "long", lambda act: act.detail.get("ttl_seconds")),
    ),
    violations=FAULTS,
    patterns=Patterns(
        broken=(
            Pattern(
                number=1,
                name="Malformed announcement",
                faults=tuple(fault.name for fault in FAULTS),
                severity="medium",
                consequence="it says something that a switch or station may choke on.",
                false_positives="A station with a faulty implementation.",
                techniques=("T0814",),
                capture="lldp/renamed_switch.pcap",
            ),
        ),
    ),
)
