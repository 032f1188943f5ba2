"""Promises about the maker of a network card."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sensor.inventory.vendor import vendor_of


@pytest.mark.parametrize(("mac", "maker"), [("00:1b:1b:aa:00:11", "Siemens"), ("00:0c:29:01:02:03", "VMware")])
def test_a_registered_block_has_its_maker(mac: str, maker: str) -> None:
    assert vendor_of(mac).startswith(maker)


@pytest.mark.parametrize("mac", ["", "02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff", "70:b3:d5:11:22:33", "nonsense"])
def test_an_address_without_a_registered_owner_has_no_maker(mac: str) -> None:
    assert vendor_of(mac) == ""


def test_the_registry_is_loaded_only_when_somebody_asks() -> None:
    code = "import sys, sensor.pipeline.pipeline; sys.exit('netaddr' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
