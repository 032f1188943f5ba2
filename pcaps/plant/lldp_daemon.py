"""The stations whose neighbour announcements are written by lldpd: the cell switch and the engineering station.

`python -m pcaps.plant.lldp_daemon STATION` runs lldpd with everything it would take from this machine replaced. The
switch adds the PROFINET TLV with its chassis MAC, the engineering station the LLDP-MED inventory.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

import msgspec

from pcaps.plant import hosts

ENDPOINT, CONNECTIVITY = "1", "4"
PERIOD_SECONDS = 5


class Announced(msgspec.Struct, frozen=True):
    """What one station says of itself, in the order of the LLDP-MED inventory after its description."""

    host: hosts.Host
    description: str
    port: tuple[str, str]
    capabilities: str
    med_class: str
    inventory: tuple[tuple[str, str], ...]
    commands: tuple[str, ...] = ()


SWITCH = Announced(
    hosts.SWITCH,
    "Managed Industrial Ethernet Switch, IES-2210-8TX-2SFP, Order No. IES2210-0BA10-2AB2, HW: Version 3, FW: Version "
    "V04.02.01, S/N 20417733",
    ("port-010", "Port 10, uplink and mirror"),
    "bridge",
    CONNECTIVITY,
    (
        ("hardware-revision", "3"),
        ("firmware-revision", "V04.02.01"),
        ("serial-number", "20417733"),
        ("manufacturer", "Industrial Networks"),
        ("model", "IES2210-0BA10-2AB2"),
        ("asset", "CELL-1-SW"),
    ),
    (f"configure lldp custom-tlv oui 00,0e,cf subtype 5 oui-info {hosts.SWITCH.mac.replace(':', ',')}",),
)
EWS = Announced(
    hosts.EWS,
    "Industrial Workstation, IPC-547J, BIOS V25.02.09, Linux",
    ("port-001", "Onboard LAN 1"),
    "station",
    ENDPOINT,
    (
        ("hardware-revision", "D4"),
        ("firmware-revision", "V25.02.09"),
        ("serial-number", "VPM4100217"),
        ("manufacturer", "Industrial PC"),
        ("model", "IPC-547J"),
        ("asset", "EWS-0001"),
    ),
)
STATIONS = {station.host.name: station for station in (SWITCH, EWS)}


def configuration(station: Announced) -> str:
    """Return the lldpcli commands that make lldpd announce this station."""
    port, label = station.port
    lines = [
        f"configure system hostname {station.host.name}",
        f'configure system description "{station.description}"',
        f"configure system capabilities enabled {station.capabilities}",
        f"configure system ip management pattern {station.host.ip}",
        f"configure lldp tx-interval {PERIOD_SECONDS}",
        f"configure ports eth0 lldp portidsubtype local {port}",
        f'configure ports eth0 lldp portdescription "{label}"',
        *(f'configure inventory {name} "{value}"' for name, value in station.inventory),
        *station.commands,
    ]
    return "\n".join(lines) + "\n"


def announce(station: Announced) -> None:
    """Run lldpd until this process is ended; its socket must be open to the user lldpd becomes."""
    signal.signal(signal.SIGTERM, _end)
    with tempfile.TemporaryDirectory(prefix="plant-lldp-") as folder:
        own = Path(folder)
        own.chmod(0o755)
        file = own / "lldpd.conf"
        file.write_text(configuration(station), encoding="utf-8")
        words = ("-d", "-k", "-M", station.med_class, "-I", "eth0", "-u", str(own / "socket"), "-O", str(file))
        with subprocess.Popen(("lldpd", *words), stderr=subprocess.DEVNULL) as daemon:
            try:
                daemon.wait()
            finally:
                daemon.terminate()
    raise SystemExit(f"lldpd of {station.host.name} ended with {daemon.returncode}")


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    announce(STATIONS[sys.argv[1]])
