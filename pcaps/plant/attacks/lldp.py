"""False neighbours: the laptop announces itself with the name of the cell switch, malformed once, and takes it back."""

from __future__ import annotations

import struct
import sys
import time
from collections.abc import Callable

from pcaps.plant import hosts, lldp_station
from pcaps.plant.lldp_station import (
    BY_MAC,
    BY_NAME,
    CAPABILITIES,
    CHASSIS,
    DESCRIPTION,
    LIVE,
    NAME,
    PORT,
    frame,
    mac,
    tlv,
)

ANNOUNCEMENTS, EVERY_SECONDS = 4, 3.0
BEYOND_BYTES = 200
"""What the system name of the malformed frame claims to be long, far behind the end of the frame."""


def _identity(live_seconds: int) -> tuple[bytes, ...]:
    return (
        tlv(CHASSIS, bytes([BY_MAC]) + mac(hosts.LAPTOP.mac)),
        tlv(PORT, bytes([BY_NAME]) + b"port-010"),
        tlv(LIVE, struct.pack(">H", live_seconds)),
    )


def renamed_switch() -> None:
    """Announce the laptop as the cell switch; send one frame whose last TLV is longer than the frame; shut down."""
    false = frame(
        hosts.LAPTOP,
        *_identity(lldp_station.LIVE_SECONDS),
        tlv(NAME, hosts.SWITCH.name.encode()),
        tlv(DESCRIPTION, b"Managed Industrial Ethernet Switch, IES-2210-8TX-2SFP, FW: Version V04.01.00"),
        tlv(CAPABILITIES, struct.pack(">HH", lldp_station.BRIDGE, lldp_station.BRIDGE)),
        lldp_station.management(hosts.SWITCH),
    )
    beyond = struct.pack(">H", NAME << 9 | BEYOND_BYTES) + hosts.SWITCH.name.encode()
    with lldp_station.wire() as link:
        for _ in range(ANNOUNCEMENTS):
            link.send(false)
            time.sleep(EVERY_SECONDS)
        link.send(frame(hosts.LAPTOP, *_identity(lldp_station.LIVE_SECONDS), beyond))
        time.sleep(EVERY_SECONDS)
        link.send(frame(hosts.LAPTOP, *_identity(0)))


ACTIONS: dict[str, Callable[[], None]] = {action.__name__: action for action in (renamed_switch,)}


if __name__ == "__main__":
    ACTIONS[sys.argv[1]]()
