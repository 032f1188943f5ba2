"""Loading: a sound file gives a policy, anything else gives every problem with file, line and fix."""

from __future__ import annotations

import hashlib
import os
import signal
from pathlib import Path

import pytest
import yaml

from rules.policy import PolicyError, load, load_bytes, schema

MISTAKES = [
    # name, code, text in the example, what replaces it, what the message says
    (
        "misspelt asset",
        "E01",
        "from: {asset: hmi-1}\n    to: {asset: plc-chem}",
        "from: {asset: hmi-7}\n    to: {asset: plc-chem}",
        "rule R-011: asset 'hmi-7' is not defined; did you mean 'hmi-1'?",
    ),
    (
        "unknown group",
        "E01",
        "from: {group: masters}, to: {asset: plc-chem}",
        "from: {group: master}, to: {asset: plc-chem}",
        "rule R-010: group 'master' is not defined; did you mean 'masters'?",
    ),
    (
        "unknown conduit",
        "E01",
        "action: allow, conduit: c-sup-site",
        "action: allow, conduit: c-sup-sit",
        "rule R-040: conduit 'c-sup-sit' is not defined; did you mean 'c-sup-site'?",
    ),
    (
        "unknown zone",
        "E01",
        "to: {zone: z-safety}",
        "to: {zone: z-safe}",
        "zone 'z-safe' is not defined; did you mean 'z-safety'?",
    ),
    (
        "unknown point set",
        "E01",
        "objects: [filter-status]",
        "objects: [filter-stats]",
        "point set 'filter-stats' is not defined",
    ),
    (
        "unknown window",
        "E01",
        "when: dayshift",
        "when: dayshft",
        "window 'dayshft' is not defined; did you mean 'dayshift'?",
    ),
    (
        "unknown owner",
        "E01",
        "accountable: Functional safety",
        "accountable: Functional safty",
        "owner 'Functional safty'",
    ),
    (
        "unknown device",
        "E01",
        "security_device: cell-vpn-1, via",
        "security_device: cell-vpn-2, via",
        "security device 'cell-vpn-2'",
    ),
    (
        "unknown zone of a maintenance window",
        "E01",
        "zones: [z-filter], starts",
        "zones: [z-filtr], starts",
        "maintenance window MW-11: zone 'z-filtr' is not defined; did you mean 'z-filter'?",
    ),
    ("doubled rule id", "E01", "{id: R-020,", "{id: R-010,", "id is already used in line"),
    (
        "point set of another protocol",
        "E01",
        "objects: [filter-status]",
        "objects: [reservoir-io]",
        "point set 'reservoir-io' is for dnp3",
    ),
    (
        "asset in two zones",
        "E02",
        "assets: [hist-1]",
        "assets: [hist-1, ews-1]",
        "asset 'ews-1' is already in zone z-supervisory",
    ),
    ("asset in no zone", "E02", "assets: [hist-1]", "assets: []", "asset hist-1: is in no zone; add it"),
    ("doubled address", "E03", "ip: 10.20.3.20", "ip: 10.20.2.11", "IP 10.20.2.11 is also bound to hmi-1"),
    (
        "no conduit",
        "E04",
        "{id: R-040, action: allow, conduit: c-sup-site,",
        "{id: R-040, action: allow,",
        "rule R-040: names neither conduit nor zone; write conduit: c-sup-site",
    ),
    (
        "ends outside the conduit",
        "E04",
        "action: allow, conduit: c-sup-site",
        "action: allow, conduit: c-sup-chem",
        "joins z-supervisory and z-chem, but 'to' is in z-site; write conduit: c-sup-site",
    ),
    (
        "ends outside the zone",
        "E04",
        "to: {asset: scada-1}, protocol: tcp, ports: [4840]",
        "to: {asset: hist-1}, protocol: tcp, ports: [4840]",
        "is within zone z-supervisory, but 'to' is in z-site",
    ),
    ("unknown time zone", "E14", "Europe/Berlin", "Europe/Berlen", "time zone 'Europe/Berlen' is not known"),
    (
        "Modbus function by name",
        "E15",
        "functions: [3, 4]",
        "functions: [read]",
        "'read' is not a function code of modbus; write a number like 1, or \"8/0\" with its sub-function",
    ),
    (
        "missing dimension",
        "E17",
        "values: any, limits: {max_requests_per_s: 20}, when: any",
        "values: any, limits: {max_requests_per_s: 20}",
        "rule R-010: dimension 'when' is missing; add it, or write when: any",
    ),
    (
        "exception without end",
        "E17",
        ", expires: 2026-11-14T16:00:00+01:00, alert",
        ", alert",
        "exception X-2026-07: dimension 'expires' is missing",
    ),
    ("opaque without ports", "E17", "protocol: tcp, ports: [4840]", "protocol: tcp", "dimension 'ports' is missing"),
    (
        "opaque on Modbus",
        "E17",
        "functions: [3, 4], objects: [chem-measurements, chem-setpoints]",
        "functions: opaque, objects: any",
        "functions cannot be opaque, modbus is dissected",
    ),
    (
        "value of a point not said",
        "E17",
        ', "101": {min: 0, max: 35}',
        "",
        "values say nothing of point 101 of chem-setpoints",
    ),
    (
        "unknown key",
        "E18",
        "ticket: CHG-1200",
        "tiket: CHG-1200",
        "rule D-900: key 'tiket' is not known; did you mean 'ticket'?",
    ),
    (
        "allow by default",
        "E18",
        "  action: deny",
        "  action: allow",
        "defaults: action: 'allow' is not possible; write 'deny'",
    ),
    (
        "not an address",
        "E18",
        "ip: 10.20.3.20",
        "ip: 10.20.3.256",
        "asset hist-1: ip: '10.20.3.256' is not an IP address",
    ),
    (
        "not a MAC",
        "E18",
        '"00:50:56:bb:00:20"',
        '"00:50:56:bb:00"',
        "asset hist-1: mac: '00:50:56:bb:00' is not a MAC address",
    ),
    ("network with host bits", "E18", "cidrs: [10.10.0.0/16]", "cidrs: [10.10.1.0/16]", "write 10.10.0.0/16"),
    ("backward range", "E18", 'ranges: ["0-39"]', 'ranges: ["39-0"]', "'39-0' runs backwards"),
    ("register out of range", "E18", 'ranges: ["0-39"]', 'ranges: ["0-65536"]', "the last possible number is 65535"),
    (
        "not a DNP3 object",
        "E18",
        '["g12v1"]',
        '["12v1"]',
        "point set reservoir-pumps: objects: '12v1' is not a DNP3 object",
    ),
    ("not an S7 area", "E18", "DB10.DBX0.0-DB10.DBX255.7", "DB10.DBX0-DB10.DBX255", "mixes a bit and a byte"),
    (
        "area across blocks",
        "E18",
        "DB10.DBX0.0-DB10.DBX255.7",
        "DB10.DBX0.0-DB11.DBX255.7",
        "begins in DB10 and ends in DB11",
    ),
    ("not a block", "E18", '"FC10-FC19"', '"FC10-FB19"', "'FC10-FB19' is not a block range"),
    ("not an SZL id", "E18", '"0x0424"', '"0424"', "'0424' is not an SZL id"),
    (
        "time without offset",
        "E18",
        "effective: 2026-11-01T00:00:00Z",
        "effective: 2026-11-01T00:00:00",
        "has no offset; write it like",
    ),
    (
        "not a recurrence",
        "E18",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=YEARLY",
        "'FREQ=YEARLY' is not a supported recurrence",
    ),
    (
        "exception that ends first",
        "E18",
        "expires: 2026-11-14T16",
        "expires: 2026-11-14T07",
        "expires before it starts",
    ),
    ("number as text", "E18", "version: 14 ", 'version: "14" ', "metadata: version: must be a whole number"),
    (
        "text as number",
        "E18",
        "title: North water treatment plant - segmentation policy",
        "title: 7",
        "metadata: title: must be text",
    ),
    (
        "list expected",
        "E18",
        "objects: [filter-status]",
        "objects: filter-status",
        "rule R-031: objects: 'filter-status' is not possible; write",
    ),
    ("bounds reversed", "E18", "{min: 20, max: 80}", "{min: 90, max: 80}", "min 90 is above max 80"),
    (
        "two selectors",
        "E18",
        "from: {any: true}",
        "from: {any: true, asset: hmi-1}",
        "rule D-900: from: needs one of any, asset",
    ),
]

