"""``spanwatch policy``: check a segmentation policy without a capture."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from sensor.cli.exit import clear_errors, load_policy


@click.group("policy")
def policy() -> None:
    """Check a segmentation policy.

    \b
    Example:
      spanwatch policy check policy.yaml
    """


@policy.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Check a policy file; no capture is needed. Exit codes: 0 fine, 2 wrong, every mistake with its line.

    \b
    Example:
      spanwatch policy check policy.yaml
    """
    from sensor.cli.terminal.words import counted  # noqa: PLC0415  # rich is slow to import

    with clear_errors():
        found = load_policy(file, given_by="the path")
    assert found is not None
    document = found.document
    held = (
        (document.zones, "zone"),
        (document.assets, "asset"),
        (document.conduits, "conduit"),
        (document.rules, "rule"),
    )
    counts = ", ".join(counted(len(rows), noun) for rows, noun in held)
    click.echo(f"{file}: fine, {found.id} version {found.version} ({found.sha256[:12]}): {counts}")


COMMAND: Final = policy
