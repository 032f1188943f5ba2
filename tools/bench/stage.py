"""One stage of the bench in a process of its own, so that time and memory are its own: ``python -P tools/bench/stage.py STAGE CAPTURE``.

Prints one JSON object: packets, seconds, facts, alerts, peak memory in MiB.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dissectors.wire.sink import PacketSink
from sensor.capture.reader import read
from sensor.pipeline.collector import look_seldom
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from sensor.worker import Worker

KIBI: Final = 1024
Figures = dict[str, float]


def reading(path: str) -> Figures:
    """Read only: packets are counted and dropped."""
    sink = PacketSink()
    started = time.perf_counter()
    read([path], sink)
    return {"packets": int(sink.packets), "seconds": time.perf_counter() - started}


def worker(path: str) -> Figures:
    """Read, dissect and make facts; nobody looks at them."""
    look_seldom()
    made = Worker()
    facts = 0

    def drain() -> None:
        nonlocal facts
        facts += len(made.drain())

    started = time.perf_counter()
    read([path], made.wire, after_block=drain)
    facts += len(made.finish())
    return {"packets": int(made.wire.packets), "seconds": time.perf_counter() - started, "facts": facts}


def replay(path: str, learned: Path | None = None) -> Figures:
    """The whole way: policy, inventory and detections on, and the models of a baseline when one is given."""
    from rules.policy import load  # noqa: PLC0415  # only this stage needs it

    policy = load(Path(path).with_suffix(".yaml"))
    run = Replay(Options(captures=(path,), policy=policy, baseline=learned))
    started = time.perf_counter()
    run.run()
    seconds = time.perf_counter() - started
    incidents = len(run.detections.incidents) if run.detections is not None else 0
    return {"packets": int(run.worker.wire.packets), "seconds": seconds, "incidents": incidents}


def learn(path: str) -> Figures:
    """Learn a baseline from the mix itself, beside it, so that every fact of it is looked at."""
    from models.persistence import save  # noqa: PLC0415  # only these stages need the models
    from models.settings import Settings  # noqa: PLC0415
    from models.training import Training  # noqa: PLC0415
    from rules.policy import Judge, load  # noqa: PLC0415
    from sensor.pipeline.train import Course, allowed_by  # noqa: PLC0415

    policy = load(Path(path).with_suffix(".yaml"))
    judge = Judge([policy], early=True)
    settings = Settings(period_seconds=60, block_seconds=60, calibration_gap_seconds=60)
    training = Training(settings, allowed_by(judge, policy))
    course = Course(training, policy, judge)
    started = time.perf_counter()
    reading = course.captures([path])
    course.end()
    save(training.finish(), Path(path).with_suffix(".baseline"))
    return {"packets": reading.packets, "seconds": time.perf_counter() - started}


def baseline(path: str) -> Figures:
    """The whole way with the models of a baseline; ``learn`` has made it."""
    return replay(path, Path(path).with_suffix(".baseline"))


STAGES: Final[dict[str, Callable[[str], Figures]]] = {
    "reading": reading,
    "worker": worker,
    "replay": replay,
    "learn": learn,
    "baseline": baseline,
}


def main() -> None:
    """Run the stage named on the command line."""
    name, path = sys.argv[1:3]
    figures = STAGES[name](path)
    figures["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIBI
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
