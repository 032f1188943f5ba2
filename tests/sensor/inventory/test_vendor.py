"""Promises about the maker of a network card."""

from __future__ import annotations

import subprocess
import sys

import pytest
from netaddr import OUI
from netaddr.eui.ieee import OUI_INDEX

from sensor.inventory.vendor import vendor_of


@pytest.mark.parametrize(("mac", "maker"), [("00:1b:1b:aa:00:11", "Siemens"), ("00:0c:29:01:02:03", "VMware")])
def test_a_registered_block_has_its_maker(mac: str, maker: str) -> None:
    assert vendor_of(mac).startswith(maker)


@pytest.mark.parametrize("mac", ["", "02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff", "70:b3:d5:11:22:33", "nonsense"])
def test_an_address_without_a_registered_owner_has_no_maker(mac: str) -> None:
    assert vendor_of(mac) == ""


def test_every_block_has_the_maker_that_the_library_names() -> None:
    """The files of netaddr are read without it: a version with other files would show here."""
    blocks = sorted(OUI_INDEX)
    assert len(blocks) > 30_000
    named = 0
    for block in blocks[:: len(blocks) // 1_000]:
        digits = f"{block:06x}"
        maker = vendor_of(f"{digits[:2]}:{digits[2:4]}:{digits[4:]}:00:00:01")
        if not block >> 16 & 3:
            said = OUI(block).registration().org.rstrip(", ")
            assert maker == ("" if said in {"Private", "IEEE Registration Authority"} else said)
            named += maker != ""
    assert named > 500


def test_the_library_is_never_loaded() -> None:
    """It costs a tenth of a second, and a table that nobody needs."""
    code = "import sys; from sensor.inventory.vendor import vendor_of; sys.exit('netaddr' in sys.modules or not vendor_of('00:1b:1b:aa:00:11'))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
