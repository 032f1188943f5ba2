"""The fields of the asset map: the 32 of the CISA guidance in its order, then those that auditors ask for besides.

Source: CISA and partners, "Foundations for OT Cybersecurity: Asset Inventory Guidance", August 2025, Appendix A,
Table 1. ``gap`` is what an empty field means: nobody gave it to the sensor (``not_provided``), nobody asked the device
where the sensor could hear it (``not_seen_yet``), or the wire never carries it (``not_observable_passively``).
"""

from __future__ import annotations

from typing import Final

import msgspec

NOT_SEEN: Final = "not_seen_yet"
NOT_PROVIDED: Final = "not_provided"
NOT_OBSERVABLE: Final = "not_observable_passively"
BEHIND_ROUTER: Final = "behind_router"


class Field(msgspec.Struct, frozen=True):
    """One column. ``number`` is the guidance's, 0 for the others; ``priority`` "high", "medium", "low" or ""."""

    number: int
    key: str
    title: str
    priority: str
    gap: str


def _guidance(rows: str) -> tuple[Field, ...]:
    gaps = {"seen": NOT_SEEN, "given": NOT_PROVIDED, "never": NOT_OBSERVABLE}
    fields = []
    for line in rows.strip().splitlines():
        number, key, priority, gap, title = line.split(maxsplit=4)
        fields.append(
            Field(int(number), key, title, {"H": "high", "M": "medium", "L": "low"}.get(priority, ""), gaps[gap])
        )
    return tuple(fields)


GUIDANCE: Final = _guidance("""
1  protocols            H seen  Active/supported communication protocols
2  criticality          H given Asset criticality
3  asset_number         H seen  Asset number
4  role                 H seen  Asset role/type
5  hostname             H seen  Hostname
6  ip_address           H seen  IP address
7  logging              H never Logging
8  mac_address          H seen  MAC address
9  manufacturer         H seen  Manufacturer
10 model                H seen  Model
11 operating_system     H seen  Operating system
12 location             H seen  Physical location/address
13 services             H seen  Ports/services
14 user_accounts        H never User accounts
15 backup               M never Backup frequency/type
16 baseline_image       M never Baseline image
17 owner                M given Department/owner
18 distributor          M never Distributor
19 firmware_version     M seen  Firmware/software version
20 os_version           M seen  OS version
21 virtual              M seen  Physical or virtual
22 vlan                 M seen  VLAN
23 endpoint_protection  L never Antivirus/endpoint protection
24 manufactured         L never Date of manufacture
25 hypervisor           L never Hypervisor
26 time_zone            L never Local time zone
27 hypervisor_location  L never Location within hypervisor
28 monitoring           L seen  Network monitoring
29 notes                L never Notes/description
30 communication        L seen  Primary communication method
31 serial_number        L seen  Serial number
32 time_source          L seen  Time source
""")
"""The 32 fields of the guidance."""

BESIDES: Final = _guidance("""
0 policy_name          - given Name in the policy
0 zone                 - given Zone
0 level                - given Purdue level
0 safety               - given Safety zone
0 identity             - seen  Identity
0 first_seen           - seen  First seen
0 last_seen            - seen  Last seen
0 part_number          - seen  Part number
0 hardware_version     - seen  Hardware revision
0 mode                 - seen  Operating mode
0 units                - seen  Units answered for
0 parent               - seen  Behind gateway
0 partners             - seen  Communication partners
0 possible_duplicates  - seen  May be the same as
0 network              - seen  Network of its addresses
0 other_cards          - seen  Further network cards
""")
"""What auditors ask for besides."""

FIELDS: Final = (*GUIDANCE, *BESIDES)
