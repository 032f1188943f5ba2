"""Promises about the words of sentences: clauses name their standard, functions their name, and what was seen is said plainly."""

from __future__ import annotations

import pytest

from dissectors.registry import PROTOCOLS
from rules.detections.words import VISIBILITIES, _function_names, clause_text


@pytest.mark.parametrize(
    ("protocol", "clause", "text"),
    [
        ("dnp3", "9.2.4.3", "IEEE 1815 9.2.4.3"),
        ("iec104", "104 5.1", "IEC 60870-5-104 5.1"),
        ("lldp", "8.5", "IEEE 802.1AB 8.5"),
        ("modbus", "V1.1b3 6", "Modbus V1.1b3 6"),
        ("iso", "RFC 1006 6", "RFC 1006 6"),
        ("modbus", "", ""),
    ],
)
def test_a_clause_names_the_standard_it_is_of(protocol: str, clause: str, text: str) -> None:
    assert clause_text(protocol, clause) == text


def test_no_violation_of_a_protocol_breaks_a_bare_number() -> None:
    for protocol in PROTOCOLS:
        for fault in protocol.violations:
            assert not clause_text(protocol.name, fault.clause)[:1].isdigit(), (protocol.name, fault.name)


def test_functions_by_number_are_named_in_the_order_of_their_numbers() -> None:
    named = "read_coils (1), read_holding_registers (3), write_multiple_registers (16)"
    assert _function_names("modbus", "1, 16, 3") == named
    assert _function_names("modbus", "read_coils") == "read_coils"
    assert _function_names("s7comm", "read_var, setup_communication") == "read_var, setup_communication"


def test_a_capture_that_is_not_whole_is_not_called_by_a_code() -> None:
    assert VISIBILITIES["gaps"] == "not complete (bytes are missing)"
