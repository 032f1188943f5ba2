"""The command line: ``spanwatch``. Commands are loaded when they are called, so that ``--help`` answers at once."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

import click

from sensor.cli.config_option import add_to, option

COMMANDS: Final = {
    "alerts": ("List and show alerts of a store.", "sensor.cli.alerts"),
    "assets": ("List, show and export assets of a store.", "sensor.cli.assets"),
    "config": ("Check a configuration file, show the options of a command.", "sensor.cli.config"),
    "bench": ("Measure packets per second of every stage.", "sensor.cli.bench"),
    "elastic": ("Prepare Elasticsearch, ship documents to it, show how it goes.", "sensor.cli.elastic"),
    "expect": ("Replay a capture and compare with its expected results.", "sensor.cli.expect"),
    "model": ("Train and show baselines of normal traffic.", "sensor.cli.model"),
    "policy": ("Check a segmentation policy.", "sensor.cli.policy"),
    "report": ("Write the auditor's bundle from a store.", "sensor.cli.report"),
    "replay": ("Read captures and report what is in them.", "sensor.cli.replay"),
    "watch": ("Watch interfaces, live and passive.", "sensor.cli.watch"),
}
"""Every command with its line of help and the module that holds it."""


NOBODY_READS: Final = 141
"""Exit code when the reader of the output is gone, as of ``| head``: what a shell reports of a program that SIGPIPE ended."""
NOT_WRITTEN: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def _give_up_output() -> None:
    """Let what waits for standard output go nowhere, so that Python does not complain again at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


@contextmanager
def _until_nobody_reads() -> Iterator[None]:
    """A reader of the output who has seen enough ends the program without a word."""
    try:
        yield
    except BrokenPipeError:
        raise SystemExit(NOBODY_READS) from None


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, importing it."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name][1]).COMMAND
        assert isinstance(command, click.Command)
        add_to(command)
        return command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the words; help is shown here."""
        with _until_nobody_reads():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; Ctrl-C ends it with a word and an exit code of its own."""
        try:
            with _until_nobody_reads():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            from sensor.cli.exit import INTERRUPTED  # noqa: PLC0415  # only when it is needed

            click.echo("\nspanwatch: interrupted before the end", err=True)
            raise SystemExit(INTERRUPTED) from None

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; output that cannot be written, as on a full disk, ends it with a sentence."""
        try:
            try:
                return super().main(*args, **kwargs)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            _give_up_output()
            raise SystemExit(NOBODY_READS) from None
        except OSError as error:
            if error.errno not in NOT_WRITTEN:
                raise
            from sensor.cli.exit import refuse  # noqa: PLC0415  # only when it is needed

            _give_up_output()
            refuse(f"the output cannot be written ({error.strerror}). Make room, or write it elsewhere")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (line, _) in sorted(COMMANDS.items())])


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from sensor.build import version_text  # noqa: PLC0415  # only when asked: it imports the packet path

    click.echo(f"spanwatch {version_text()}")
    ctx.exit()


@click.command(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, params=[option(environment=True)]
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def main() -> None:
    """Spanwatch: a passive security sensor for industrial networks.

    \b
    Example:
      spanwatch replay plant.pcap --policy policy.yaml --output out/
    """
