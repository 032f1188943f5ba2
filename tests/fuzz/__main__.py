"""Fuzz one target by coverage: ``python -m tests.fuzz wire -max_total_time=60``; without a name the targets are listed.

Further words are libFuzzer's. New inputs are kept in build/fuzz/NAME; one that breaks the invariant is written to
build/fuzz/NAME.crash-... and is run again by giving its file behind the name.
"""

from __future__ import annotations

import contextlib
import io
import sys

import atheris

from tests.repository import ROOT

with (
    contextlib.redirect_stderr(io.StringIO()),  # a line for each module is of no use
    atheris.instrument_imports(include=["dissectors", "rules", "sensor"], enable_loader_override=False),
):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        print("\n".join(TARGETS))
        raise SystemExit(0 if len(sys.argv) < 2 else 2)
    program, name, *words = sys.argv
    target = TARGETS[name]
    corpus = ROOT / "build" / "fuzz" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, parts in enumerate(target.corpus):
        (corpus / f"seed-{number:03d}").write_bytes(target.join(parts))
    folder = [] if any(not word.startswith("-") for word in words) else [str(corpus)]
    atheris.Setup([program, f"-artifact_prefix={corpus}.", *words, *folder], target.check)
    atheris.Fuzz()


main()
