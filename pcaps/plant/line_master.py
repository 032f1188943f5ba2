"""A controlling station for rtu-line on lib60870 (c104), as scada-1 and the intruders use it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import c104

from pcaps.plant import hosts

TICK_MILLISECONDS, ANSWER_MILLISECONDS = 100, 1000
CONNECT_SECONDS, LOOK_SECONDS = 8.0, 0.05


@contextmanager
def connected(originator: int = 0, *, standby: bool = False) -> Iterator[c104.Connection]:
    """Give a connection with data transfer started, or without it on `standby`; close it afterwards."""
    client = c104.Client(TICK_MILLISECONDS, ANSWER_MILLISECONDS)
    client.originator_address = originator
    link = client.add_connection(hosts.RTU_LINE.ip, hosts.IEC104_PORT, c104.Init.MUTED)
    assert link is not None
    client.start()
    try:
        give_up = time.monotonic() + CONNECT_SECONDS
        while not link.is_connected:
            if time.monotonic() > give_up:
                raise OSError(f"no connection to {hosts.RTU_LINE.name}")
            time.sleep(LOOK_SECONDS)
        if not standby:
            link.unmute()
            time.sleep(LOOK_SECONDS)
        yield link
    finally:
        client.stop()


def point(link: c104.Connection, address: int, kind: c104.Type, *, select: bool = False) -> c104.Point:
    """Return a point of rtu-line as this connection knows it; with `select` each execute is preceded by one."""
    station = link.get_station(hosts.IEC104_STATION) or link.add_station(hosts.IEC104_STATION)
    assert station is not None
    mode = c104.CommandMode.SELECT_AND_EXECUTE if select else c104.CommandMode.DIRECT
    made = station.get_point(address) or station.add_point(address, kind, command_mode=mode)
    assert made is not None
    return made
