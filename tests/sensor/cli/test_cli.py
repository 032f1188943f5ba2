"""The program as a whole: the help of every command, and its version."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import click
import pytest

from sensor.build import VERSION, is_compiled, version_text
from sensor.cli import COMMANDS, main
from tests.repository import ROOT, program
from tests.sensor.cli.command import process, spanwatch


def every_command() -> Iterator[tuple[str, ...]]:
    yield ()
    for name in sorted(COMMANDS):
        yield (name,)
        command = main.get_command(click.Context(main), name)
        if isinstance(command, click.Group):
            yield from ((name, verb) for verb in sorted(command.commands))


@pytest.mark.parametrize("words", list(every_command()), ids=lambda words: " ".join(words) or "spanwatch")
def test_the_help_of_every_command_has_an_example_of_it(words: tuple[str, ...]) -> None:
    done = spanwatch(*words, "--help")
    assert done.exit_code == 0
    assert re.search(rf"Example:\n +{' '.join(('spanwatch', *words))}", done.stdout), done.stdout
    assert "\\b" not in done.stdout, "the mark that keeps an example on its line is no text"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.path.append(sys.argv[1]); from sensor.cli import main; sys.argv[1:] = ['--help']\n"
        "try: main()\n"
        "finally: print('loaded:', *sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    command = [program()[0], "-P", "-c", code, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Commands:" in done.stdout
    loaded = set(done.stderr.partition("loaded:")[2].split())
    assert "click" in loaded
    assert loaded & {"pydantic", "rich", "scapy", "numpy", "dpkt", "netaddr", "yaml", "msgspec", "dissectors"} == set()


def test_the_version_says_what_runs_the_packet_path() -> None:
    done = process("--version")
    assert done.returncode == 0
    text = done.stdout.decode()
    assert text == f"spanwatch {version_text()}\n", "a process of its own runs the same build"
    assert text.startswith(f"spanwatch {VERSION} (packet path {'compiled' if is_compiled() else 'interpreted'}")
