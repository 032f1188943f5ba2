"""Tunnels are told apart by their outer ends, their kind and their number, and are named in the direction of the packet."""

from __future__ import annotations

from dissectors.wire.link import Link
from dissectors.wire.mirrors import Mirrors, MirrorSession
from dissectors.wire.tunnel_table import FURTHER, MAX_TUNNELS, TunnelTable

A, B = 0x0A000005, 0x0A000006


def table(mirrors: Mirrors | None = None) -> TunnelTable:
    return TunnelTable(Link(), mirrors or Mirrors())


def test_both_directions_are_one_tunnel_with_two_names() -> None:
    tunnels = table()
    link = tunnels.link
    tunnels.enter("vxlan", 7, 0, A, 0, B, False)
    there = (link.tunnel, link.tunnel_text, link.tunnel_reverse)
    link.tunnel = 0
    tunnels.enter("vxlan", 7, 0, B, 0, A, False)
    assert there == (1, "vxlan 7 10.0.0.5 > 10.0.0.6", "vxlan 7 10.0.0.6 > 10.0.0.5")
    assert (link.tunnel, link.tunnel_text, link.tunnel_reverse) == (1, there[2], there[1])


def test_other_numbers_kinds_and_ends_are_other_tunnels() -> None:
    tunnels = table()
    numbers = set()
    for kind, session, end in (("vxlan", 7, B), ("vxlan", 8, B), ("geneve", 7, B), ("vxlan", 7, B + 1)):
        tunnels.link.tunnel = 0
        tunnels.enter(kind, session, 0, A, 0, end, False)
        numbers.add(tunnels.link.tunnel)
    assert numbers == {1, 2, 3, 4}


def test_a_tunnel_in_a_tunnel_names_the_outer_one_first_in_both_directions() -> None:
    tunnels = table()
    link = tunnels.link
    names = []
    for x, y in ((A, B), (B, A)):
        link.tunnel = 0
        tunnels.enter("gre", -1, 0, x, 0, y, False)
        tunnels.enter("vxlan", 7, 0, x + 16, 0, y + 16, False)
        names.append((link.tunnel, link.tunnel_text))
    assert names == [
        (2, "gre 10.0.0.5 > 10.0.0.6, vxlan 7 10.0.0.21 > 10.0.0.22"),
        (2, "gre 10.0.0.6 > 10.0.0.5, vxlan 7 10.0.0.22 > 10.0.0.21"),
    ]


def test_what_comes_in_a_mirror_session_is_in_no_tunnel() -> None:
    tunnels = table(Mirrors([MirrorSession("vxlan", "10.0.0.5", "10.0.0.6")]))
    assert tunnels.enter("vxlan", 7, 0, A, 0, B, False) is None
    assert tunnels.link.tunnel == 0
    assert tunnels.enter("vxlan", 7, 0, B, 0, A, False) is not None


def test_a_mirror_session_inside_a_tunnel_proves_nothing() -> None:
    tunnels = table()
    tunnels.enter("vxlan", 7, 0, A, 0, B, False)
    assert tunnels.enter("erspan", 1, 0, A, 0, B, False) is not None


def test_tunnels_are_bounded_and_further_ones_share_a_number() -> None:
    tunnels = table()
    for number in range(MAX_TUNNELS + 3):
        tunnels.link.tunnel = 0
        tunnels.enter("vxlan", number, 0, A, 0, B, False)
    assert (len(tunnels.tunnels), tunnels.crowded) == (MAX_TUNNELS, 3)
    assert (tunnels.link.tunnel, tunnels.link.tunnel_text) == (MAX_TUNNELS + 1, FURTHER)


def test_ipv6_ends_are_named_as_such() -> None:
    tunnels = table()
    tunnels.enter("gre", -1, -(1 << 57), 1, -(1 << 57), 2, True)
    assert tunnels.link.tunnel_text == "gre fe00::1 > fe00::2"
