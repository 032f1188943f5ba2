"""The documents of the sample plant, as a replay writes them to files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from sensor.documents import STREAMS
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from tests.repository import ROOT

CAPTURES: Final = tuple(
    str(path) for path in sorted((ROOT / "pcaps" / "captures").rglob("*.pcap*")) if path.suffix != ".yaml"
)
POLICY: Final = ROOT / "pcaps" / "policy.yaml"

Documents = dict[str, list[dict[str, Any]]]
"""Documents by the name of their stream."""


def stream(word: str, site: str) -> str:
    """The name of a data stream."""
    return f"{STREAMS[word]}-spanwatch.{word}-{site}"


def documents(folder: Path, site: str) -> Documents:
    """What a replay's files in ``folder`` hold, by stream."""
    return {
        stream(word, site): [json.loads(line) for line in (folder / f"{file}.ndjson").read_bytes().splitlines()]
        for word in STREAMS
        for file in [word if word == "sensor" else f"{word}s"]
    }


def replayed(folder: Path, site: str) -> Documents:
    """Replay every capture of the sample plant into files and return the documents."""
    from rules.policy import load

    Replay(Options(captures=CAPTURES, policy=load(POLICY), output=folder, site=site, sensor="sensor1")).run()
    return documents(folder, site)