HOSTILE = [
    ("anchor", "a: &x 1\n", "anchor '&x' is not allowed"),
    ("alias", "a: &x 1\nb: *x\n", "alias '*x' is not allowed"),
    ("tag", "a: !!python/object/apply:os.system [ls]\n", "is not allowed; remove it"),
    ("plain tag", "a: !!str 1\n", "is not allowed; remove it"),
    ("duplicate key", "a: 1\nb: 2\na: 3\n", "key 'a' is already in line 1"),
    ("two documents", "a: 1\n---\nb: 2\n", "a second document starts here"),
    ("directive", "%YAML 1.1\n---\na: 1\n", "directive"),
    ("merge key", "a: {<<: {b: 1}}\n", "merge key"),
    ("not a number", "a: .nan\n", ".nan has several readings"),
    ("infinity", "a: -.inf\n", "-.inf has several readings"),
    ("infinite by size", "a: 1.0e999\n", "too large"),
    ("octal", "a: 010\n", "010 has several readings"),
    ("hexadecimal", "a: 0x11\n", 'quote it ("0x11")'),
    ("clock time", "a: 06:00\n", 'quote it ("06:00")'),
    ("Norway", "a: no\n", "no has several readings"),
    ("key that is a number", "values: {100: 1}\n", 'key 100 is not text; quote it: "100"'),
    ("deep nesting", "a: " + "[" * 5000 + "]" * 5000, "nesting is deeper than 24"),
    ("broken", "a: [1\nb: 2\n", "not valid YAML"),
    ("control character", "a: \x07\n", "not valid YAML"),
    ("empty", "", "the file is empty"),
    ("only a comment", "# nothing\n", "the file is empty"),
    ("not a mapping", "- a\n", "a policy is a mapping"),
]


