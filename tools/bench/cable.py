"""A veth pair between two network namespaces of its own, for the bench of watching. Needs root; removed at the end."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from typing import Final, Self

from sensor.live.error import LiveError

CLONE_NEWNET: Final = 0x40000000
NEAR: Final = "tap0"
FAR: Final = "wire0"


class Cable:
    """Two namespaces, ``NEAR`` in one and ``FAR`` in the other. As a context: made, and removed whatever happens."""

    def __init__(self) -> None:
        if os.geteuid() != 0:
            raise LiveError("the live bench makes network namespaces and needs root: sudo spanwatch bench --live")
        if shutil.which("ip") is None:
            raise LiveError("the live bench needs the program ip: install iproute2")
        self.near = f"spanwatch-bench-near-{os.getpid()}"
        self.far = f"spanwatch-bench-far-{os.getpid()}"
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)

    def __enter__(self) -> Self:
        try:
            for name in (self.near, self.far):
                _run("ip", "netns", "add", name)
                for scope in ("all", "default"):
                    _run("ip", "netns", "exec", name, "sysctl", "-qw", f"net.ipv6.conf.{scope}.disable_ipv6=1")
            _run("ip", "-n", self.near, "link", "add", NEAR, "type", "veth", "peer", "name", FAR, "netns", self.far)
            for name, interface in ((self.near, NEAR), (self.far, FAR)):
                _run("ip", "-n", name, "link", "set", interface, "arp", "off", "up")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.enter("")
        for name in (self.near, self.far):
            subprocess.run(("ip", "netns", "del", name), capture_output=True, check=False)
        os.close(self.home)

    def enter(self, name: str) -> None:
        """Move this process into a namespace, or home ("")."""
        descriptor = os.open(f"/run/netns/{name}", os.O_RDONLY) if name else os.dup(self.home)
        try:
            if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET) != 0:
                raise LiveError(f"namespace {name or 'home'}: {os.strerror(ctypes.get_errno())}")
        finally:
            os.close(descriptor)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LiveError(f"{' '.join(command)}: {done.stderr.strip()}")
