"""plc-chem: the chemical dosing controller, a pymodbus TCP server (unit 1, port 502).

Coils 0-15, discrete inputs 0-15, holding registers 100-119 (100 and 101 are the setpoints), input registers 0-39.
Everything else answers exception 2, as the real map would.
"""

from __future__ import annotations

import asyncio
import logging
import time

from pymodbus.constants import ExcCodes
from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from pcaps.plant import hosts
from pcaps.plant.process import DOSING

IDENTITY = {
    0: "Schneider Electric",
    1: "BMX P34 2020",
    2: "v2.9",
    3: "http://www.schneider-electric.com",
    4: "Modicon M340",
    5: "BMXP342020",
    6: "DOSING",
}
IDENTIFICATION = ModbusDeviceIdentification(info=IDENTITY)  # type: ignore[no-untyped-call]  # half-typed library
SETPOINTS = (55, 18)
READ_INPUT_REGISTERS = 4
FUNCTION, EXCEPTION = 7, 0x80
FORCE_LISTEN_ONLY, RESTART_COMMUNICATION = b"\x08\x00\x04", b"\x08\x00\x01"
STARTED = time.monotonic()


async def _refresh(
    function_code: int,
    start_address: int,
    address: int,
    count: int,
    current_registers: list[int],
    set_values: list[int] | list[bool] | None,
) -> ExcCodes | None:
    """Put the present measurements into the input registers that are about to be read."""
    if function_code == READ_INPUT_REGISTERS and set_values is None:
        seconds = time.monotonic() - STARTED
        for register in range(address, min(address + count, len(DOSING))):
            if register - start_address < len(current_registers):
                current_registers[register - start_address] = DOSING[register].at(seconds)
    return None


def device() -> SimDevice:
    """Return the register map."""
    coils = [SimData(0, values=[True, False, True, True] + [False] * 12, datatype=DataType.BITS)]
    inputs = [SimData(0, values=[True, True, False, True] + [False] * 12, datatype=DataType.BITS)]
    holding = [SimData(100, values=[*SETPOINTS, 80, 20, 35, 0, 10, 600] + [0] * 12, datatype=DataType.REGISTERS)]
    measured = [SimData(0, values=[curve.at(0) for curve in DOSING] + [0] * 20, datatype=DataType.REGISTERS)]
    return SimDevice(
        hosts.MODBUS_UNIT,
        simdata=(coils, inputs, holding, measured),
        identity=IDENTIFICATION,
        action=_refresh,
    )


class Manners:
    """Corrects two habits of the stack, for all connections of the controller.

    pymodbus refuses a function it does not know with exception function 0x80; the application protocol (section 7) and
    every controller answer the asked function + 0x80. And it answers everything in listen-only mode, even the order
    itself; a controller is silent (section 6.8) until its communication is restarted (8, sub-function 1).
    """

    def __init__(self) -> None:
        """Begin before anything was asked."""
        self.asked = 0
        self.silent = False

    def __call__(self, sending: bool, packet: bytes) -> bytes:
        """Take note of a request; return an answer as the controller would give it, empty for none."""
        if not sending:
            self._note(packet)
            return packet
        if self.silent:
            return b""
        if packet[FUNCTION] == EXCEPTION:
            return packet[:FUNCTION] + bytes((self.asked | EXCEPTION,)) + packet[FUNCTION + 1 :]
        return packet

    def _note(self, request: bytes) -> None:
        if len(request) > FUNCTION:
            self.asked = request[FUNCTION]
        if request[FUNCTION : FUNCTION + 3] == FORCE_LISTEN_ONLY:
            self.silent = True
        elif request[FUNCTION : FUNCTION + 3] == RESTART_COMMUNICATION:
            self.silent = False


async def serve() -> None:
    """Answer until the process is ended."""
    logging.disable(logging.ERROR)
    server = ModbusTcpServer(
        device(),
        address=(hosts.PLC_CHEM.ip, 502),
        identity=IDENTIFICATION,
        trace_packet=Manners(),
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
