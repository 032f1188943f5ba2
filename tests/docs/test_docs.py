"""The documents are true: commands exist, samples are real output, links lead somewhere, figures are those of the code."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sensor.cli import COMMANDS, main
from tests.repository import ROOT, program, texts

DOCUMENTS = (
    "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "pcaps/README.md",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "decisions").glob("*.md")),
)  # fmt: skip
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS}
README = TEXTS["README.md"]
COLUMNS = "120"
"""The width of the terminal that the samples were taken on."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?<![\w/-])spanwatch((?: [\w|./:=<>-]+)+)")
MAKE = re.compile(r"(?<![\w-])make ([a-z]+)")
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:dissectors|models|rules|sensor|tools|pcaps|tests)/[\w./-]*\w")


class Sample:
    """One command of a console block with the lines shown below it and the exit code that is stated."""

    def __init__(self, command: str) -> None:
        self.command = command
        self.shown: list[str] = []
        self.code = 0


def samples(text: str) -> list[Sample]:
    found: list[Sample] = []
    for language, block in FENCE.findall(text):
        if language != "console":
            continue
        told = False
        for line in block.splitlines():
            if line == "$ echo $?":
                told = True
            elif line.startswith("$ "):
                found.append(Sample(line[2:]))
            elif told:
                found[-1].code, told = int(line), False
            else:
                found[-1].shown.append(line)
    return found


SAMPLES = samples(README)


def code_of(text: str) -> str:
    """Everything in a document that is set as code."""
    blocks = [block for language, block in FENCE.findall(text) if language == "sh"]
    commands = [sample.command for sample in samples(text)]
    return "\n".join([*blocks, *commands, *CODE.findall(FENCE.sub("", text))])


def squeezed(line: str) -> str:
    """A line without what a new recording of the plant changes: times, frames, numbers of packets, runs of blanks."""
    line = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", "TIME", line)
    line = re.sub(r"(\.pcap: )\d[\d, ]*", r"\1FRAMES", line)
    line = re.sub(r"\b\d[\d ]*(?= packets)|(?<=packets: )\d+", "N", line)
    return " ".join(line.split())


def filled(sample: Sample, earlier: list[subprocess.CompletedProcess[str]]) -> str:
    """The command of a sample with a real incident: that of the alert it shows, from the list above it."""
    if "INCIDENT" not in sample.command:
        return sample.command
    listed = next(done for done in reversed(earlier) if "--json" in done.args[2])
    rows = [json.loads(line) for line in listed.stdout.splitlines() if line.startswith("{")]
    incident: str = next(row["incident"] for row in rows if row["id"] in sample.shown[0])
    return sample.command.replace("INCIDENT", incident)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the captures of the repository and a command ``spanwatch``."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "pcaps").symlink_to(ROOT / "pcaps")
    command = folder / "bin" / "spanwatch"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.join(program())} "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def ran(place: Path) -> list[subprocess.CompletedProcess[str]]:
    """Every sample of the README, run in its order in one folder."""
    environment = {**os.environ, "COLUMNS": COLUMNS, "PATH": f"{place / 'bin'}:{os.environ['PATH']}"}
    environment.pop("SPANWATCH_STORE", None)
    done: list[subprocess.CompletedProcess[str]] = []
    for sample in SAMPLES:
        one = subprocess.run(
            ["sh", "-c", filled(sample, done)],
            cwd=place,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            check=False,
        )
        done.append(one)
    return done


@pytest.mark.parametrize("number", range(len(SAMPLES)), ids=lambda number: f"{number}-{SAMPLES[number].command[:50]}")
def test_a_sample_of_the_readme_is_what_the_command_prints(
    number: int, ran: list[subprocess.CompletedProcess[str]]
) -> None:
    sample, done = SAMPLES[number], ran[number]
    assert done.returncode == sample.code, done.stdout
    printed = [squeezed(line) for line in done.stdout.splitlines()]
    for line in sample.shown:
        assert any(squeezed(line) in real for real in printed), f"not printed: {line}\n{done.stdout}"


def test_the_readme_shows_every_command_at_work() -> None:
    shown = " ".join(sample.command for sample in SAMPLES) + " ".join(
        block for language, block in FENCE.findall(README) if language == "sh"
    )
    for name in COMMANDS:
        assert f"spanwatch {name}" in shown
    for wanted in ("alerts list", "alerts show", "assets list", "assets show", "--version", "--update", "--fail-on"):
        assert wanted in shown


def told_commands() -> Iterator[tuple[str, list[str]]]:
    for name, text in TEXTS.items():
        for line in code_of(text).splitlines():
            for arguments in COMMAND.findall(line):
                yield name, arguments.split()


