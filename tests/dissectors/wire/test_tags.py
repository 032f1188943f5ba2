"""How long the tags are that stand before an ethertype."""

from __future__ import annotations

import pytest

from dissectors.wire.tags import NO_TAG, is_vlan, tag_bytes


@pytest.mark.parametrize(
    ("kind", "size"),
    [(0x8100, 4), (0x88A8, 4), (0x9100, 4), (0x892F, 6), (0x893F, 8), (0x8926, 6), (0x8988, 8), (0x0800, NO_TAG),
     (0x88E5, NO_TAG)],
)  # fmt: skip
def test_a_tag_has_the_length_of_its_ethertype(kind: int, size: int) -> None:
    assert tag_bytes(kind, bytes(16), 0, 16) == size


@pytest.mark.parametrize(("words", "size"), [(0, 8), (1, 8), (2, 12)])
def test_metadata_is_as_long_as_it_says(words: int, size: int) -> None:
    assert tag_bytes(0x8909, bytes((1, words)) + bytes(14), 0, 16) == size
    assert tag_bytes(0x8909, b"", 0, 0) == 8


def test_only_vlans_are_vlans() -> None:
    assert is_vlan(0x8100)
    assert not is_vlan(0x8926)
