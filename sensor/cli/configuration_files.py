"""The files that a configuration names and commands read: each is opened as the command would, before one needs it.

What a command writes or makes (stores, folders of documents, new keys) is left alone: it need not be there yet.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from models.baseline import BaselineError
from models.persistence import load as load_baseline
from rules.policy import PolicyError
from rules.policy import load as load_policy
from sensor.cli.configuration import Configuration, key_of, leaves, options_of


def _open(path: Path) -> None:
    with path.open("rb") as file:
        file.read(1)


READ: Final[dict[str, Callable[[Path], object]]] = {
    "policy": load_policy,
    "baseline": load_baseline,
    "against": _open,
    "kibana_ca": _open,
    "elastic.ca": _open,
    "elastic.key_file": _open,
    "elastic.password_file": _open,
}
"""The keys whose files are read, and how."""


def unreadable(found: Configuration, root: click.Context) -> list[str]:
    """Return a sentence, with the line of the configuration, for every mistake in a file that it names."""
    assert isinstance(root.command, click.Group)
    named: dict[tuple[int, str, str], None] = {}
    for command, leaf in leaves(root.command):
        keys = {str(option.name): key_of(option) for option in options_of(leaf)}
        for name, value in found.values.get(command, {}).items():
            if keys[name] in READ:
                named[value.line, keys[name], str(value.value)] = None
    sentences: list[str] = []
    for line, key, path in sorted(named):
        try:
            READ[key](Path(path))
        except PolicyError as error:
            sentences += [f"{found.name}:{line}: {key}: {text}" for text in str(error).splitlines()]
        except BaselineError as error:
            sentences.append(f"{found.name}:{line}: {key}: {error}")
        except OSError as error:
            sentences.append(f"{found.name}:{line}: {key}: {path}: cannot be read ({error.strerror or error})")
    return sentences
