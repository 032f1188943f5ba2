"""Two builds side by side: the worker and the whole replay of each in turn, and the ratio of their speeds.

Each side runs in its own environment by a script that uses only what every version has, so an older build can be the
other side. The median of the pairs counts: a busy moment meets both.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

PAIRS: Final = 7
WORKER: Final = """
import json, sys, time
from sensor.capture.reader import read
from sensor.worker import Worker
try:
    from sensor.pipeline.collector import look_seldom
except ImportError:
    from sensor.collector import look_seldom
look_seldom()
worker = Worker()
started = time.perf_counter()
read([sys.argv[1]], worker.wire, after_block=worker.drain)
worker.finish()
print(json.dumps(time.perf_counter() - started))
"""
REPLAY: Final = """
import json, sys, time
try:
    from sensor.pipeline.options import Options
    from sensor.pipeline.replay import Replay
except ImportError:
    from sensor.replay import Options, Replay
from rules.policy import load
run = Replay(Options(captures=(sys.argv[1],), policy=load(sys.argv[2])))
started = time.perf_counter()
run.run()
print(json.dumps(time.perf_counter() - started))
"""
SCRIPTS: Final = {"worker": WORKER, "replay": REPLAY}


def compare(other: Path, mix: Path, pairs: int = PAIRS) -> Iterator[str]:
    """Yield one line per stage: the ratio of this build's speed to that of the environment ``other``."""
    policy = mix.with_suffix(".yaml")
    for stage, script in SCRIPTS.items():
        ratios = []
        for _ in range(pairs):
            theirs = _seconds(other, script, mix, policy)
            ours = _seconds(Path(sys.executable), script, mix, policy)
            ratios.append(theirs / ours)
        spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
        yield f"{stage:>10}  {median(ratios):.3f} of the other's speed (median of {pairs} pairs, {spread})"


def _seconds(python: Path, script: str, mix: Path, policy: Path) -> float:
    done = subprocess.run(
        [str(python), "-P", "-c", script, str(mix), str(policy)],
        capture_output=True,
        text=True,
        check=False,
        cwd=mix.parent,
        env={},
    )
    if done.returncode:
        raise RuntimeError(f"{python}: {done.stderr.strip()[-400:]}")
    seconds: float = json.loads(done.stdout)
    return seconds
