"""Promises about the grammar of sentences: what a template says is bent to its words, and no word is changed."""

from __future__ import annotations

import re

import pytest

from rules.detections.catalogue import CATALOGUE
from rules.detections.explanation import Words, fill
from rules.detections.grammar import COUNTED, begins_with_vowel, counted
from tests.repository import ROOT

EXPECTED = sorted((ROOT / "pcaps" / "captures").rglob("*.expected.yaml"))


@pytest.mark.parametrize(
    ("template", "words", "text"),
    [
        ("{seen} writes without an answer.", {"seen": 1}, "1 write without an answer."),
        ("{seen} writes without an answer.", {"seen": 11}, "11 writes without an answer."),
        ("{seen} different functions in {seconds} s", {"seen": 1, "seconds": 1}, "1 different function in 1 s"),
        ("{seen} start addresses", {"seen": 1}, "1 start address"),
        ("{client} sent a {protocol} message", {"client": "a", "protocol": "s7comm"}, "a sent an s7comm message"),
        ("A {protocol} message", {"protocol": "modbus"}, "A modbus message"),
        ("made by {vendor}. Next", {"vendor": "CO., LTD."}, "made by CO., LTD. Next"),
        ("The path is {path}.", {"path": ".."}, "The path is .."),
        ("{text}", {"text": "1 writes a s7comm.."}, "1 writes a s7comm.."),
    ],
)
def test_a_template_is_bent_to_its_words_and_words_are_left_alone(
    template: str, words: dict[str, str | int], text: str
) -> None:
    assert fill(template, Words(words)) == text


def test_what_is_counted_is_one_or_many() -> None:
    assert [counted(number, "frame") for number in (0, 1, 2)] == ["0 frames", "1 frame", "2 frames"]
    assert counted(2, "start address") == "2 start addresses"


@pytest.mark.parametrize("word", ["iec104", "s7comm", "arp", "lldp", "unknown_0x5b", "rst", "8"])
def test_what_sounds_like_a_vowel(word: str) -> None:
    assert begins_with_vowel(word)


@pytest.mark.parametrize("word", ["modbus", "dnp3", "udp/53", "unit", "user_defined_0x45", "tcp/502", "", "1"])
def test_what_does_not(word: str) -> None:
    assert not begins_with_vowel(word)


PLURAL = re.compile(
    r"\{(?:seen|count|rate|moves|failures|refused|dropped|missing|lost|withheld)\} (?!of\b|in\b)[a-z ]*s\b"
)


def test_whatever_a_sentence_of_the_catalogue_counts_can_be_one() -> None:
    for entry in CATALOGUE:
        for sentence in (entry.explanation.reason, entry.explanation.expected, entry.explanation.observed):
            if PLURAL.search(sentence):
                assert COUNTED.search(sentence), (entry.id, sentence)


@pytest.mark.parametrize("file", EXPECTED, ids=lambda file: file.stem)
def test_the_alerts_of_the_sample_captures_read_well(file: object) -> None:
    import yaml

    (path,) = [one for one in EXPECTED if one == file]
    for alert in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["alerts"]:
        assert not re.search(r"\w\.\.(?: |$)", alert), alert
        assert not re.search(r"(?<![\w.:,/-] )(?<![\d.,])\b1 (?!s\b|is\b|was\b|has\b)[a-z]{3,}s\b(?! \()", alert), alert
        assert not re.search(r"\ba (?:[aeio]|s7|lldp|un(?!i))", alert), alert
        assert not re.search(r"\ban (?:modbus|dnp3|udp|tcp)", alert), alert
