"""What a person or a script relies on at the command line: exit codes, clear sentences, help, and safe output."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest
from click.testing import CliRunner, Result

from sensor.build import VERSION, is_compiled, version_text
from sensor.cli import COMMANDS, main
from sensor.inventory.record import AssetRecord
from sensor.store import Store
from tests.repository import ROOT, program

PCAPS = ROOT / "pcaps"
POLICY = PCAPS / "policy.yaml"
NORMAL = PCAPS / "captures" / "plant" / "normal.pcap"
STOP = PCAPS / "captures" / "s7" / "plc_stop.pcap"
FILES = {"alerts.ndjson", "operations.ndjson", "channels.ndjson", "assets.ndjson", "sensor.ndjson"}
GLOBAL_HEADER, RECORD_HEADER = 24, 16


def spanwatch(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], env={"COLUMNS": "160"}, prog_name="spanwatch")


def process(*arguments: object, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(program(*map(str, arguments)), input=given, capture_output=True, check=False)


def times_of(capture: Path) -> list[tuple[int, int]]:
    """Seconds and microseconds of every packet of one of our captures."""
    data, offset, found = capture.read_bytes(), GLOBAL_HEADER, []
    while offset < len(data):
        seconds, micros, kept, _ = struct.unpack_from("<IIII", data, offset)
        found.append((seconds, micros))
        offset += RECORD_HEADER + kept
    return found


def cut_capture(folder: Path) -> Path:
    """The first half of a capture, ending in the middle of a packet."""
    data = STOP.read_bytes()
    path = folder / "cut.pcap"
    path.write_bytes(data[: len(data) // 2])
    return path


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the capture in which a controller is stopped."""
    path = tmp_path_factory.mktemp("store") / "plant.db"
    assert spanwatch("replay", STOP, "--policy", POLICY, "--store", path, "--quiet").exit_code == 0
    return path


# Exit codes of replay.


