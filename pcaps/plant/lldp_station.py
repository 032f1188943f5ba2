"""plc-filt and hmi-1 announce themselves as PROFINET stations do (IEEE 802.1AB, 8; IEC 61158-6-10, LLDP TLVs).

No free stack sends the TLVs of a controller, so these frames are written here, one every five seconds on a raw socket.
"""

from __future__ import annotations

import itertools
import socket
import struct
import sys
import time
from collections.abc import Iterator

from pcaps.plant import hosts

GROUP, ETHER_LLDP = "01:80:c2:00:00:0e", 0x88CC
PERIOD_SECONDS, LIVE_SECONDS = 5.0, 20
END, CHASSIS, PORT, LIVE, PORT_LABEL, NAME, DESCRIPTION, CAPABILITIES, MANAGEMENT, ORGANISATION = (*range(9), 127)
BY_MAC, BY_NAME = 4, 7
PROFINET, MED, ETHERNET = b"\x00\x0e\xcf", b"\x00\x12\xbb", b"\x00\x12\x0f"
STATION_ONLY, BRIDGE = 0x0080, 0x0004
MED_INVENTORY = range(5, 12)
"""Hardware, firmware and software revision, serial number, maker, model, asset id."""


def mac(text: str) -> bytes:
    """Return the six bytes of a MAC address."""
    return bytes.fromhex(text.replace(":", ""))


def tlv(kind: int, value: bytes) -> bytes:
    """Return one type-length-value: seven bits of type, nine of length."""
    return struct.pack(">H", kind << 9 | len(value)) + value


def extension(maker: bytes, subtype: int, value: bytes) -> bytes:
    """Return an organisationally specific TLV."""
    return tlv(ORGANISATION, maker + bytes([subtype]) + value)


def frame(host: hosts.Host, *tlvs: bytes) -> bytes:
    """Return the announcement of a station from these TLVs and the end."""
    body = b"".join(tlvs) + tlv(END, b"")
    return (mac(GROUP) + mac(host.mac) + struct.pack(">H", ETHER_LLDP) + body).ljust(60, b"\0")


def management(host: hosts.Host) -> bytes:
    """Return the management address of a station, IPv4 on interface 1."""
    return tlv(MANAGEMENT, b"\x05\x01" + socket.inet_aton(host.ip) + struct.pack(">BIB", 2, 1, 0))


def _profinet(host: hosts.Host) -> tuple[bytes, ...]:
    """Return cable delays, port status, chassis MAC, and the rate of the port (100 Mbit/s full duplex)."""
    return (
        extension(PROFINET, 1, struct.pack(">5I", 0, 0, 0, 0, 0)),
        extension(PROFINET, 2, bytes(4)),
        extension(PROFINET, 5, mac(host.mac)),
        extension(ETHERNET, 1, b"\x03\x6c\x00\x00\x10"),
    )


def controller() -> bytes:
    """Return the announcement of plc-filt: named chassis and port, order number and firmware in the description."""
    host = hosts.PLC_FILT
    return frame(
        host,
        tlv(CHASSIS, bytes([BY_NAME]) + host.name.encode()),
        tlv(PORT, bytes([BY_NAME]) + b"port-001"),
        tlv(LIVE, struct.pack(">H", LIVE_SECONDS)),
        tlv(PORT_LABEL, b"Siemens, SIMATIC S7, Ethernet Port, X2 P1"),
        tlv(NAME, host.name.encode()),
        tlv(
            DESCRIPTION,
            b"Siemens, SIMATIC S7, CPU 315-2 PN/DP, 6ES7 315-2EH14-0AB0 , HW: Version 5, FW: Version V3.2.6, "
            b"S C-C2UR28922012",
        ),
        tlv(CAPABILITIES, struct.pack(">HH", BRIDGE | STATION_ONLY, STATION_ONLY)),
        management(host),
        *_profinet(host),
    )


def panel() -> bytes:
    """Return the announcement of hmi-1: chassis by MAC, PROFINET TLVs and the LLDP-MED inventory."""
    host = hosts.HMI
    words = (b"4", b"V17.00.00.02", b"V17.00.00.02", b"LBM4711830", b"Panels and Displays", b"TP-1200", b"HMI-0001")
    return frame(
        host,
        tlv(CHASSIS, bytes([BY_MAC]) + mac(host.mac)),
        tlv(PORT, bytes([BY_NAME]) + b"port-001.hmi-1"),
        tlv(LIVE, struct.pack(">H", LIVE_SECONDS)),
        tlv(PORT_LABEL, b"Operator panel, Ethernet Port, X1 P1"),
        tlv(NAME, host.name.encode()),
        tlv(DESCRIPTION, b"Operator Panel, TP-1200, 6AV2 124-0MC01-0AX0, HW: 4, SW: V 17 0 0, LBM4711830"),
        tlv(CAPABILITIES, struct.pack(">HH", BRIDGE | STATION_ONLY, STATION_ONLY)),
        management(host),
        *_profinet(host),
        extension(MED, 1, struct.pack(">HB", 0x0021, 1)),
        *(extension(MED, number, text) for number, text in zip(MED_INVENTORY, words, strict=True)),
    )


STATIONS = {hosts.PLC_FILT.name: controller, hosts.HMI.name: panel}


def wire() -> socket.socket:
    """Return a raw socket on the interface of this station."""
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    made.bind(("eth0", 0))
    return made


def announce(announcement: bytes, times: Iterator[int] | range) -> None:
    """Send an announcement so many times, one every five seconds."""
    with wire() as link:
        for _ in times:
            link.send(announcement)
            time.sleep(PERIOD_SECONDS)


if __name__ == "__main__":
    announce(STATIONS[sys.argv[1]](), itertools.count())
