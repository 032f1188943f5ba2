"""Namespaces and cables: one namespace per station, a switch namespace with a bridge, a router to the site segment.

The bridge's own interface is the mirror port: in promiscuous mode it is handed each forwarded frame exactly once.
Checksum offload is off, so frames carry the checksums a real wire carries; IPv6 is off, so no station announces itself.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from pcaps.plant import hosts

PREFIX = "plant-"
SWITCH = PREFIX + "switch"
ROUTER = PREFIX + "fw-ot-1"
MIRROR = "br0"
LOCK = Path("/run/pcaps-plant.lock")
TOOLS = ("ip", "ethtool", "tcpdump", "sysctl")
LLDP_MASK = "16384"
"""Bit 14: a mirror port shows the announcements to 01:80:c2:00:00:0e, which a bridge does not forward by itself."""
OFFLOADS = ("tx", "rx", "tso", "gso", "gro")


class NetworkError(Exception):
    """A namespace or cable could not be made; the message holds the command and what it said."""


def missing_tools(programs: Iterable[str] = ()) -> list[str]:
    """Return the programs this package needs, and these besides, that are not installed."""
    return [tool for tool in (*TOOLS, *programs) if shutil.which(tool) is None]


def namespace(host: hosts.Host) -> str:
    """Return the namespace a station lives in."""
    return PREFIX + host.name


def run(*command: str) -> None:
    """Run one command; raise NetworkError with its words when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NetworkError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")


def _add_namespace(name: str) -> None:
    run("ip", "netns", "add", name)
    for scope in ("all", "default"):
        run("ip", "netns", "exec", name, "sysctl", "-qw", f"net.ipv6.conf.{scope}.disable_ipv6=1")
    run("ip", "-n", name, "link", "set", "lo", "up")


def _cable(left: tuple[str, str], right: tuple[str, str]) -> None:
    """Join interface `left` to `right` (namespace, interface) with a veth pair without offloads."""
    run("ip", "-n", left[0], "link", "add", left[1], "type", "veth", "peer", "name", right[1], "netns", right[0])
    for space, interface in (left, right):
        settings = [word for offload in OFFLOADS for word in (offload, "off")]
        run("ip", "netns", "exec", space, "ethtool", "-K", interface, *settings)


def _address(space: str, interface: str, ip: str, mac: str) -> None:
    run("ip", "-n", space, "link", "set", interface, "address", mac)
    run("ip", "-n", space, "addr", "add", f"{ip}/24", "brd", "+", "dev", interface)
    run("ip", "-n", space, "link", "set", interface, "up")


def _plug_into_switch(space: str, interface: str, port: str) -> None:
    _cable((SWITCH, port), (space, interface))
    run("ip", "-n", SWITCH, "link", "set", port, "master", MIRROR)
    run("ip", "-n", SWITCH, "link", "set", port, "up")


class Network:
    """The plant network as a context: made on entry, removed on exit whatever happened. A second run waits its turn."""

    def __init__(self) -> None:
        """Prepare a network; nothing is made yet."""
        self.turn = LOCK.open("w")

    def __enter__(self) -> Self:
        """Build it; nothing is left behind when that fails."""
        fcntl.flock(self.turn, fcntl.LOCK_EX)
        remove_all()
        try:
            self._build()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove it."""
        remove_all()
        self.turn.close()

    def _build(self) -> None:
        _add_namespace(SWITCH)
        run("ip", "-n", SWITCH, "link", "add", MIRROR, "type", "bridge", "stp_state", "0", "mcast_snooping", "0")
        run("ip", "-n", SWITCH, "link", "set", MIRROR, "type", "bridge", "group_fwd_mask", LLDP_MASK)
        run("ip", "-n", SWITCH, "link", "set", MIRROR, "up")
        for number, host in enumerate(hosts.CELL_HOSTS):
            space = namespace(host)
            _add_namespace(space)
            _plug_into_switch(space, "eth0", f"port{number}")
            _address(space, "eth0", host.ip, host.mac)
            run("ip", "-n", space, "route", "add", "default", "via", host.gateway)
        self._build_site()

    def _build_site(self) -> None:
        site = namespace(hosts.HISTORIAN)
        _add_namespace(ROUTER)
        _add_namespace(site)
        _plug_into_switch(ROUTER, "cell", "uplink")
        _address(ROUTER, "cell", hosts.GATEWAY, hosts.FIREWALL_CELL_MAC)
        _cable((ROUTER, "site"), (site, "eth0"))
        _address(ROUTER, "site", hosts.SITE_GATEWAY, hosts.FIREWALL_SITE_MAC)
        _address(site, "eth0", hosts.HISTORIAN.ip, hosts.HISTORIAN.mac)
        run("ip", "-n", site, "route", "add", "default", "via", hosts.HISTORIAN.gateway)
        run("ip", "netns", "exec", ROUTER, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        run("ip", "netns", "exec", ROUTER, "sysctl", "-qw", "net.ipv4.conf.all.send_redirects=0")


def remove_all() -> None:
    """End the processes in every namespace of the plant and remove it, also those a killed run left behind."""
    listed = subprocess.run(("ip", "netns", "list"), capture_output=True, text=True, check=False).stdout
    for name in sorted(line.split()[0] for line in listed.splitlines() if line.startswith(PREFIX)):
        inside = subprocess.run(("ip", "netns", "pids", name), capture_output=True, text=True, check=False).stdout
        for process in inside.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGTERM)
        subprocess.run(("ip", "netns", "del", name), capture_output=True, check=False)