def test_a_replay_that_went_well_exits_0_whatever_alerts_there_are(tmp_path: Path) -> None:
    done = spanwatch("replay", STOP, "--policy", POLICY, "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "Controller stopped" in done.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    alerts = [json.loads(line) for line in (tmp_path / "out" / "alerts.ndjson").read_text().splitlines()]
    assert "S7-001" in {alert["rule"]["id"] for alert in alerts}


@pytest.mark.parametrize(("severity", "code"), [("low", 1), ("medium", 0), ("high", 0), ("critical", 0)])
def test_fail_on_exits_1_at_or_above_its_severity_and_not_below(severity: str, code: int) -> None:
    # The normal day has one alert, of severity low.
    assert spanwatch("replay", NORMAL, "--policy", POLICY, "--fail-on", severity, "--quiet").exit_code == code


def test_fail_on_exits_1_for_a_stopped_controller() -> None:
    assert spanwatch("replay", STOP, "--policy", POLICY, "--fail-on", "critical", "--quiet").exit_code == 1


def test_a_wrong_policy_exits_2_with_file_line_and_fix(tmp_path: Path) -> None:
    lines = POLICY.read_text(encoding="utf-8").splitlines()
    number = lines.index("  action: deny") + 1
    lines[number - 1] = "  action: denny"
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = spanwatch("replay", STOP, "--policy", wrong, "--output", tmp_path / "out")
    assert done.exit_code == 2
    assert f"{wrong}:{number}:" in done.stderr
    assert "'denny'" in done.stderr
    assert "write 'deny'" in done.stderr
    assert not (tmp_path / "out").exists(), "nothing is judged under a wrong policy"


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay",),
        ("replay", STOP, "--no-such-option"),
        ("replay", STOP, "--fail-on", "grave"),
        ("replay", STOP, "--site", "Plant-1"),
        ("replay", STOP, "--sensor", "a b"),
        ("no-such-command",),
        ("alerts", "list"),
        ("alerts", "show"),
        ("bench", "--packets", "1"),
    ],
    ids=lambda arguments: " ".join(Path(str(one)).name for one in arguments),
)
def test_wrong_use_exits_2_and_says_something(arguments: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPANWATCH_STORE", raising=False)
    done = spanwatch(*arguments)
    assert done.exit_code == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.output


def test_a_missing_capture_exits_3_and_is_named(tmp_path: Path) -> None:
    done = spanwatch("replay", tmp_path / "none.pcap", "--quiet")
    assert done.exit_code == 3
    assert f"{tmp_path / 'none.pcap'}: No such file" in done.stderr


def test_a_file_that_is_no_capture_exits_3_and_says_what_to_do(tmp_path: Path) -> None:
    text = tmp_path / "notes.pcap"
    text.write_text("hello\n", encoding="utf-8")
    done = spanwatch("replay", text, "--quiet")
    assert done.exit_code == 3
    assert "not a capture" in done.stderr
    assert "editcap" in done.stderr


def test_a_cut_capture_exits_3_and_what_was_readable_is_still_reported(tmp_path: Path) -> None:
    cut = cut_capture(tmp_path)
    done = spanwatch("replay", cut, "--policy", POLICY, "--output", tmp_path / "out")
    assert done.exit_code == 3
    assert "the file ends" in done.stderr
    assert "1 capture could not be read to the end" in done.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    counters = json.loads((tmp_path / "out" / "sensor.ndjson").read_text().splitlines()[-1])
    packets = counters["spanwatch"]["sensor"]["capture"]["packets"]
    assert 0 < packets < len(times_of(STOP))
    assert f"after frame {packets})" in done.stderr


def test_a_cut_capture_counts_more_than_its_alerts(tmp_path: Path) -> None:
    assert spanwatch("replay", cut_capture(tmp_path), "--fail-on", "low", "--quiet").exit_code == 3


def test_one_bad_capture_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    done = spanwatch("replay", tmp_path / "none.pcap", STOP, "--policy", POLICY)
    assert done.exit_code == 3
    assert "Controller stopped" in done.stdout


@pytest.mark.parametrize("option", ["--output", "--store"])
def test_a_place_that_cannot_be_written_exits_2_with_one_clear_sentence(option: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    place = tmp_path / "file" / "place"
    done = spanwatch("replay", STOP, option, place, "--quiet")
    assert done.exit_code == 2
    sentences = [line for line in done.stderr.splitlines() if line.startswith("spanwatch: ")]
    assert len(sentences) == 1
    assert str(place) in sentences[0]
    assert "cannot be" in sentences[0]
    assert "Traceback" not in done.output


# Input.


def test_standard_input_gives_the_same_documents_as_the_file(tmp_path: Path) -> None:
    assert spanwatch("replay", STOP, "--output", tmp_path / "file", "--quiet").exit_code == 0
    done = process("replay", "-", "--output", tmp_path / "pipe", "--quiet", given=STOP.read_bytes())
    assert done.returncode == 0, done.stderr
    for name in FILES:
        file = (tmp_path / "file" / name).read_text(encoding="utf-8")
        assert (tmp_path / "pipe" / name).read_text(encoding="utf-8") == file.replace('"plc_stop.pcap"', '"-"')


def test_empty_standard_input_exits_3_and_says_so() -> None:
    done = process("replay", "-", "--quiet")
    assert done.returncode == 3
    assert b"empty" in done.stderr


def test_a_directory_is_read_in_order_of_time_and_what_is_no_capture_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    earlier, later = sorted([STOP, NORMAL], key=lambda capture: times_of(capture)[0])
    shutil.copy(later, folder / "a.pcap")
    shutil.copy(earlier, folder / "z.pcap")
    (folder / "README.txt").write_text("no capture", encoding="utf-8")
    done = spanwatch("replay", folder, "--policy", POLICY)
    assert done.exit_code == 0, done.output
    packets = f"{len(times_of(STOP)) + len(times_of(NORMAL)):,}".replace(",", " ")
    assert f"2 captures, {packets} packets" in done.stdout
    assert done.stdout.index("z.pcap") < done.stdout.index("a.pcap"), "time goes before name"


def test_quiet_prints_nothing_but_problems() -> None:
    assert spanwatch("replay", STOP, "--quiet").stdout == ""


# Help and version.


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


def test_an_interpreted_packet_path_is_reported_at_every_start() -> None:
    done = spanwatch("replay", STOP, "--quiet")
    assert ("interpreted" in done.stderr) == (not is_compiled())


# Alerts and assets of a store.


def test_alerts_are_listed_by_severity(store: Path) -> None:
    everything = spanwatch("alerts", "list", "--store", store)
    assert everything.exit_code == 0
    assert "Controller stopped" in everything.stdout
    assert "Device restarted" in everything.stdout
    grave = spanwatch("alerts", "list", "--store", store, "--severity", "critical")
    assert "Controller stopped" in grave.stdout
    assert "Device restarted" not in grave.stdout


def test_alerts_as_json_are_one_object_per_line_and_can_be_limited(store: Path) -> None:
    rows = [json.loads(line) for line in spanwatch("alerts", "list", "--store", store, "--json").stdout.splitlines()]
    assert {"S7-001", "DNP-030"} <= {row["id"] for row in rows}
    limited = spanwatch("alerts", "list", "--store", store, "--json", "--limit", 1).stdout.splitlines()
    assert [json.loads(line) for line in limited] == rows[:1]


def test_an_alert_is_shown_by_its_id_or_its_beginning(store: Path) -> None:
    rows = [json.loads(line) for line in spanwatch("alerts", "list", "--store", store, "--json").stdout.splitlines()]
    incident = next(row["incident"] for row in rows if row["id"] == "S7-001")
    for given in (incident, incident[:8]):
        done = spanwatch("alerts", "show", given, "--store", store)
        assert done.exit_code == 0, done.output
        assert incident in done.stdout
        assert "plc_stop (code 0x29): success" in done.stdout
        assert re.search(r"in capture +plc_stop\.pcap: \d+, \d+", done.stdout), "the frames of request and answer"


@pytest.mark.parametrize("given", ["nosuchincident", ""])
def test_an_unknown_or_ambiguous_alert_exits_2_and_says_where_to_look(given: str, store: Path) -> None:
    done = spanwatch("alerts", "show", given, "--store", store)
    assert done.exit_code == 2
    assert f"spanwatch alerts list --store {store}" in done.stderr


def test_assets_are_listed_and_shown_by_name_ip_and_mac(store: Path) -> None:
    listed = spanwatch("assets", "list", "--store", store)
    assert listed.exit_code == 0
    assert "8 assets" in listed.stdout
    rows = [json.loads(line) for line in spanwatch("assets", "list", "--store", store, "--json").stdout.splitlines()]
    assert len(rows) == 8
    identity = next(row["id"] for row in rows if row["name"] == "plc-filt")
    for given in ("plc-filt", "10.20.1.22", "00:1b:1b:22:10:02", identity):
        done = spanwatch("assets", "show", given, "--store", store)
        assert done.exit_code == 0, done.output
        assert identity in done.stdout
        assert "s7comm server" in done.stdout


def test_an_unknown_asset_exits_2_and_says_where_to_look(store: Path) -> None:
    done = spanwatch("assets", "show", "10.9.9.9", "--store", store)
    assert done.exit_code == 2
    assert f"spanwatch assets list --store {store}" in done.stderr


def test_the_store_may_come_from_the_environment(store: Path) -> None:
    done = CliRunner().invoke(main, ["assets", "list"], env={"SPANWATCH_STORE": str(store)})
    assert done.exit_code == 0
    assert "8 assets" in done.stdout


@pytest.mark.parametrize("command", [("alerts", "list"), ("assets", "list")], ids=" ".join)
def test_a_store_that_is_not_there_exits_2_and_is_not_made(command: tuple[str, ...], tmp_path: Path) -> None:
    done = spanwatch(*command, "--store", tmp_path / "none.db")
    assert done.exit_code == 2
    assert "does not exist" in done.stderr
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("command", [("alerts", "list"), ("assets", "list")], ids=" ".join)
def test_a_file_that_is_no_store_exits_2(command: tuple[str, ...], tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE other (row)")
    connection.close()
    done = spanwatch(*command, "--store", other)
    assert done.exit_code == 2
    assert str(other) in done.stderr
    assert "Traceback" not in done.output


HOSTILE = "plc\x1b[2J\x1b]0;owned\x07[red]\u202egnp.exe\r\nroot"


@pytest.fixture
def hostile(store: Path, tmp_path: Path) -> Path:
    """A store in which a device chose a name that would take over a terminal."""
    with Store(store, read_only=True) as opened:
        asset = next(one for one in opened.assets() if one.name == "plc-filt")
    renamed: AssetRecord = msgspec.structs.replace(asset, name=HOSTILE, vendor=HOSTILE)
    path = tmp_path / "hostile.db"
    with Store(path) as opened:
        opened.writer.asset(renamed, None)
        opened.writer.commit()
    return path


@pytest.mark.parametrize("command", [("list",), ("show", "10.20.1.22"), ("list", "--json")], ids=" ".join)
def test_text_chosen_by_a_device_has_no_power_over_the_terminal(command: tuple[str, ...], hostile: Path) -> None:
    done = process("assets", *command, "--store", hostile)
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout) & {0x1B, 0x07, 0x0D}
    text = done.stdout.decode()
    assert "\u202e" not in text
    assert "[red]" in text, "markup is printed, not obeyed"
    assert "\\x1b[2J" in text or "\\u001b[2J" in text


# Expect.


def test_expect_writes_compares_and_reports_the_difference(tmp_path: Path) -> None:
    against = tmp_path / "stop.expected.yaml"
    missing = spanwatch("expect", STOP, "--policy", POLICY, "--against", against)
    assert missing.exit_code == 2
    assert "--update" in missing.stderr
    assert not against.exists()
    assert spanwatch("expect", STOP, "--policy", POLICY, "--against", against, "--update").exit_code == 0
    written = against.read_text(encoding="utf-8")
    assert "S7-001" in written
    same = spanwatch("expect", STOP, "--policy", POLICY, "--against", against)
    assert (same.exit_code, same.stdout) == (0, "")
    against.write_text(written.replace("S7-001 ", "S7-999 "), encoding="utf-8")
    other = spanwatch("expect", STOP, "--policy", POLICY, "--against", against)
    assert other.exit_code == 1
    assert any(line.startswith("-") and "S7-999" in line for line in other.stdout.splitlines())
    assert any(line.startswith("+") and "S7-001" in line for line in other.stdout.splitlines())
    assert "S7-999" in against.read_text(encoding="utf-8"), "comparing writes nothing"


def test_expect_compares_every_fact_where_a_file_of_facts_lies_beside(tmp_path: Path) -> None:
    against, facts = tmp_path / "stop.expected.yaml", tmp_path / "stop.facts.jsonl"
    facts.touch()
    assert spanwatch("expect", STOP, "--policy", POLICY, "--against", against, "--update").exit_code == 0
    lines = facts.read_text(encoding="utf-8").splitlines()
    same = spanwatch("expect", STOP, "--policy", POLICY, "--against", against)
    assert (same.exit_code, same.stdout) == (0, "")
    number = next(number for number, line in enumerate(lines) if '"fact":"ChannelWindow"' in line)
    lines[number] = lines[number].replace('"requests":', '"requests":9')
    facts.write_text("\n".join(lines) + "\n", encoding="utf-8")
    other = spanwatch("expect", STOP, "--policy", POLICY, "--against", against)
    assert other.exit_code == 1
    assert f"line {number + 1} of {len(lines)}" in other.stdout
    assert any(line.startswith("-{") and '"requests":9' in line for line in other.stdout.splitlines())
    assert any(line.startswith("+{") for line in other.stdout.splitlines())


def test_expect_exits_3_for_a_cut_capture_that_gives_what_was_expected(tmp_path: Path) -> None:
    cut, against = cut_capture(tmp_path), tmp_path / "cut.expected.yaml"
    assert spanwatch("expect", cut, "--against", against, "--update").exit_code == 3
    assert spanwatch("expect", cut, "--against", against).exit_code == 3


def test_a_policy_that_is_not_there_exits_2_and_is_named(tmp_path: Path) -> None:
    done = spanwatch("replay", STOP, "--policy", tmp_path / "none.yaml")
    assert done.exit_code == 2, "exit code 1 would read as alerts"
    assert f"{tmp_path / 'none.yaml'}: the policy cannot be read" in done.stderr
    assert "Traceback" not in done.output


def test_an_expected_file_that_cannot_be_written_exits_2_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    against = tmp_path / "file" / "stop.expected.yaml"
    done = spanwatch("expect", STOP, "--against", against, "--update")
    assert done.exit_code == 2, "exit code 1 would read as a difference"
    assert f"{against}: cannot be written" in done.stderr
