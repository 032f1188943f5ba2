"""scada-1 as the controlling station of rtu-line: each order with its first second and its period.

`python -m pcaps.plant.line_orders usual|"all day"`; a process of its own, because c104 and yadnp3 disturb each other in
one.
"""

from __future__ import annotations

import itertools
import sys
import time

import c104

from pcaps.plant import hosts, iec104_device, line_master

ORIGINATOR = 1


def _breaker(link: c104.Connection, turn: int) -> None:
    _order(link, iec104_device.BREAKER_COMMAND, c104.Type.C_SC_NA_1, turn % 2 == 0, select=True)


def _disconnector(link: c104.Connection, turn: int) -> None:
    state = c104.Double.OFF if turn % 2 else c104.Double.ON
    _order(link, iec104_device.DISCONNECTOR_COMMAND, c104.Type.C_DC_NA_1, state, select=True)


def _voltage(link: c104.Connection, turn: int) -> None:
    _order(link, iec104_device.VOLTAGE_TARGET, c104.Type.C_SE_NC_1, 109.5 + turn % 3)


def _targets(link: c104.Connection, turn: int) -> None:
    _order(link, iec104_device.POWER_TARGET, c104.Type.C_SE_NB_1, c104.Int16(5200 + 100 * turn))
    _order(link, iec104_device.FREQUENCY_TARGET, c104.Type.C_SE_NA_1, c104.NormalizedFloat(0.5))


def _switches(link: c104.Connection, turn: int) -> None:
    _order(link, iec104_device.LAMP_COMMAND, c104.Type.C_SC_NA_1, turn % 2 == 0)
    _order(link, iec104_device.PUMP_COMMAND, c104.Type.C_SC_TA_1, turn % 2 == 0)
    _order(link, iec104_device.TAP_COMMAND, c104.Type.C_RC_NA_1, c104.Step.LOWER if turn % 2 else c104.Step.HIGHER)


def _order(link: c104.Connection, address: int, kind: c104.Type, value: object, *, select: bool = False) -> None:
    point = line_master.point(link, address, kind, select=select)
    point.value = value  # type: ignore[assignment]  # the caller gives what the type of the point wants
    point.transmit(c104.Cot.ACTIVATION)


def _read(link: c104.Connection, turn: int) -> None:
    line_master.point(link, iec104_device.VOLTAGE, c104.Type.M_ME_NC_1).read()


def _everything(link: c104.Connection, turn: int) -> None:
    link.interrogation(hosts.IEC104_STATION)


def _counters(link: c104.Connection, turn: int) -> None:
    link.counter_interrogation(hosts.IEC104_STATION)


def _clock(link: c104.Connection, turn: int) -> None:
    link.clock_sync(hosts.IEC104_STATION)


def _test(link: c104.Connection, turn: int) -> None:
    link.test(hosts.IEC104_STATION)


ORDERS = (
    (5, 15, _breaker),
    (7, 15, _voltage),
    (40, 45, _everything),
)
DAY = (
    (2, 3600, _clock),
    (3, 30, _counters),
    (9, 30, _read),
    (11, 30, _disconnector),
    (13, 30, _targets),
    (17, 30, _switches),
    (25, 3600, _test),
)
"""Second of the first time, period in seconds, order."""


def operate(*, whole_day: bool) -> None:
    """Ask for everything, then give the orders in their time; a second connection stands by.

    The clock, the counters, single values and the commands without a select belong to a whole day only.
    """
    orders = (*ORDERS, *(DAY if whole_day else ()))
    started = time.monotonic()
    with line_master.connected(ORIGINATOR) as link, line_master.connected(ORIGINATOR, standby=True):
        since = link.connected_at
        _everything(link, 0)
        for second in itertools.count():
            if link.is_connected and link.connected_at != since:
                since = link.connected_at
                link.unmute()
                time.sleep(line_master.LOOK_SECONDS)
                _everything(link, 0)
            for first, period, order in orders:
                if link.is_connected and second % period == first:
                    order(link, second // period)
            time.sleep(max(0.0, started + second + 1 - time.monotonic()))


if __name__ == "__main__":
    operate(whole_day=sys.argv[1] == "all day")
