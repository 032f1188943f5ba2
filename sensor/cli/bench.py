"""``spanwatch bench``: packets per second of each stage on the captures given, on one core of this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from sensor.cli.exit import UNREADABLE, clear_errors

MEGA: Final = 1_000_000
REPEATS: Final = 3


@click.command("bench")
@click.argument("captures", nargs=-1, required=True, metavar="CAPTURE...")
@click.option("--policy", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Judge by this policy.")
@click.option("--repeats", type=click.IntRange(1, 100), default=REPEATS, show_default=True, help="The best run counts.")
def bench(captures: tuple[str, ...], policy: Path | None, repeats: int) -> None:
    """Measure how fast this machine reads, dissects and judges captures.

    Reading only counts packets, the worker makes facts of them, the replay judges these too and writes nothing. The load of
    the machine counts: compare the figures of one run.

    \b
    Example:
      spanwatch bench pcaps/captures/plant/normal.pcap --policy pcaps/policy.yaml
    """
    from rules.policy import Policy, load  # noqa: PLC0415
    from sensor.build import version_text  # noqa: PLC0415

    click.echo(f"spanwatch {version_text()}")
    rules: Policy | None = None
    with clear_errors():
        rules = load(policy) if policy is not None else None
    stages: dict[str, Callable[[], int]] = {
        "reading": lambda: _reading(captures),
        "worker": lambda: _worker(captures),
        "replay": lambda: _replay(captures, rules),
    }
    for name, stage in stages.items():
        seconds, packets = min(_timed(stage) for _ in range(repeats))
        if not packets:
            click.echo("spanwatch: no packet could be read", err=True)
            raise SystemExit(UNREADABLE)
        click.echo(f"{name:>10}  {packets / seconds / MEGA:8.3f} M packets/s  ({packets} packets in {seconds:.3f} s)")


def _timed(stage: Callable[[], int]) -> tuple[float, int]:
    started = time.perf_counter()
    packets = stage()
    return time.perf_counter() - started, packets


def _reading(captures: tuple[str, ...]) -> int:
    from dissectors.wire.sink import PacketSink  # noqa: PLC0415
    from sensor.capture.reader import read  # noqa: PLC0415

    sink = PacketSink()
    read(captures, sink)
    return int(sink.packets)


def _worker(captures: tuple[str, ...]) -> int:
    from sensor.capture.reader import read  # noqa: PLC0415
    from sensor.worker import Worker  # noqa: PLC0415

    worker = Worker()
    read(captures, worker.wire, after_block=lambda: worker.recorder.facts.clear())
    worker.finish()
    return int(worker.wire.packets)


def _replay(captures: tuple[str, ...], policy: object) -> int:
    from rules.policy import Policy  # noqa: PLC0415
    from sensor.pipeline.options import Options  # noqa: PLC0415
    from sensor.pipeline.replay import Replay  # noqa: PLC0415

    run = Replay(Options(captures=captures, policy=policy if isinstance(policy, Policy) else None))
    run.run()
    return int(run.worker.wire.packets)


COMMAND: Final = bench