def problems(data: bytes) -> PolicyError:
    """Return what loading refuses."""
    with pytest.raises(PolicyError) as caught:
        load_bytes(data, "plant.yaml")
    return caught.value


DEEP = {
    "sequences on a line": "a: 1\nb: " + "[" * 5000 + "]" * 5000,
    "mappings on a line": "a: 1\nb: " + "{a: " * 5000 + "}" * 5000,
    "keys that are mappings": "a: 1\n" + "{" * 5000,
    "never closed": "a: 1\nb: " + "[" * 900,
    "block sequences": "a: 1\nb:\n " + "- " * 5000,
    "lines": "a: 1\n" + "".join(" " * depth + "b:\n" for depth in range(900)),
}
NEAR = {
    "as deep as allowed": ("a: 1\nb: " + "[" * 23 + "]" * 23, "key 'apiVersion' is missing"),
    "deep and broken": ("a: 1\nb: " + "[" * 23 + "]" * 22 + "\nc: 1\n", "not valid YAML"),
}


class Cautious(yaml.SafeLoader):
    """A parser that gives up on fewer brackets than a policy may have lines, as a version of PyYAML may."""

    def fetch_flow_collection_start(self, TokenClass):  # noqa: N803
        if self.flow_level >= 40:
            raise yaml.scanner.ScannerError(None, None, "exceeded the limit", self.get_mark())
        super().fetch_flow_collection_start(TokenClass)


