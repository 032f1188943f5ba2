"""rtu-res: the reservoir outstation, the OpenDNP3 stack (link address 10, port 20000).

Four points each of binary input, analog input, counter, binary output status and analog output status; all events are
class 1, as the bindings offer no other choice. It reports events unsolicited once a master has enabled them, and a cold
restart really takes it off the network for some seconds. One master connection at a time: a new one replaces the old.
"""

# ruff: noqa: N802  # the bindings call these methods by their C++ names

from __future__ import annotations

import threading
import time
from typing import Any

import opendnp3 as dnp3  # type: ignore[import-untyped]  # the extension has no stubs

from pcaps.plant import hosts
from pcaps.plant.process import RESERVOIR

RESTART_MILLISECONDS = 3000
UPDATE_SECONDS = 4.0
FLOAT_SECONDS, COUNT_SECONDS = 24, 8
EVENT_BUFFER = 50
CONFIRM_SECONDS = 1
"""Short, because a read waits until an unsolicited response is confirmed or given up."""
ANSWER_SECONDS = 0.5
ONLINE = 0x01
PUMPS = range(4)


class Application(dnp3.IOutstationApplication):  # type: ignore[misc]  # untyped extension module
    """Answers restarts and time writes; asks for the time until it has been set."""

    def __init__(self) -> None:
        """Begin without a time."""
        super().__init__()
        self.restart = threading.Event()
        self.need_time = True

    def GetApplicationIIN(self) -> Any:
        """Set IIN1.4 while the time is not known."""
        indications = dnp3.ApplicationIIN()
        indications.needTime = self.need_time
        return indications

    def ColdRestartSupport(self) -> Any:
        """Answer a restart with the time it takes, in milliseconds (g52v2)."""
        return dnp3.RestartMode.SUPPORTED_DELAY_FINE

    def ColdRestart(self) -> int:
        """Note the order; return the milliseconds it takes."""
        self.restart.set()
        return RESTART_MILLISECONDS

    def SupportsWriteAbsoluteTime(self) -> bool:
        """Accept time writes."""
        return True

    def WriteAbsoluteTime(self, timestamp: Any) -> bool:
        """Take any time."""
        self.need_time = False
        return True


class Pumps(dnp3.ICommandHandler):  # type: ignore[misc]  # untyped extension module
    """Accepts control blocks for the four pumps and refuses every other point."""

    def Begin(self) -> None:
        """Nothing to prepare."""

    def End(self) -> None:
        """Nothing to finish."""

    def Select(self, command: Any, index: int) -> Any:
        """Say whether this point can be operated."""
        return self._status(command, index)

    def Operate(self, command: Any, index: int, *rest: Any) -> Any:
        """Operate, or say why not."""
        return self._status(command, index)

    @staticmethod
    def _status(command: Any, index: int) -> Any:
        if isinstance(command, dnp3.ControlRelayOutputBlock) and index in PUMPS:
            return dnp3.CommandStatus.SUCCESS
        return dnp3.CommandStatus.NOT_SUPPORTED


class Outstation:
    """The DNP3 stack listening on the station's address; `stop` takes it off the network."""

    def __init__(self, application: Application, pumps: Pumps) -> None:
        """Listen at once; the two handlers must outlive the stack."""
        self.manager = dnp3.DNP3Manager(1)
        channel = self.manager.AddTCPServer(
            "channel",
            dnp3.levels.NOTHING,
            dnp3.ServerAcceptMode.CloseExisting,
            dnp3.IPEndpoint(hosts.RTU_RES.ip, 20000),
            None,
        )
        database = dnp3.DatabaseConfig(len(RESERVOIR))
        for unused in ("double_binary", "frozen_counter", "octet_string", "time_and_interval"):
            setattr(database, unused, {})
        config = dnp3.OutstationStackConfig(database)
        config.outstation.eventBufferConfig = dnp3.EventBufferConfig.AllTypes(EVENT_BUFFER)
        config.outstation.params.allowUnsolicited = True
        config.outstation.params.respondToAnyMaster = True
        config.outstation.params.unsolConfirmTimeout = dnp3.TimeDuration.Seconds(CONFIRM_SECONDS)
        config.link.LocalAddr = hosts.DNP3_OUTSTATION
        config.link.RemoteAddr = hosts.DNP3_MASTER
        config.link.KeepAliveTimeout = dnp3.TimeDuration.Seconds(20)
        self.outstation = channel.AddOutstation("outstation", pumps, application, config)
        self.outstation.Enable()

    def update(self, seconds: float) -> None:
        """Report the present measurements; those that changed become events."""
        builder = dnp3.UpdateBuilder()
        stamp = dnp3.DNPTime(int(time.time() * 1000))
        for index, curve in enumerate(RESERVOIR):
            builder.Update(dnp3.Analog(curve.at(seconds), dnp3.Flags(ONLINE), stamp), index)
        builder.Update(dnp3.Binary(seconds % FLOAT_SECONDS < FLOAT_SECONDS / 2, dnp3.Flags(ONLINE), stamp), 0)
        builder.Update(dnp3.Counter(int(seconds) // COUNT_SECONDS, dnp3.Flags(ONLINE), stamp), 0)
        self.outstation.Apply(builder.Build())

    def stop(self) -> None:
        """Close the connections and free the port."""
        self.manager.Shutdown()


def serve() -> None:
    """Answer, update and restart on command until the process is ended."""
    application, pumps = Application(), Pumps()
    started = time.monotonic()
    outstation = Outstation(application, pumps)
    while True:
        outstation.update(time.monotonic() - started)
        if application.restart.wait(UPDATE_SECONDS):
            time.sleep(ANSWER_SECONDS)
            outstation.stop()
            time.sleep(RESTART_MILLISECONDS / 1000)
            application.restart.clear()
            application.need_time = True
            outstation = Outstation(application, pumps)


if __name__ == "__main__":
    serve()
