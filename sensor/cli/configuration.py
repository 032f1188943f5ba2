"""The configuration file: every option of a command, read strictly, with the line of every mistake.

Sections are named like the commands, keys like their options; what they may hold follows from the options themselves, so
that none is forgotten. ``common`` holds what several commands share, ``settings`` the numbers of the alert catalogue by
alert id, ``networks`` which interfaces and VLANs are one network, ``redundancy`` which network cards are one host and which
addresses devices share, ``mirror_sessions`` the tunnels that bring the sensor its traffic. What is given on the command line wins, then the environment, then the section of the command,
then ``common``.
Paths are relative to the file. Passwords and keys are never in it: only the names of the files that hold them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import click
import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from dissectors.wire.mirrors import MirrorSession
from rules.policy import PolicyError, Problem, Source, read_source
from sensor.cli.configuration_mistakes import EXCEPT, Keys, mistake_of, settings_mistakes
from sensor.cli.mirror_sessions import KEY as MIRROR_SESSIONS
from sensor.cli.mirror_sessions import mirror_mistakes, mirrors_of
from sensor.cli.networks import network_mistakes, network_names
from sensor.cli.redundancy import redundancy_mistakes, redundancy_of
from sensor.inventory.redundancy import NO_REDUNDANCY, Redundancy

MAX_BYTES: Final = 1 << 20
LISTS: Final = ("networks", "redundancy", MIRROR_SESSIONS)
"""Keys with a list of what is on the site."""
READS: Final = ("alerts list", "alerts show", "assets export", "assets list", "assets show", "elastic status", "report")
"""Commands that read a store."""
RUNS: Final = ("replay", "watch")
SHIPS: Final = (*RUNS, "elastic ship")
COMMON: Final[Mapping[str, tuple[str, ...]]] = {
    "site": (*RUNS, "elastic setup"),
    "sensor": (*RUNS, "elastic setup"),
    "policy": (*RUNS, "assets export", "expect", "model train", "report"),
    "baseline": RUNS,
    "store": (*SHIPS, *READS),
    "output": RUNS,
    "spool": RUNS,
    "elastic.url": (*SHIPS, "elastic setup"),
    "elastic.ca": (*SHIPS, "elastic setup"),
    "elastic.fingerprint": (*SHIPS, "elastic setup"),
    "elastic.key_file": SHIPS,
    "elastic.user": SHIPS,
    "elastic.password_file": SHIPS,
}
"""The keys of ``common`` and the commands they are for. An administrator sets up the cluster: with credentials of his own."""

Settings = dict[str, dict[str, int | float]]


class ConfigError(Exception):
    """A configuration that cannot be used; the message names file, line and fix of every mistake."""

    def __init__(self, problems: list[Problem]) -> None:
        ordered = sorted(problems, key=lambda problem: (problem.line, problem.where, problem.text))
        super().__init__("\n".join(str(problem) for problem in ordered))


class Value(msgspec.Struct, frozen=True):
    """One value of the file, as the option takes it, and its line."""

    value: Any
    line: int


class Configuration(msgspec.Struct, frozen=True):
    """A file that was read. ``values`` are by command ("alerts list") and name of the parameter, ``settings_lines`` by
    alert id and setting, ``site`` the entries of the lists that say what is on the site (``LISTS``), ``networks`` the names of
    networks by place.
    """

    name: str
    values: dict[str, dict[str, Value]]
    settings: Settings
    exceptions: dict[str, frozenset[str]]
    settings_lines: dict[tuple[str, str], int]
    site: dict[str, tuple[Value, ...]] = {}
    networks: dict[str, str] = {}
    redundancy: Redundancy = NO_REDUNDANCY
    mirrors: tuple[MirrorSession, ...] = ()

    def defaults(self) -> dict[str, Any]:
        """Return the values as click takes them: nested by command, at the end by parameter."""
        nested: dict[str, Any] = {}
        for command, values in self.values.items():
            place = nested
            for word in command.split():
                place = place.setdefault(word, {})
            place |= {name: value.value for name, value in values.items()}
        return nested


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, with its words."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from leaves(found, (*path, name))
    else:
        yield " ".join(path), command


def key_of(option: click.Option) -> str:
    """Return the key of an option: its long name, or its place in the mapping ``elastic``."""
    name = next(name for name in option.opts if name.startswith("--")).removeprefix("--")
    if name == "elastic":
        return "elastic.url"
    return name.replace("elastic-", "elastic.", 1).replace("-", "_")


def options_of(command: click.Command) -> Iterator[click.Option]:
    """Yield the options that the file can give."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name != "config" and not parameter.hidden:
            yield parameter


def language(root: click.Group) -> Keys:
    """Return everything that a file may hold, but for ``settings``."""
    keys: Keys = {"common": {}}
    for command, found in leaves(root):
        for option in options_of(found):
            _place(keys, (*command.split(), *key_of(option).split(".")), option)
            if command in COMMON.get(key_of(option), ()):
                _place(keys, ("common", *key_of(option).split(".")), option)
    return keys


