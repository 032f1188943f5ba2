"""rtu-line: the substation of the supply line, an IEC 60870-5-104 station on lib60870 (c104, common address 41).

Measured values are reported in cycles and spontaneously, states and counters with and without a time tag; commands are
executed directly or after a select, set-points directly. It listens behind `iec104_front`, which carries out the
reset of the process that the library refuses.
"""

import itertools
import time

import c104

from pcaps.plant import hosts
from pcaps.plant.iec104_front import BACKEND, Front
from pcaps.plant.process import LINE

TICK_MILLISECONDS, CYCLE_MILLISECONDS = 100, 4000
ANSWER_SECONDS, RESTART_SECONDS = 0.3, 3.0
VOLTAGE, CURRENT, POWER, FREQUENCY = 1001, 1002, 1003, 1004
BREAKER_COMMAND, LAMP_COMMAND, DISCONNECTOR_COMMAND, PUMP_COMMAND, TAP_COMMAND = range(4001, 4006)
VOLTAGE_TARGET, POWER_TARGET, FREQUENCY_TARGET = range(5001, 5004)
VOLTAGE_LIMITS = (100.0, 120.0)

T = c104.Type
CYCLIC = {VOLTAGE: T.M_ME_NC_1, CURRENT: T.M_ME_NC_1, POWER: T.M_ME_NB_1, FREQUENCY: T.M_ME_NA_1}
REPORTED = {
    1101: T.M_ME_TF_1,
    1102: T.M_ME_TE_1,
    1103: T.M_ME_TD_1,
    2001: T.M_SP_NA_1,
    2002: T.M_SP_TB_1,
    2003: T.M_DP_NA_1,
    2004: T.M_DP_TB_1,
    2005: T.M_ST_NA_1,
    2006: T.M_ST_TB_1,
    2007: T.M_BO_NA_1,
    2008: T.M_BO_TB_1,
    3001: T.M_IT_NA_1,
    3002: T.M_IT_TB_1,
}
COMMANDS = {
    BREAKER_COMMAND: (T.C_SC_NA_1, c104.CommandMode.SELECT_AND_EXECUTE, 2002),
    LAMP_COMMAND: (T.C_SC_NA_1, c104.CommandMode.DIRECT, 2001),
    DISCONNECTOR_COMMAND: (T.C_DC_NA_1, c104.CommandMode.SELECT_AND_EXECUTE, 2004),
    PUMP_COMMAND: (T.C_SC_TA_1, c104.CommandMode.DIRECT, 2001),
    TAP_COMMAND: (T.C_RC_NA_1, c104.CommandMode.DIRECT, 2006),
    VOLTAGE_TARGET: (T.C_SE_NC_1, c104.CommandMode.DIRECT, 1101),
    POWER_TARGET: (T.C_SE_NB_1, c104.CommandMode.DIRECT, 1102),
    FREQUENCY_TARGET: (T.C_SE_NA_1, c104.CommandMode.DIRECT, 1103),
}
EVERY_SECONDS = {
    1101: (6, 1),
    1102: (6, 3),
    1103: (6, 5),
    2001: (18, 11),
    2002: (8, 2),
    2003: (18, 4),
    2004: (8, 6),
    2005: (24, 16),
    2006: (24, 20),
    2007: (30, 14),
    2008: (30, 22),
}
"""How often each point is reported by itself, and from which second on."""


def obey(point: c104.Point, previous_info: c104.Information, message: c104.IncomingMessage) -> c104.ResponseState:
    """Carry out whatever is ordered; the library answers."""
    return c104.ResponseState.SUCCESS


class Substation:
    """The station and its points; `stop` takes it off the network."""

    def __init__(self, cause: c104.Coi) -> None:
        """Listen behind the front; `cause` is what the station says of its start to the first who asks for data."""
        self.cause: c104.Coi | None = cause
        self.server = c104.Server(*BACKEND, tick_rate_ms=TICK_MILLISECONDS)
        station = self.server.add_station(hosts.IEC104_STATION)
        assert station is not None
        self.station = station
        for address, kind in CYCLIC.items():
            station.add_point(address, kind, report_ms=CYCLE_MILLISECONDS)
        for address, kind in REPORTED.items():
            station.add_point(address, kind)
        for address, (kind, mode, shown) in COMMANDS.items():
            command = station.add_point(address, kind, 0, shown, related_io_autoreturn=True, command_mode=mode)
            assert command is not None
            command.on_receive(callable=obey)
        self.server.start()
        self.front = Front()

    def update(self, second: int) -> None:
        """Take the measurements of this second and report what changed."""
        if self.cause is not None and self.server.has_active_connections:
            self.station.signal_initialized(self.cause)
            self.cause = None
        count = second // 2
        normal = [c104.NormalizedFloat(LINE[index].at(second) / 10_000) for index in (3, 6)]
        scaled = [c104.Int16(LINE[index].at(second)) for index in (2, 5)]
        for address, value in (
            (VOLTAGE, LINE[0].at(second) / 45),
            (CURRENT, LINE[1].at(second) / 20),
            (POWER, scaled[0]),
            (FREQUENCY, normal[0]),
            (1101, LINE[4].at(second) / 60),
            (1102, scaled[1]),
            (1103, normal[1]),
            (3001, count),
            (3002, 3 * count),
        ):
            self._set(address, value)
        for address, (period, first) in EVERY_SECONDS.items():
            if second % period == first:
                self._report(address, second // period)

    def _set(self, address: int, value: object) -> None:
        point = self.station.get_point(address)
        assert point is not None
        point.value = value  # type: ignore[assignment]  # the caller gives what the type of the point wants

    def _report(self, address: int, turn: int) -> None:
        """Change a state to that of this turn, and send a point spontaneously."""
        states: dict[c104.Type, object] = {
            T.M_SP_NA_1: turn % 2 == 0,
            T.M_SP_TB_1: turn % 2 == 0,
            T.M_DP_NA_1: c104.Double.ON if turn % 2 else c104.Double.OFF,
            T.M_DP_TB_1: c104.Double.ON if turn % 2 else c104.Double.OFF,
            T.M_ST_NA_1: c104.Int7(turn % 5),
            T.M_ST_TB_1: c104.Int7(turn % 5),
            T.M_BO_NA_1: c104.Byte32(0x00A5_0000 | turn),
            T.M_BO_TB_1: c104.Byte32(0x005A_0000 | turn),
        }
        kind = REPORTED[address]
        if kind in states:
            self._set(address, states[kind])
        point = self.station.get_point(address)
        assert point is not None
        point.transmit(c104.Cot.SPONTANEOUS)

    def stop(self) -> None:
        """Close the connections and free both ports."""
        self.front.stop()
        self.server.stop()


def serve() -> None:
    """Answer, report and reset on command until the process is ended."""
    substation = Substation(c104.Coi.LOCAL_POWER_ON)
    started = time.monotonic()
    for second in itertools.count():
        substation.update(second)
        if substation.front.reset.wait(max(0.0, started + second + 1 - time.monotonic())):
            time.sleep(ANSWER_SECONDS)
            substation.stop()
            time.sleep(RESTART_SECONDS)
            substation = Substation(c104.Coi.REMOTE_RESET)


if __name__ == "__main__":
    serve()
