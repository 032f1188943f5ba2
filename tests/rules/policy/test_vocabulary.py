"""What the policy knows of protocols comes from their declarations alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rules.policy.extent import ALL
from rules.policy.vocabulary import DISSECTED, VOCABULARIES, words_of
from tests.repository import ROOT

TOY = Path(__file__).with_name("toy.py")


@pytest.mark.parametrize(
    ("protocol", "kind", "span", "written"),
    [
        ("modbus", "holding_register", (100, 101), "holding_register 100-101"),
        ("modbus", "coil", (0, 65535), "coil all"),
        ("s7comm", "DB10", (0, 2047), "DB10 0.0-255.7"),
        ("s7comm", "T", (5, 5), "T 5"),
        ("s7comm", "DB", (5, 6), "DB 5-6"),
        ("s7comm", "szl", (0x11, 0x11), "szl 0x0011"),
        ("dnp3", "g60v1", ALL, "g60v1 all"),
    ],
)
def test_spans_are_written_in_the_words_of_their_protocol(
    protocol: str, kind: str, span: tuple[int, int], written: str
) -> None:
    assert VOCABULARIES[protocol].write(kind, span) == written


def test_a_protocol_is_dissected_when_it_declares_more_than_housekeeping() -> None:
    assert set(DISSECTED) == {"modbus", "dnp3", "s7comm", "s7commplus", "iec104", "lldp"}
    assert {"connect", "disconnect", "transport_error"} <= words_of("iso").transport <= words_of("s7comm").transport
    assert {"link_status", "request_link_status", "test_link_states"} <= words_of("dnp3").transport


def test_words_are_numbers_where_the_protocol_says_so() -> None:
    modbus = words_of("modbus")
    assert modbus.expand(3) == ("3",)
    assert modbus.expand("8/4") == ("8/4",)
    assert modbus.tokens_of("force_listen_only_mode", "8/4") == ("8/4", "8")
    for wrong, fix in (
        (0, "write a number like 1"),
        (128, "write a number like 1"),
        ("8/65536", "with its sub-function"),
        ("read_coils", "write its code, 1"),
        ("force_listen_only_mode", 'write its code, "8/4"'),
    ):
        with pytest.raises(ValueError, match=fix):
            modbus.expand(wrong)


def test_words_that_stand_for_several_steps_are_those_steps() -> None:
    assert words_of("s7comm").expand("download") == ("request_download", "download_block", "download_ended")
    with pytest.raises(ValueError, match="did you mean 'plc_stop'"):
        words_of("s7comm").expand("plc_stopp")


def test_a_protocol_that_nothing_declares_has_operations_and_no_more() -> None:
    words = words_of("http")
    assert (words.dissected, words.link, words.tokens_of("get", "")) == (False, False, ("get",))
    assert words_of("goose").link
    assert words_of("ethertype-0x88b9").link


def test_a_protocol_with_its_own_words_needs_no_line_in_the_policy() -> None:
    """In a process of its own: the language is made once, from the protocols that are listed then."""
    done = subprocess.run([sys.executable, str(TOY)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_protocol_is_named_in_the_policy() -> None:
    for path in sorted((ROOT / "rules" / "policy").glob("*.py")):
        text = path.read_text().lower()
        assert not [name for name in ("modbus", "dnp3", "s7") if name in text], path.name