def test_every_command_in_the_documents_exists() -> None:
    seen = set()
    for document, words in told_commands():
        if words[0].startswith("-"):
            assert words[0] in {"--version", "--help"}, (document, words)
            continue
        if document == "README.md" and words[0] == ".":  # docker build -t spanwatch .
            continue
        command = main.get_command(click.Context(main), words[0])
        assert command is not None, f"{document}: spanwatch {words[0]} does not exist"
        if isinstance(command, click.Group):
            for verb in words[1].split("|") if len(words) > 1 and words[1][0].islower() else ():
                assert verb in command.commands, f"{document}: spanwatch {words[0]} {verb} does not exist"
                seen.add(f"{words[0]} {verb}")
        seen.add(words[0])
        known = {option for one in leaf(command, words).params for option in one.opts}
        for word in words:
            if word.startswith("--"):
                assert word in known, f"{document}: spanwatch {words[0]} has no {word}"
    assert set(COMMANDS) | {"alerts list", "alerts show", "assets list", "assets show"} <= seen


def shell_lines() -> list[str]:
    """Every line of a shell block, in any document, that starts the program."""
    blocks = [block for text in TEXTS.values() for language, block in FENCE.findall(text) if language == "sh"]
    lines = [line.split("    #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if re.match(r"(sudo )?spanwatch ", line)]


@pytest.mark.parametrize("line", shell_lines())
def test_a_command_in_a_shell_block_is_one_the_program_takes(line: str) -> None:
    words = shlex.split(line.removeprefix("sudo "))[1:]
    command = main.get_command(click.Context(main), words.pop(0))
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    assert command is not None
    command.make_context(command.name, words)


def leaf(command: click.Command, words: list[str]) -> click.Command:
    return command.commands.get(words[1], command) if isinstance(command, click.Group) and len(words) > 1 else command


def test_every_make_target_in_the_documents_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    told = {(name, target) for name, text in TEXTS.items() for target in MAKE.findall(code_of(text))}
    assert [(name, target) for name, target in sorted(told) if target not in targets] == []
    assert {"demo", "test", "setup", "check", "bench"} <= {target for _, target in told}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file(name: str) -> None:
    folder = (ROOT / name).parent
    for link in LINK.findall(TEXTS[name]):
        assert "://" not in link, f"{name} links to another host: {link}"
        assert (folder / link.partition("#")[0]).exists(), f"{name}: {link} leads nowhere"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_set_as_code_is_there(name: str) -> None:
    for path in PATH.findall(" ".join(CODE.findall(FENCE.sub("", TEXTS[name])))):
        if "NAME" in path or path == "tests/models":
            continue
        assert (ROOT / path).exists() or list(ROOT.glob(f"{path}*")), f"{name}: {path} is not there"


def test_every_dependency_is_justified_in_the_architecture() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = list(project["project"]["dependencies"]) + list(project["build-system"]["requires"])
    for group in project["dependency-groups"].values():
        wanted += group
    names = {re.split(r"[\[<>=!~ ]", text, maxsplit=1)[0] for text in wanted}
    assert sorted(name for name in names if name not in TEXTS["ARCHITECTURE.md"]) == []


def test_the_architecture_is_read_in_ten_minutes() -> None:
    assert len(TEXTS["ARCHITECTURE.md"].split()) <= 2400, (
        "ten minutes at 240 words each; what is long belongs on a page of docs/decisions"
    )


def test_the_readme_has_a_place_for_the_measured_speed() -> None:
    assert README.count("<!-- speed -->") == 1
    assert README.index("<!-- speed -->") < README.index("<!-- /speed -->")


FORBIDDEN = (
    (r"/(?:work|opt/sw|root|home/\w+)/", "a path of one machine"),
    (r"/tmp/w\b", "a path of one machine"),
    (r"\b[Ii]ssues?\b", "a tracker"),
    (r"\b[A]I\b|\b[L]LMs?\b", "not the project"),
    (r"\b(?:[t]his|coding|work) session\b", "not the project"),
    (r"\b(?:[p]ypi\.org|[p]ythonhosted\.org|[d]ocker\.io|[g]hcr\.io|[q]uay\.io)\b", "a registry"),
)
ALLOWED = {"LICENSE", "tests/docs/test_docs.py"}


@pytest.mark.parametrize(("pattern", "what"), FORBIDDEN)
def test_no_text_speaks_of_anything_but_the_project(pattern: str, what: str) -> None:
    found = [
        f"{name}:{number}: {what}: {line.strip()[:80]}"
        for name, text in texts().items()
        if name not in ALLOWED
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == []
