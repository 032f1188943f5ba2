"""The operator stations: the normal traffic of the plant, everything `policy.yaml` allows and nothing else.

scada-1 polls all controllers and pushes trends; hmi-1 polls for display and changes setpoints; ews-1 asks the filter
controller for its mode. Each link is one thread with its own period and starts again five seconds after a failure.
"""

from __future__ import annotations

import itertools
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator

from pymodbus.exceptions import ModbusException
from snap7.error import S7Error
from snap7.type import Area

from pcaps.plant import hosts, masters
from pcaps.plant.s7_device import DB_NUMBER

RECOVERY_SECONDS = 5.0
SETPOINT_EVERY = 10
SWITCH_EVERY_SECONDS = 25
BLIND_AFTER_SECONDS, BLIND_SECONDS = 45, 75
DOSES = ((55, 18), (58, 20), (52, 17), (60, 19))
FILTER_ITEMS = [
    {"area": Area.DB, "db_number": DB_NUMBER, "start": 0, "size": 16},
    {"area": Area.DB, "db_number": DB_NUMBER, "start": 32, "size": 4},
    {"area": Area.DB, "db_number": DB_NUMBER, "start": 40, "size": 1},
]


def ticks(period_seconds: float) -> Iterator[int]:
    """Count up once per period, without drift."""
    start = time.monotonic()
    for number in itertools.count():
        time.sleep(max(0.0, start + number * period_seconds - time.monotonic()))
        yield number


def scada_modbus() -> None:
    """Poll measurements, states and setpoints of the dosing controller every second."""
    with masters.modbus() as client:
        for _ in ticks(1.0):
            client.read_input_registers(0, count=20, device_id=hosts.MODBUS_UNIT)
            client.read_discrete_inputs(0, count=8, device_id=hosts.MODBUS_UNIT)
            client.read_coils(0, count=8, device_id=hosts.MODBUS_UNIT)
            client.read_holding_registers(100, count=2, device_id=hosts.MODBUS_UNIT)


def scada_modbus_blind() -> None:
    """Poll as usual, but leave out the measurements for a while; states and setpoints are still read."""
    with masters.modbus() as client:
        for number in ticks(1.0):
            if not 0 <= number - BLIND_AFTER_SECONDS < BLIND_SECONDS:
                client.read_input_registers(0, count=20, device_id=hosts.MODBUS_UNIT)
            client.read_discrete_inputs(0, count=8, device_id=hosts.MODBUS_UNIT)
            client.read_coils(0, count=8, device_id=hosts.MODBUS_UNIT)
            client.read_holding_registers(100, count=2, device_id=hosts.MODBUS_UNIT)


def hmi_modbus() -> None:
    """Poll for the display every two seconds; now and then the operator changes the setpoints."""
    with masters.modbus() as client:
        for number in ticks(2.0):
            client.read_input_registers(0, count=10, device_id=hosts.MODBUS_UNIT)
            client.read_holding_registers(100, count=2, device_id=hosts.MODBUS_UNIT)
            dose, acid = DOSES[number // SETPOINT_EVERY % len(DOSES)]
            if number % SETPOINT_EVERY == SETPOINT_EVERY - 2:
                client.write_register(100, dose, device_id=hosts.MODBUS_UNIT)
            elif number % SETPOINT_EVERY == SETPOINT_EVERY - 1:
                client.write_registers(100, [dose, acid], device_id=hosts.MODBUS_UNIT)


def poll_filter(period_seconds: float) -> None:
    """Read the filter data block, several items in one request."""
    client = masters.s7()
    for _ in ticks(period_seconds):
        client.read_multi_vars(FILTER_ITEMS)


def reservoir() -> None:
    """Poll events and switch a pump now and then, on one OpenDNP3 master."""
    station = masters.Dnp3Master(keep_time=True)
    station.poll_events(5)
    station.master.Enable()
    for number in ticks(SWITCH_EVERY_SECONDS):
        if number:
            station.operate(number % 2, close=number % 4 in (0, 1))


def trends() -> None:
    """Push one trend record every three seconds up to the historian."""
    with socket.create_connection((hosts.HISTORIAN.ip, hosts.HISTORIAN_PORT), timeout=5) as link:
        for number in ticks(3.0):
            link.sendall(b"%d dosing.flow %d\n" % (int(time.time()), 300 + number % 7))
            if not link.recv(64):
                return


def filter_mode() -> None:
    """Ask the filter controller once for its mode, as the engineer does at the start of a shift."""
    time.sleep(8)
    client = masters.s7(masters.PG)
    client.read_szl(0x0424, 0)
    client.disconnect()


def for_ever(link: Callable[[], None]) -> None:
    """Run one link; after a failure wait and begin again."""
    while True:
        try:
            link()
        except (OSError, ModbusException, S7Error) as error:
            print(f"{link.__name__}: {error}", file=sys.stderr)
        time.sleep(RECOVERY_SECONDS)


def scada_filter() -> None:
    """Poll the filter controller as the control server does."""
    poll_filter(2.0)


def hmi_filter() -> None:
    """Poll the filter controller as the display does."""
    poll_filter(3.0)


STATIONS: dict[str, tuple[Callable[[], None], ...]] = {
    "scada-1": (scada_modbus, scada_filter, reservoir, trends),
    "scada-1 blind": (scada_modbus_blind, scada_filter, reservoir, trends),
    "hmi-1": (hmi_modbus, hmi_filter),
}


if __name__ == "__main__":
    if sys.argv[1] == "ews-1":
        filter_mode()
    else:
        links = [threading.Thread(target=for_ever, args=(link,), daemon=True) for link in STATIONS[sys.argv[1]]]
        for thread in links:
            thread.start()
        for thread in links:
            thread.join()