def _place(keys: Keys, path: tuple[str, ...], option: click.Option) -> None:
    for word in path[:-1]:
        inner = keys.setdefault(word, {})
        assert isinstance(inner, dict)
        keys = inner
    keys.setdefault(path[-1], option)


def load(path: Path, root: click.Group, given_by: str = "--config") -> Configuration:
    """Return the configuration in a file. Raises ``ConfigError`` with everything that is wrong.

    ``given_by`` is what named the file.
    """
    source = _read(path, given_by)
    keys = language(root)
    data = dict(source.data) if isinstance(source.data, dict) else {}
    changes = data.pop("settings", None)
    networks = data.pop("networks", None)
    redundancy = data.pop("redundancy", None)
    sessions = data.pop(MIRROR_SESSIONS, None)
    problems = [
        *settings_mistakes(changes, source),
        *network_mistakes(networks, source),
        *redundancy_mistakes(redundancy, source),
        *mirror_mistakes(sessions, source),
    ]
    try:
        _model("configuration", keys).model_validate(data)
    except ValidationError as error:
        problems += [mistake_of(mistake, keys, source) for mistake in error.errors(include_url=False)]
    if problems:
        raise ConfigError(problems)
    values = {command: _values(found, command, data, source, path.parent) for command, found in leaves(root)}
    rows: dict[str, dict[str, Any]] = changes if isinstance(changes, dict) else {}  # type: ignore[assignment]  # checked above
    return Configuration(
        name=str(path),
        values={command: found for command, found in values.items() if found},
        settings={
            alert: {name: number for name, number in row.items() if name != EXCEPT} for alert, row in rows.items()
        },
        exceptions={alert: frozenset(row[EXCEPT]) for alert, row in rows.items() if EXCEPT in row},
        settings_lines={
            (alert, name): source.line(("settings", alert, name)) for alert, row in rows.items() for name in row
        },
        site={
            key: tuple(Value(row, source.line((key, number))) for number, row in enumerate(rows))
            for key, rows in zip(LISTS, (networks, redundancy, sessions), strict=True)
            if isinstance(rows, list)
        },
        networks=network_names(networks),
        redundancy=redundancy_of(redundancy),
        mirrors=mirrors_of(sessions),
    )


def _read(path: Path, given_by: str) -> Source:
    try:
        if not path.is_file():
            raise ConfigError(
                [Problem(code="", file=str(path), line=0, where="", text=f"no such file; check {given_by}")]
            )
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
        source = read_source(body, str(path), empty="begin with common: or with the name of a command")
    except OSError as error:
        text = f"cannot be read ({error.strerror or error}); check {given_by}"
        raise ConfigError([Problem(code="", file=str(path), line=0, where="", text=text)]) from error
    except PolicyError as error:
        raise ConfigError(list(error.problems)) from error
    if not isinstance(source.data, dict):
        text = "a configuration is a mapping; begin with common: or with the name of a command"
        raise ConfigError([Problem(code="", file=str(path), line=1, where="", text=text)])
    return source


# What keys hold.


def _model(name: str, keys: Keys) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for key, held in keys.items():
        kind = _model(key, held) if isinstance(held, dict) else _kind(held)
        fields[f"key_{key}"] = (Annotated[kind, Field(alias=key)], None)
    return create_model(name, __config__=ConfigDict(extra="forbid", strict=True, protected_namespaces=()), **fields)


def _kind(option: click.Option) -> Any:
    """Return the type of an option's value in the file."""
    kind: Any = str
    if option.is_flag:
        kind = bool
    elif isinstance(option.type, click.Choice):
        kind = Literal[tuple(option.type.choices)]
    elif isinstance(option.type, click.IntRange):
        kind = Annotated[int, Field(ge=option.type.min, le=option.type.max)]
    elif isinstance(option.type, click.FloatRange):
        kind = Annotated[float, Field(ge=option.type.min, le=option.type.max, allow_inf_nan=False)]
    return list[kind] if option.multiple else kind


def _values(
    command: click.Command, name: str, data: Mapping[str, Any], source: Source, folder: Path
) -> dict[str, Value]:
    """Return the values of one command: of its own section, else those of ``common`` that are for it."""
    found: dict[str, Value] = {}
    for option in options_of(command):
        key = key_of(option)
        paths = [(*name.split(), *key.split("."))]
        if name in COMMON.get(key, ()):
            paths.append(("common", *key.split(".")))
        for path in paths:
            value: Any = data
            for word in path:
                value = value.get(word) if isinstance(value, dict) else None
            if value is not None:
                if isinstance(option.type, click.Path):
                    value = str(folder / value)
                found[str(option.name)] = Value(value, source.line(path))
                break
    return found
