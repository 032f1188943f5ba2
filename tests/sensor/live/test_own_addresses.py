"""The addresses of an interface, as the kernel gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensor.live import own_addresses as module
from sensor.live.own_addresses import own_addresses


def test_the_loopback_has_its_address_and_an_unknown_interface_has_none() -> None:
    assert "127.0.0.1" in own_addresses(["lo"])
    assert own_addresses(["no-such-one"]) == []


def test_ipv6_addresses_are_read_by_interface(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "if_inet6"
    table.write_text("fd000000000000000000000000000005 02 40 00 80 no-such-one\nnot a line\n")
    monkeypatch.setattr(module, "IF_INET6", table)
    assert own_addresses(["no-such-one"]) == ["fd00::5"]
    monkeypatch.setattr(module, "IF_INET6", tmp_path / "absent")
    assert own_addresses(["no-such-one"]) == []
