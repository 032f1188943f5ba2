"""Every type, subtype and capability of LLDP that is read, once.

IEEE 802.1AB-2016, clause 8 (basic set); PROFINET: IEC 61158-6-10, 4.10; LLDP-MED: ANSI/TIA-1057, 10.2. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

END: Final = 0
CHASSIS_ID: Final = 1
PORT_ID: Final = 2
TIME_TO_LIVE: Final = 3
PORT_DESCRIPTION: Final = 4
SYSTEM_NAME: Final = 5
SYSTEM_DESCRIPTION: Final = 6
CAPABILITIES: Final = 7
MANAGEMENT_ADDRESS: Final = 8
ORGANISATION: Final = 127

TEXTS: Final = {
    PORT_DESCRIPTION: "port_description",
    SYSTEM_NAME: "name",
    SYSTEM_DESCRIPTION: "description",
}
"""Types whose value is a text, and the attribute that it is."""

CHASSIS_MAC: Final = 4
CHASSIS_ADDRESS: Final = 5
PORT_MAC: Final = 3
PORT_ADDRESS: Final = 4
IP4: Final = 1
IP6: Final = 2

CAPABILITY_BITS: Final = (
    "other", "repeater", "bridge", "access_point", "router", "telephone", "cable_device", "station", "c_vlan", "s_vlan",
    "two_port_relay",
)  # fmt: skip
"""System capabilities, bit 0 first (table 8-4)."""

PROFINET: Final = 0x000ECF
PROFINET_CHASSIS_MAC: Final = 5
MED: Final = 0x0012BB
MED_TEXTS: Final = {
    5: "hardware_version",
    6: "firmware_version",
    7: "software_version",
    8: "serial_number",
    9: "manufacturer",
    10: "model",
    11: "asset_tag",
}
"""Inventory of LLDP-MED: subtype and attribute."""
