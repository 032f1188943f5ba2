"""A file that is wrong everywhere is refused with its first mistakes, and not one comparison is made for each of the rest."""

from __future__ import annotations

import pytest

from rules.policy import PolicyError
from rules.policy import complaint as complaint_module
from rules.policy.load import load_bytes
from rules.policy.problem import PROBLEMS_MAX
from rules.policy.source import VALUES_MAX

HEAD = b"apiVersion: ot-policy/v1\nkind: SegmentationPolicy\n"


def refused(body: bytes) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        load_bytes(HEAD + body, "p.yaml")
    return caught.value


def test_only_the_first_mistakes_are_put_into_words_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = complaint_module.nearest

    def counted(word: str, known: object) -> str:
        asked.append(word)
        return real(word, known)  # type: ignore[arg-type]

    monkeypatch.setattr(complaint_module, "nearest", counted)
    error = refused(b"".join(b"k%05d: 1\n" % number for number in range(5_000)))
    assert len(error.problems) <= PROBLEMS_MAX
    assert len(asked) <= PROBLEMS_MAX
    assert "more problems; fix these first" in str(error)
    assert error.problems[0].line <= 3


def test_a_file_that_is_refused_word_by_word_is_read_no_further() -> None:
    error = refused(b"zones:\n" + b"  - &a yes\n" * 5_000)
    assert len(error.problems) == PROBLEMS_MAX
    assert "p.yaml:4: anchor '&a'" in str(error)


def test_a_file_of_nothing_but_brackets_is_refused_before_it_is_a_million_values() -> None:
    error = refused(b"zones: [" + b"[]," * VALUES_MAX + b"]")
    assert f"more than {VALUES_MAX} keys and values" in str(error)
