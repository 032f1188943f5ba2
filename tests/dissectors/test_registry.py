"""The list of protocols: names of their own, each dissector once, and found by name."""

from __future__ import annotations

from dissectors.registry import BY_NAME, DISSECTORS, PROTOCOLS


def test_every_protocol_is_found_by_its_own_name() -> None:
    assert [BY_NAME[protocol.name] for protocol in PROTOCOLS] == list(PROTOCOLS)
    assert len(BY_NAME) == len(PROTOCOLS)


def test_every_dissector_of_a_protocol_is_asked_once() -> None:
    assert len({id(dissector) for dissector in DISSECTORS}) == len(DISSECTORS)
    assert {id(dissector) for dissector in DISSECTORS} == {id(protocol.dissector) for protocol in PROTOCOLS}
