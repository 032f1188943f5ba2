"""The client side of the three protocols, as the operator stations and the intruders use it.

Thin wrappers that fix the addresses of the plant; retries and time-outs are short, so a lost controller is asked again.
"""

# ruff: noqa: N802  # the bindings call these methods by their C++ names

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import opendnp3 as dnp3  # type: ignore[import-untyped]  # the extension has no stubs
import snap7
from pymodbus.client import ModbusTcpClient

from pcaps.plant import hosts

PG, OP = 1, 2
RETRY_SECONDS = 8
EVENTS = (False, True, True, True)


@contextmanager
def modbus(timeout_seconds: float = 2.0) -> Iterator[ModbusTcpClient]:
    """Give a client for plc-chem, connected when it can be, and close it afterwards."""
    client = ModbusTcpClient(hosts.PLC_CHEM.ip, timeout=timeout_seconds, retries=0)
    client.connect()  # type: ignore[no-untyped-call]  # half-typed library
    try:
        yield client
    finally:
        client.close()  # type: ignore[no-untyped-call]  # half-typed library


def s7(connection_type: int = OP, rack: int = hosts.S7_RACK, slot: int = hosts.S7_SLOT) -> snap7.Client:
    """Return a client connected to plc-filt; raises the library's error when the controller refuses."""
    client = snap7.Client()
    client.set_connection_type(connection_type)
    client.multi_read_max_gap = 0
    client.connect(hosts.PLC_FILT.ip, rack, slot)
    return client


def pass_over(result: object) -> None:
    """Take the result of an order nobody waits for."""


class _Measurements(dnp3.ISOEHandler):  # type: ignore[misc]  # untyped extension module
    """Takes what the outstation sends; nobody looks at it here."""

    def BeginFragment(self, info: Any) -> None:
        """Nothing to prepare."""

    def EndFragment(self, info: Any) -> None:
        """Nothing to finish."""


class _Application(dnp3.IMasterApplication):  # type: ignore[misc]  # untyped extension module
    """Gives the master a clock; without one it would set outstations to 1970."""

    def Now(self) -> Any:
        """Return the time of this machine, milliseconds since 1970 UTC."""
        return dnp3.UTCTimestamp(int(time.time() * 1000))


class Dnp3Master:
    """An OpenDNP3 master for rtu-res: start-up sequence, then whatever `master` is reported to do."""

    def __init__(self, address: int = hosts.DNP3_MASTER, *, keep_time: bool = False) -> None:
        """Prepare a master with this link address; `keep_time` lets it set the clock when the outstation asks."""
        self.manager = dnp3.DNP3Manager(1)
        wait = dnp3.TimeDuration.Seconds(RETRY_SECONDS)
        endpoint = dnp3.IPEndpoint(hosts.RTU_RES.ip, 20000)
        retry = dnp3.ChannelRetry(wait, wait)
        retry.reconnectDelay = wait
        channel = self.manager.AddTCPClient("channel", dnp3.levels.NOTHING, retry, [endpoint], "0.0.0.0", None)
        config = dnp3.MasterStackConfig()
        config.link.LocalAddr, config.link.RemoteAddr = address, hosts.DNP3_OUTSTATION
        if keep_time:
            config.master.timeSyncMode = dnp3.TimeSyncMode.NonLAN
        self.measurements = _Measurements()
        self.application = _Application()
        self.master = channel.AddMaster("master", self.measurements, self.application, config)

    def poll_events(self, period_seconds: int) -> None:
        """Read classes 1, 2 and 3 every so many seconds."""
        period = dnp3.TimeDuration.Seconds(period_seconds)
        self.master.AddClassScan(dnp3.ClassField(*EVENTS), period, self.measurements)

    def operate(self, index: int, *, close: bool, direct: bool = False) -> None:
        """Switch one pump, with select before operate unless `direct`."""
        kind = dnp3.OperationType.LATCH_ON if close else dnp3.OperationType.LATCH_OFF
        command = dnp3.ControlRelayOutputBlock(kind)
        send = self.master.DirectOperate if direct else self.master.SelectAndOperate
        send(command, index, pass_over)
