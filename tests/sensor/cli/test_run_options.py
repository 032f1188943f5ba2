"""The options that replay and watch share: what cannot work together is refused at once, the rest reaches the run."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from sensor.cli.run_options import RunOptions, check, run_options, to_options
from sensor.pipeline.options import Options
from tests.sensor.cli.command import POLICY, STOP, spanwatch


def options(*arguments: object) -> Options:
    """The options of a run with these words."""
    got: list[Options] = []

    @click.command()
    @run_options
    def command(run: RunOptions) -> None:
        got.append(to_options(run, check(run), captures=("a.pcap",)))

    done = CliRunner().invoke(command, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return got[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--site", "Plant 1"), "site"),
        (("--sensor", "a b"), "sensor"),
        (("--spool",), "--spool needs --store FILE"),
        (("--baseline", "no-such-folder"), "no-such-folder: no such baseline folder"),
    ],
)
@pytest.mark.parametrize("command", [("replay", STOP), ("watch", "-i", "no-such-tap")], ids=["replay", "watch"])
def test_what_cannot_work_is_refused_before_a_packet_is_read(
    command: tuple[object, ...], arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = spanwatch(*command, *arguments, "--output", tmp_path / "out")
    assert done.exit_code == 2
    (sentence,) = [line for line in done.stderr.splitlines() if line.startswith("spanwatch: ")]
    assert says in sentence
    assert not (tmp_path / "out").exists()


def test_without_a_word_a_run_keeps_nothing_and_judges_by_nothing() -> None:
    given = options()
    assert (given.policy, given.baseline, given.store, given.output, given.elastic) == (None,) * 5
    assert (given.site, given.sensor, given.spool) == ("default", "spanwatch", False)
    assert given.captures == ("a.pcap",)


def test_what_was_given_reaches_the_run(tmp_path: Path) -> None:
    store, output = tmp_path / "plant.db", tmp_path / "out"
    given = options(
        "--policy", POLICY, "--store", store, "--output", output, "--site", "plant2", "--sensor", "s1", "--spool",
        "--baseline", tmp_path,
    )  # fmt: skip
    assert given.policy is not None
    assert (given.store, given.output, given.baseline) == (store, output, tmp_path)
    assert (given.site, given.sensor, given.spool) == ("plant2", "s1", True)