@pytest.mark.parametrize("loader", [yaml.CSafeLoader, yaml.SafeLoader, Cautious])
@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_deep_nesting_is_told_as_that_whatever_the_parser_s_own_limit_is(
    text: str, loader: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yaml.CSafeLoader", loader)
    (problem,) = problems(text.encode()).problems
    assert problem.text == "nesting is deeper than 24; flatten it"
    assert problem.line == (26 if text is DEEP["lines"] else 3 if text is DEEP["block sequences"] else 2)


@pytest.mark.parametrize(("text", "message"), NEAR.values(), ids=NEAR)
def test_what_is_not_too_deep_is_not_told_as_that(text: str, message: str) -> None:
    error = problems(text.encode())
    assert message in str(error)
    assert "nesting" not in str(error)


def test_the_worked_example_loads_and_is_digested_over_its_exact_bytes(tmp_path: Path, example_text: str) -> None:
    path = tmp_path / "plant.yaml"
    path.write_bytes(example_text.encode())
    policy = load(path)
    assert (policy.id, policy.version, len(policy.rules)) == ("wtp-north", 14, 12)
    assert policy.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(example_text.encode() + b"\n")
    assert load(path).sha256 != policy.sha256


@pytest.mark.parametrize(
    ("code", "old", "new", "message"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_mistake_is_named_with_its_line_and_its_fix(
    example_text: str, code: str, old: str, new: str, message: str
) -> None:
    assert old in example_text
    text = example_text.replace(old, new, 1)
    error = problems(text.encode())
    found = [problem for problem in error.problems if message in str(problem)]
    assert found, str(error)
    assert found[0].code == code
    assert str(found[0]).startswith(f"plant.yaml:{found[0].line}: ")
    changed = example_text[: example_text.index(old)].count("\n") + 1
    clause = max(0, example_text.rfind("\n  - ", 0, example_text.index(old)))
    assert (example_text[:clause].count("\n") <= found[0].line <= changed + 1) or code in {"E02", "E03"}


def test_the_line_is_that_of_the_wrong_word(example_text: str) -> None:
    text = example_text.replace("    from: {asset: hmi-1}\n", "    from: {asset: hmi-7}\n", 1)
    line = text[: text.index("hmi-7")].count("\n") + 1
    assert str(problems(text.encode())) == (
        f"plant.yaml:{line}: rule R-011: asset 'hmi-7' is not defined; did you mean 'hmi-1'?"
    )


def test_everything_wrong_is_reported_at_once_in_file_order(example_text: str) -> None:
    text = example_text.replace("assets: [hist-1]", "assets: []").replace("when: dayshift", "when: night")
    text = text.replace("from: {asset: ews-1}", "from: {asset: ews-2}")
    error = problems(text.encode())
    assert [problem.code for problem in error.problems].count("E01") == 3
    assert {"E01", "E02"} <= {problem.code for problem in error.problems}
    lines = [problem.line for problem in error.problems]
    assert lines == sorted(lines)


def test_several_mistakes_of_shape_are_reported_at_once(example_text: str) -> None:
    text = (
        example_text.replace("ip: 10.20.3.20", "ip: nowhere").replace("tiket", "ticket").replace("sl_t: 3", "sl_t: 9")
    )
    assert len(problems(text.encode()).problems) >= 4


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_hostile_yaml_is_refused(text: str, message: str) -> None:
    error = problems(text.encode())
    assert message in str(error)
    assert {problem.code for problem in error.problems} == {"E18"}


def test_more_than_a_mebibyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * (1 << 20))
    with pytest.raises(PolicyError, match="the file is empty"):
        load(path)
    path.write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(PolicyError, match="larger than 1048576 bytes"):
        load(path)


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, example_text: str) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(PolicyError, match=r"pipe\.yaml:1: .*a regular file.*copy it into one"):
        _within_seconds(pipe)
    with pytest.raises(PolicyError, match="a regular file"):
        load("/dev/null")
    with pytest.raises(IsADirectoryError):
        load(tmp_path)
    (tmp_path / "plant.yaml").write_text(example_text)
    (tmp_path / "link.yaml").symlink_to("plant.yaml")
    assert load(tmp_path / "link.yaml").sha256 == load(tmp_path / "plant.yaml").sha256


def _within_seconds(path: Path) -> None:
    """Load a file; waiting for it for long is a failure of its own."""

    def hangs(*_: object) -> None:
        raise TimeoutError("it waits for a writer")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(20)
    try:
        load(path)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def test_bytes_that_are_not_utf_8_are_refused_with_their_line() -> None:
    assert str(problems(b"a: 1\nb: \xff\n")).startswith("plant.yaml:2: the file is not UTF-8")


def test_many_problems_are_cut_and_counted(example_text: str) -> None:
    extra = "".join(f"  ghost-{number}: [nobody-{number}]\n" for number in range(150))
    error = problems(example_text.replace("groups:\n", f"groups:\n{extra}").encode())
    assert len(error.problems) == 100
    assert str(error).endswith("and 50 more problems; fix these first")


def test_the_schema_names_every_part_of_the_language() -> None:
    described = schema()
    assert described["additionalProperties"] is False
    assert {"apiVersion", "metadata", "zones", "conduits", "rules", "exceptions"} <= set(described["properties"])
    assert "from" in described["$defs"]["Rule"]["properties"]
