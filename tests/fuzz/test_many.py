"""The long run of mutated messages holds for a few thousand of them; ``make fuzz`` does many more."""

from __future__ import annotations

import pytest

from tests.fuzz.many import Segments, main, sound


def test_nothing_raises_and_no_neighbour_changes(capsys: pytest.CaptureFixture[str]) -> None:
    main(3_000)
    assert "nothing raised, no neighbour changed" in capsys.readouterr().out


def test_made_up_segments_follow_each_other_and_neighbours_differ_in_their_server_only() -> None:
    talk = Segments("10.0.0.1", "10.0.0.2", 502, 40_000)
    first, second = talk.packet(0, b"abc"), talk.packet(0, b"d")
    assert int.from_bytes(second[38:42], "big") - int.from_bytes(first[38:42], "big") == 3
    one, two = sound(1), sound(2)
    assert one[0] != two[0]
    assert [packet[54:] for packet in one[1]] == [packet[54:] for packet in two[1]]
