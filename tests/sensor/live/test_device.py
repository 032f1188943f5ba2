from __future__ import annotations

import fcntl
import struct
import subprocess
from pathlib import Path

import pytest

from sensor.live import device
from sensor.live.error import LiveError
from tests.sensor.live.wires import Cable, needs_root, run

pytestmark = needs_root
TUNNEL = Path("/dev/net/tun")


def test_ethernet_and_loopback_are_ethernet_to_the_reader() -> None:
    with Cable():
        found = device.find("tap0")
        assert (found.link, found.loopback) == (1, False)
        assert found.index == int(subprocess.run(("ip", "link", "show", "tap0"), capture_output=True, text=True).stdout.split(":")[0])  # fmt: skip
        assert (device.find("lo").link, device.find("lo").loopback) == (1, True)


def test_an_interface_is_up_down_gone_and_never_mistaken_for_its_successor() -> None:
    with Cable() as cable:
        found = device.find("tap0")
        assert device.state(found) == "up"
        cable.switch(0, "down")
        assert device.state(found) == "down"
        cable.pull(0)
        assert device.state(found) == "gone"
        cable.plug(0)
        assert device.find("tap0").index != found.index
        assert device.state(found) == "gone"
        assert device.state(device.find("tap0")) == "up"


@pytest.mark.parametrize("name", ["", "eth9", "a" * 40, "bad\0name", "é" * 10])
def test_a_name_that_is_none_is_one_clear_error(name: str) -> None:
    with Cable(), pytest.raises(LiveError, match=r"there is no interface .*there are: lo, tap0"):
        device.find(name)


@pytest.mark.skipif(not TUNNEL.exists(), reason="this kernel has no tun device")
def test_an_interface_of_a_kind_nobody_reads_is_refused_with_the_way_out() -> None:
    with Cable(), TUNNEL.open("r+b", buffering=0) as tunnel:
        fcntl.ioctl(tunnel, 0x400454CA, struct.pack("16sH22x", b"tun9", 0x1001))  # TUNSETIFF, IFF_TUN | IFF_NO_PI
        fcntl.ioctl(tunnel, 0x400454CD, 280)  # TUNSETLINK, ARPHRD_CAN
        with pytest.raises(LiveError, match=r"ARPHRD 280.*replay"):
            device.find("tun9")


def test_an_interface_on_which_the_system_may_speak_is_reported_with_the_cure() -> None:
    with Cable() as cable:
        found = device.find("tap0")
        assert device.speaks(found) == ""
        run("ip", "netns", "exec", cable.near, "sysctl", "-qw", "net.ipv6.conf.tap0.disable_ipv6=0")
        run("ip", "link", "set", "dev", "tap0", "arp", "on")
        said = device.speaks(found)
        assert "sysctl -w net.ipv6.conf.tap0.disable_ipv6=1" in said
        assert "ip link set dev tap0 arp off multicast off" in said
        assert device.speaks(device.find("lo")) == ""
