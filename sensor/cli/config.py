"""``spanwatch config``: check a configuration file, and show which options a command would get and from where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from sensor.cli.config_option import KEY, configuration
from sensor.cli.exit import refuse

if TYPE_CHECKING:
    from sensor.cli.configuration import Configuration


@click.group("config")
def config() -> None:
    """Check a configuration file, show the options of a command.

    \b
    Example:
      spanwatch config check spanwatch.yaml
    """


@config.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def check(ctx: click.Context, file: Path) -> None:
    """Check a configuration file as the commands would: every value, and the files it names that they read: policy,
    baseline, keys, certificates. Whether an interface, a user or a cluster is there is left to the command.

    Exit codes: 0 fine, 2 wrong, every mistake with its line.

    \b
    Example:
      spanwatch config check spanwatch.yaml
    """
    from sensor.cli.configuration_values import missing, unusable  # noqa: PLC0415  # the policy language is slow to import
    from sensor.cli.terminal.words import counted  # noqa: PLC0415  # rich is slow to import

    found = configuration(file, ctx.find_root(), "the path")
    if wrong := unusable(found, ctx.find_root()):
        refuse("\n".join(wrong))
    for note in missing(found):
        click.echo(f"note: {note}", err=True)
    lines = {(value.line, name) for rows in found.values.values() for name, value in rows.items()}
    parts = [
        f"{counted(len(lines), 'value')} for {counted(len(found.values), 'command')}",
        f"settings of {counted(len({alert for alert, _ in found.settings_lines}), 'alert')}",
        *(counted(len(found.site[key]), noun) for key, noun in SITE.items() if key in found.site),
    ]
    click.echo(f"{file}: fine, {', '.join(parts)}")


@config.command("show", context_settings={"ignore_unknown_options": True})
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[COMMAND [OPTION...]]")
@click.pass_context
def show(ctx: click.Context, command: tuple[str, ...]) -> None:
    """Show the options that COMMAND would get and where each comes from: command line, environment, a line of
    the configuration, the default.

    Without COMMAND, all commands that the configuration has a value for are shown.

    \b
    Example:
      spanwatch config show replay --site plant2 --config spanwatch.yaml
    """
    found: Configuration | None = ctx.meta.get(KEY)
    if command:
        _show(*_parsed(ctx.find_root(), list(command)), found)
        return
    if found is None:
        refuse("which command, or which configuration? Give COMMAND, or --config FILE")
    for name in found.values:
        click.echo(f"{name}:")
        _show(*_parsed(ctx.find_root(), name.split()), found)
    if not any(name in CHANGED_BY_SETTINGS for name in found.values):
        _show_site(found)


def _show(parsed: click.Context, name: str, found: Configuration | None) -> None:
    """Print every option of a command with its value and where that comes from."""
    from sensor.cli.configuration import key_of, options_of  # noqa: PLC0415  # pydantic is slow to import
    from sensor.cli.configuration_mistakes import EXCEPT  # noqa: PLC0415

    lines = found.values.get(name, {}) if found is not None else {}
    for option in options_of(parsed.command):
        parameter = str(option.name)
        source = parsed.get_parameter_source(parameter)
        origin = SOURCES.get(source, "default")
        if source is ParameterSource.DEFAULT_MAP and found is not None:
            origin = f"{found.name}:{lines[parameter].line}"
        click.echo(f"{key_of(option):22} {_text(parsed.params.get(parameter)):40} {origin}")
    if found is not None and name in CHANGED_BY_SETTINGS:
        for (alert, setting), line in found.settings_lines.items():
            value = sorted(found.exceptions[alert]) if setting == EXCEPT else found.settings[alert][setting]
            click.echo(f"{f'settings.{alert}.{setting}':32} {_text(value):30} {found.name}:{line}")
        _show_site(found)


def _show_site(found: Configuration) -> None:
    """Print what the file says of the site: networks, redundant devices, mirror sessions."""
    for key, rows in found.site.items():
        for number, row in enumerate(rows):
            text = "; ".join(f"{name}: {_text(value)}" for name, value in row.value.items())
            click.echo(f"{f'{key}.{number}':22} {text:40} {found.name}:{row.line}")


SITE: Final = {"networks": "network", "redundancy": "redundancy group", "mirror_sessions": "mirror session"}
"""What the entries of a list of the file are called."""
CHANGED_BY_SETTINGS: Final = ("expect", "replay", "watch")
"""Commands that raise alerts."""
SOURCES: Final[dict[ParameterSource | None, str]] = {
    ParameterSource.COMMANDLINE: "option",
    ParameterSource.ENVIRONMENT: "environment",
    ParameterSource.DEFAULT: "default",
}


def _parsed(root: click.Context, arguments: list[str]) -> tuple[click.Context, str]:
    """Return the context of a command as it would be called, and its words."""
    context, words = root, list[str]()
    while isinstance(context.command, click.Group):
        word = arguments.pop(0) if arguments else ""
        found = context.command.get_command(context, word)
        if found is None:
            names = ", ".join(context.command.list_commands(context))
            refuse(f"no command {' '.join([*words, word]).strip()!r}; name one of {names}")
        words.append(word)
        if isinstance(found, click.Group):
            context = click.Context(found, parent=context, info_name=word)
        else:
            context = found.make_context(word, arguments, parent=context, resilient_parsing=True)
    return context, " ".join(words)


def _text(value: Any) -> str:
    if value is None or value == () or value == "":
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return str(value)


COMMAND: Final = config
