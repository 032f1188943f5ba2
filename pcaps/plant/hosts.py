"""The stations of the plant: who they are on the wire. `policy.yaml` binds the same addresses."""

from __future__ import annotations

import msgspec

CELL = "10.20.1.0/24"
GATEWAY = "10.20.1.1"
SITE_GATEWAY = "10.20.3.1"


class Host(msgspec.Struct, frozen=True):
    """One station: its name, IPv4 address, MAC, and the gateway of its segment."""

    name: str
    ip: str
    mac: str
    gateway: str = GATEWAY


Module = tuple[str, *tuple[str, ...]]
"""The name of a module of this package and its arguments."""

SCADA = Host("scada-1", "10.20.1.10", "00:1b:1b:aa:00:10")
HMI = Host("hmi-1", "10.20.1.11", "00:1b:1b:aa:00:11")
EWS = Host("ews-1", "10.20.1.50", "00:1b:1b:aa:00:50")
PLC_CHEM = Host("plc-chem", "10.20.1.21", "00:80:f4:01:02:21")
PLC_FILT = Host("plc-filt", "10.20.1.22", "00:1b:1b:22:10:02")
RTU_RES = Host("rtu-res", "10.20.1.31", "00:30:a7:12:34:31")
RTU_LINE = Host("rtu-line", "10.20.1.41", "00:02:a3:12:34:41")
SWITCH = Host("sw-cell-1", "10.20.1.2", "00:90:e8:20:01:02")
HISTORIAN = Host("hist-1", "10.20.3.20", "00:50:56:bb:00:20", SITE_GATEWAY)
LAPTOP = Host("laptop", "10.20.1.66", "54:bf:64:3c:91:66")

CELL_HOSTS = (SCADA, HMI, EWS, PLC_CHEM, PLC_FILT, RTU_RES, RTU_LINE, SWITCH, LAPTOP)
FIREWALL_CELL_MAC = "00:0a:dc:20:01:01"
FIREWALL_SITE_MAC = "00:0a:dc:20:03:01"
"""fw-ot-1 joins the cell and the site segment, so the historian is seen behind its cell MAC."""

MODBUS_UNIT = 1
S7_RACK, S7_SLOT = 0, 2
DNP3_MASTER, DNP3_OUTSTATION = 1, 10
IEC104_PORT, IEC104_STATION = 2404, 41
HISTORIAN_PORT = 5450
