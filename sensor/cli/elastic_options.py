"""The options that say which Elasticsearch to write to, shared by every command that can.

@click.command()
@elastic_options
def watch(elastic: ElasticOptions, ...): settings = settings_or_none(elastic, site, sensor)
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from sensor.cli.exit import refuse

if TYPE_CHECKING:
    from sensor.elastic.settings import Settings

_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_OPTIONS: Final = (
    click.option(
        "--elastic", "urls", multiple=True, metavar="URL", help="Elasticsearch to write to; again for more nodes."
    ),
    click.option("--elastic-ca", "ca", type=_FILE, help="Certificate authority of the cluster (PEM)."),
    click.option("--elastic-fingerprint", "fingerprint", default="", metavar="HEX", help="SHA-256 of its certificate."),
    click.option("--elastic-key-file", "key_file", type=_FILE, help="File with the API key (mode 0600)."),
    click.option("--elastic-user", "user", default="", metavar="NAME", help="User, for clusters without API keys."),
    click.option("--elastic-password-file", "password_file", type=_FILE, help="File with the user's password."),
)
_NAMES: Final = ("urls", "ca", "fingerprint", "key_file", "user", "password_file")


class ElasticOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What was given on the command line, not yet checked."""

    urls: tuple[str, ...] = ()
    ca: Path | None = None
    fingerprint: str = ""
    key_file: Path | None = None
    user: str = ""
    password_file: Path | None = None


def elastic_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; it gets them as one argument ``elastic``."""

    @functools.wraps(command)
    def collected(*args: Any, **given: Any) -> Any:
        options = ElasticOptions(**{name: given.pop(name) for name in _NAMES})
        return command(*args, elastic=options, **given)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected


def settings_or_none(elastic: ElasticOptions, site: str = "default", sensor: str = "spanwatch") -> Settings | None:
    """Return checked settings, None without ``--elastic``; ends with exit code 2 for what cannot work. No network."""
    from sensor.elastic.settings import Settings, SettingsError, check  # noqa: PLC0415

    if not elastic.urls:
        if elastic != ElasticOptions():
            refuse("the --elastic-... options need --elastic URL")
        return None
    settings = Settings(**msgspec.structs.asdict(elastic), site=site, sensor=sensor)
    try:
        check(settings)
    except SettingsError as error:
        refuse(str(error))
    return settings


def refuse_wrong_cluster(settings: Settings) -> str:
    """Ask the cluster once: ends with exit code 2 for settings that cannot work; returns what else is wrong, "" for nothing."""
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415
    from sensor.elastic.probe import probe  # noqa: PLC0415
    from sensor.elastic.settings import SettingsError, check  # noqa: PLC0415

    try:
        found = probe(settings, check(settings))
    except SettingsError as error:
        refuse(str(error))
    problem = plain(found.problem, 1_000)
    if found.is_wrong:
        refuse(problem)
    return problem
