"""The options that replay and watch share, as one argument.

@click.command()
@run_options
def replay(run: RunOptions, ...): target = check(run); options = to_options(run, target, captures=captures)
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from sensor.cli.config_option import mirror_sessions, networks, redundancy, settings_and_exceptions, told_by
from sensor.cli.elastic_options import ElasticOptions, elastic_options
from sensor.cli.exit import load_policy, refuse

if TYPE_CHECKING:
    from sensor.elastic.settings import Settings
    from sensor.pipeline.options import Options

_PATH: Final = click.Path(path_type=Path)
_OPTIONS: Final = (
    click.option("--policy", type=_PATH, help="Segmentation policy (YAML) to judge by."),
    click.option("--baseline", type=_PATH, help="Folder of a baseline (made by: spanwatch model train)."),
    click.option("--store", type=_PATH, help="SQLite file to keep assets, alerts and facts in."),
    click.option("--output", type=_PATH, help="Folder for the five NDJSON files."),
    click.option("--site", default="default", show_default=True, help="Site name; the namespace of the data streams."),
    click.option("--sensor", default="spanwatch", show_default=True, help="Name of this sensor."),
    click.option("--spool", is_flag=True, help="Keep documents in the store for a shipper that runs by itself."),
)


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What was given, not yet checked."""

    policy: Path | None
    baseline: Path | None
    store: Path | None
    output: Path | None
    site: str
    sensor: str
    spool: bool
    elastic: ElasticOptions


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; it gets them as one argument ``run``."""
    names = [name for name in RunOptions.__struct_fields__ if name != "elastic"]

    @functools.wraps(command)
    def collected(*args: Any, elastic: ElasticOptions, **given: Any) -> Any:
        run = RunOptions(**{name: given.pop(name) for name in names}, elastic=elastic)
        return command(*args, run=run, **given)

    wrapped: Callable[..., Any] = elastic_options(collected)
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def check(run: RunOptions) -> Settings | None:
    """Return where to ship to, None for nowhere; ends with exit code 2 for what cannot work."""
    from sensor.cli.shipment import wanted_target  # noqa: PLC0415
    from sensor.documents.origin import Origin  # noqa: PLC0415

    try:
        Origin(site=run.site, sensor=run.sensor, version="0")
    except ValueError as error:
        refuse(told_by("site" if str(error).startswith("site") else "sensor") + str(error))
    if run.spool and run.store is None:
        refuse("--spool needs --store FILE: documents wait there until a shipper has taken them")
    if run.baseline is not None and not run.baseline.is_dir():
        refuse(f"{run.baseline}: no such baseline folder. Check --baseline, or make one with: spanwatch model train")
    return wanted_target(run.elastic, run.store, run.site, run.sensor)


def to_options(
    run: RunOptions, target: Settings | None, captures: tuple[str, ...] = (), interfaces: tuple[str, ...] = ()
) -> Options:
    """Return the options of a run, with the policy read and the settings of the configuration."""
    from sensor.pipeline.options import Options  # noqa: PLC0415  # pydantic is slow to import

    settings, exceptions = settings_and_exceptions()
    return Options(
        captures=captures,
        interfaces=interfaces,
        policy=load_policy(run.policy),
        baseline=run.baseline,
        store=run.store,
        output=run.output,
        site=run.site,
        sensor=run.sensor,
        spool=run.spool,
        elastic=target,
        settings=settings,
        exceptions=exceptions,
        networks=networks(),
        redundancy=redundancy(),
        mirrors=mirror_sessions(),
    )
