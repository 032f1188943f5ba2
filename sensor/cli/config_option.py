"""``--config FILE``: before or behind the command, or by SPANWATCH_CONFIG. A file that nobody names is never read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from pathlib import Path

    from dissectors.wire.mirrors import MirrorSession
    from sensor.cli.configuration import Configuration, Settings
    from sensor.inventory.redundancy import Redundancy

KEY: Final = "spanwatch.configuration"
ENVIRONMENT: Final = "SPANWATCH_CONFIG"


def _take(ctx: click.Context, param: click.Parameter, path: str | None) -> None:
    """Read the file and make its values the defaults of the commands."""
    if path is None or ctx.resilient_parsing:
        return
    from pathlib import Path  # noqa: PLC0415  # --help does without

    found = configuration(Path(path), ctx.find_root())
    ctx.meta[KEY] = found
    defaults = ctx.find_root().default_map = found.defaults()
    for word in words(ctx):
        defaults = defaults.get(word, {})
    ctx.default_map = defaults


def option(environment: bool = False) -> click.Option:
    """Return the option; it is taken before all others."""
    return click.Option(
        ["--config"],
        type=click.Path(dir_okay=False),
        envvar=ENVIRONMENT if environment else None,
        is_eager=True,
        expose_value=False,
        callback=_take,
        metavar="FILE",
        help=f"Configuration file with what is not given here (or {ENVIRONMENT}).",
    )


def add_to(command: click.Command) -> None:
    """Let ``--config`` stand behind a command too, also those inside a group."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            add_to(inner)
    elif not any("--config" in parameter.opts for parameter in command.params):
        command.params.append(option())


def words(ctx: click.Context) -> list[str]:
    """Return the words of the command without the program's name."""
    if ctx.parent is None:
        return []
    return [*words(ctx.parent), str(ctx.info_name)]


def configuration(path: Path, root: click.Context, given_by: str = "--config") -> Configuration:
    """Return the configuration in a file; ends with exit code 2 for one that cannot be used."""
    from sensor.cli.configuration import ConfigError, load  # noqa: PLC0415  # pydantic is slow to import
    from sensor.cli.exit import refuse  # noqa: PLC0415

    assert isinstance(root.command, click.Group)
    try:
        return load(path, root.command, given_by)
    except ConfigError as error:
        refuse(str(error))


def told_by(parameter: str) -> str:
    """Return "FILE:LINE: " when the value of a parameter of this command is that of the configuration, else ""."""
    ctx = click.get_current_context()
    found: Configuration | None = ctx.meta.get(KEY)
    value = found.values.get(" ".join(words(ctx)), {}).get(parameter) if found is not None else None
    if found is None or value is None or ctx.get_parameter_source(parameter) is not ParameterSource.DEFAULT_MAP:
        return ""
    return f"{found.name}:{value.line}: "


def settings_and_exceptions() -> tuple[Settings, dict[str, frozenset[str]]]:
    """Return what the configuration changes of the alert catalogue, and the devices it excepts, by alert id."""
    found: Configuration | None = click.get_current_context().meta.get(KEY)
    return (found.settings, found.exceptions) if found is not None else ({}, {})


def networks() -> dict[str, str]:
    """Return the names of networks by place that the configuration gives."""
    found: Configuration | None = click.get_current_context().meta.get(KEY)
    return found.networks if found is not None else {}


def redundancy() -> Redundancy:
    """Return what the configuration says of network cards and shared addresses."""
    from sensor.inventory.redundancy import NO_REDUNDANCY  # noqa: PLC0415  # the inventory takes a moment

    found: Configuration | None = click.get_current_context().meta.get(KEY)
    return found.redundancy if found is not None else NO_REDUNDANCY


def mirror_sessions() -> tuple[MirrorSession, ...]:
    """Return the mirror sessions that the configuration names."""
    found: Configuration | None = click.get_current_context().meta.get(KEY)
    return found.mirrors if found is not None else ()
