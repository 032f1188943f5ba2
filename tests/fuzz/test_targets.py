"""Every fuzz target holds for its seeds and for a few hundred mutants of them, the same in every run."""

from __future__ import annotations

import pytest

from dissectors.registry import DISSECTORS
from tests.fuzz.targets import TARGETS

INPUTS = {"pipeline": 150, "wire": 250, "policy": 60}
"""What an input costs differs; a parser gets the most."""
OF_A_PARSER = 400


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_breaks_the_invariant(name: str) -> None:
    target = TARGETS[name]
    for number in range(INPUTS.get(name, OF_A_PARSER)):
        data = target.input(number)
        try:
            target.check(data)
        except Exception as error:
            error.add_note(f"input {number} of {name}, {len(data)} bytes: {data[:2000].hex()}")
            raise


def test_every_dissector_has_a_target_and_inputs_are_the_same_each_time() -> None:
    assert {f"parser_{dissector.name}" for dissector in DISSECTORS} <= set(TARGETS)
    for target in TARGETS.values():
        assert [target.input(number) for number in range(80)] == [target.input(number) for number in range(80)]
