"""An alert on what came in a tunnel says who sent the tunnel."""

from __future__ import annotations

from rules.detections.tunnel import inside, outer_ends


def test_the_outermost_ends_count() -> None:
    assert outer_ends("vxlan 7 10.0.0.5 > 10.0.0.6") == ("10.0.0.5", "10.0.0.6")
    assert outer_ends("gre 10.0.0.1 > 10.0.0.2, vxlan 7 10.0.0.5 > 10.0.0.6") == ("10.0.0.1", "10.0.0.2")
    assert outer_ends("") == outer_ends("one of too many tunnels") == ()


def test_the_sentence_names_the_sender() -> None:
    assert "10.0.0.5 sent it" in inside("vxlan 7 10.0.0.5 > 10.0.0.6")
    assert "the sender of the tunnel wrote" in inside("one of too many tunnels")
