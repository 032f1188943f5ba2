"""The semantics P1 to P14 on the worked example: one row, one flow, one verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from dissectors.context import Verdict
from dissectors.facts import FURTHER, ChannelOpened, Exchange, OperationFirst
from rules.policy import Judge, Policy, load_bytes
from tests.rules.policy.conftest import EXAMPLE

Opened = Callable[..., ChannelOpened]
Asked = Callable[..., OperationFirst]
Exchanged = Callable[..., Exchange]
Row = tuple[str, tuple[Any, ...], dict[str, Any], tuple[str, ...]]

EXCEPTION_TIME = "2026-11-14T10:00:00+01:00"
AFTER_EXCEPTION = "2026-11-14T16:00:00+01:00"

CHANNELS: list[Row] = [
    ("P1 a pair without rule is denied", ("ews-1", "plc-chem"), {}, ("default-deny", "", "rule")),
    ("P1 inside a zone too", ("ews-1", "scada-1", "http"), {"port": 80}, ("default-deny", "", "rule")),
    ("P2 deny overrides", ("scada-1", "sis-chlor"), {}, ("deny", "D-900", "")),
    ("P2 deny covers strangers", ("stranger", "sis-chlor"), {}, ("deny", "D-900", "")),
    ("P3 conduit and rule", ("hmi-1", "plc-chem"), {"unit": "1"}, ("allow", "R-010", "")),
    (
        "P3 no conduit",
        ("hist-1", "plc-chem"),
        {"client_mac": "02:00:00:20:01:01", "server_mac": "00:80:f4:01:02:21"},
        ("default-deny", "", "conduit"),
    ),
    ("P3 external zone without conduit", ("office", "hmi-1", "http"), {"port": 80}, ("default-deny", "", "conduit")),
    ("P3 rule inside a zone", ("hmi-1", "scada-1", ""), {"port": 4840}, ("allow", "R-050", "")),
    ("P4 the other direction is another flow", ("plc-chem", "hmi-1"), {}, ("default-deny", "", "rule")),
    ("P5 protocol", ("hmi-1", "plc-chem", "s7comm"), {}, ("default-deny", "", "protocol")),
    ("P5 ports", ("scada-1", "hist-1", ""), {"port": 5451}, ("default-deny", "", "ports")),
    ("P5 when", ("ews-1", "plc-filt", "s7comm"), {"time": "2026-11-10T19:00:00+01:00"}, ("default-deny", "", "when")),
    ("P5 Modbus on another port is Modbus", ("hmi-1", "plc-chem"), {"port": 5020}, ("allow", "R-010", "")),
    ("P7 wrong MAC", ("hmi-1", "plc-chem"), {"client_mac": "02:66:66:66:66:66"}, ("identity-mismatch", "", "")),
    ("P7 via device", ("hmi-1", "plc-chem"), {"server_mac": "00:80:f4:01:02:21"}, ("identity-mismatch", "", "")),
    ("P7 other device", ("hmi-1", "plc-chem"), {"server_mac": "02:00:00:20:02:fe"}, ("identity-mismatch", "", "")),
    (
        "P7 the far segment",
        ("hmi-1", "plc-chem"),
        {"client_mac": "02:00:00:20:01:01", "server_mac": "00:80:f4:01:02:21"},
        ("allow", "R-010", ""),
    ),
    (
        "P7 spoofed on the far segment",
        ("hmi-1", "plc-chem"),
        {"client_mac": "02:66:66:66:66:66", "server_mac": "00:80:f4:01:02:21"},
        ("identity-mismatch", "", ""),
    ),
    (
        "P7 known MAC at another address",
        ("stranger", "scada-1", "http"),
        {"client_mac": "00:1b:1b:aa:00:11", "port": 80},
        ("identity-mismatch", "", ""),
    ),
    ("P7 unit", ("hmi-1", "plc-chem"), {"unit": "2"}, ("identity-mismatch", "", "")),
    ("P7 DNP3 addresses", ("scada-1", "rtu-res", "dnp3"), {"unit": "1>10"}, ("allow", "R-020", "")),
    ("P7 DNP3 master", ("scada-1", "rtu-res", "dnp3"), {"unit": "3>10"}, ("identity-mismatch", "", "")),
    ("P7 DNP3 outstation", ("scada-1", "rtu-res", "dnp3"), {"unit": "1>11"}, ("identity-mismatch", "", "")),
    ("P7 rack and slot", ("hmi-1", "plc-filt", "s7comm"), {"unit": "0/3"}, ("identity-mismatch", "", "")),
    ("P7 no MAC in the capture", ("hmi-1", "plc-chem"), {"client_mac": "", "server_mac": ""}, ("allow", "R-010", "")),
    ("P8 live exception", ("ews-1", "plc-filt", "s7comm"), {"time": EXCEPTION_TIME}, ("exception", "X-2026-07", "")),
    ("P8 no grace", ("ews-1", "plc-filt", "s7comm"), {"time": AFTER_EXCEPTION}, ("default-deny", "", "when")),
    ("P14 undissected", ("hmi-1", "plc-chem", ""), {"port": 502}, ("unparsed", "", "")),
    ("P14 encrypted", ("hmi-1", "plc-filt", "tls"), {"port": 102}, ("unparsed", "", "")),
    (
        "P14 attempted is judged by its port",
        ("hmi-1", "plc-chem", ""),
        {"port": 502, "state": "refused"},
        ("allow", "R-010", ""),
    ),
    ("P14 opaque rule", ("scada-1", "hist-1", ""), {"port": 5450}, ("allow", "R-040", "")),
    ("P14 opaque rule and a known IT protocol", ("scada-1", "hist-1", "http"), {"port": 5450}, ("allow", "R-040", "")),
    ("P14 opaque rule does not open Modbus", ("scada-1", "hist-1"), {"port": 5450}, ("default-deny", "", "protocol")),
]

CHEM = (("hmi-1", "plc-chem"), {"unit": "1"})
RTU = (("scada-1", "rtu-res", "dnp3"), {"unit": "1>10"})
FILT = (("hmi-1", "plc-filt", "s7comm"), {"unit": "0/2"})
ENGINEER = (("ews-1", "plc-filt", "s7comm"), {"unit": "0/2"})
HOLDING = "holding_register"
ALLOW_R010 = ("allow", "R-010", "")
ALLOW_R011 = ("allow", "R-011", "")

OPERATIONS: list[tuple[str, Any, tuple[Any, ...], dict[str, Any], tuple[str, ...]]] = [
    ("read within the set", CHEM, ("read_input_registers", ("input_register", 0, 39)), {"code": "4"}, ALLOW_R010),
    (
        "read past the set",
        CHEM,
        ("read_input_registers", ("input_register", 0, 40)),
        {"code": "4"},
        ("default-deny", "", "objects"),
    ),
    (
        "P6 the table counts",
        CHEM,
        ("read_holding_registers", (HOLDING, 0, 39)),
        {"code": "3"},
        ("default-deny", "", "objects"),
    ),
    (
        "P6 a function addresses its tables only",
        CHEM,
        ("read_input_registers", (HOLDING, 100, 101)),
        {"code": "4"},
        ("default-deny", "", "objects"),
    ),
    (
        "function not listed",
        CHEM,
        ("write_single_coil", ("coil", 1, 1)),
        {"code": "5"},
        ("default-deny", "", "functions"),
    ),
    ("sub-function not listed", CHEM, ("force_listen_only_mode",), {"code": "8/4"}, ("default-deny", "", "functions")),
    ("no object named", CHEM, ("read_holding_registers",), {"code": "3"}, ("default-deny", "", "objects")),
    ("P6 function without object", RTU, ("confirm",), {}, ("allow", "R-020", "")),
    ("P6 function without object carries one", RTU, ("delay_measure", ("g52v1", 0, 0)), {}, ("allow", "R-023", "")),
    ("P6 restart not listed", RTU, ("cold_restart",), {}, ("default-deny", "", "functions")),
    ("DNP3 classes", RTU, ("read", ("g60v1", -1, -1), ("g60v2", -1, -1)), {}, ("allow", "R-020", "")),
    ("DNP3 files", RTU, ("read", ("g70v5", -1, -1)), {}, ("default-deny", "", "objects")),
    ("DNP3 pump", RTU, ("select", ("g12v1", 2, 2)), {}, ("allow", "R-021", "")),
    ("DNP3 all pumps is more than four", RTU, ("select", ("g12v1", -1, -1)), {}, ("default-deny", "", "objects")),
    (
        "P4 unsolicited starts at the outstation",
        RTU,
        ("unsolicited_response", ("g30v1", 0, 3)),
        {"verb": "report"},
        ("allow", "R-022", ""),
    ),
    ("P4 unsolicited and empty", RTU, ("unsolicited_response",), {"verb": "report"}, ("allow", "R-022", "")),
    ("S7 area", FILT, ("read_var", ("DB10", 0, 2047)), {}, ("allow", "R-030", "")),
    ("S7 past the area", FILT, ("read_var", ("DB10", 2040, 2048)), {}, ("default-deny", "", "objects")),
    ("S7 one item outside", FILT, ("read_var", ("DB10", 0, 7), ("M", 0, 7)), {}, ("default-deny", "", "objects")),
    ("S7 setup", FILT, ("setup_communication",), {}, ("allow", "R-030", "")),
    ("S7 status list in the day shift", ENGINEER, ("read_szl", ("szl", 0x1C, 0x1C)), {}, ("allow", "R-031", "")),
    ("S7 other status list", ENGINEER, ("read_szl", ("szl", 0x1D, 0x1D)), {}, ("default-deny", "", "objects")),
    ("S7 download without exception", ENGINEER, ("request_download", ("FC", 12, 12)), {}, ("default-deny", "", "when")),
]


def outcome(verdict: Verdict | None) -> tuple[str, str, str]:
    """Return what the tables compare."""
    assert verdict is not None
    return verdict.kind, verdict.rule, verdict.missing


@pytest.mark.parametrize(
    ("ends", "changed", "expected"), [row[1:] for row in CHANNELS], ids=[row[0] for row in CHANNELS]
)
def test_a_channel_gets_the_verdict_its_row_says(
    judge: Judge, opened: Opened, ends: tuple[str, ...], changed: dict[str, Any], expected: tuple[str, ...]
) -> None:
    channel = opened(*ends, **changed)
    assert outcome(judge.judge_channel(channel)) == expected
    assert outcome(judge.judge_channel(channel)) == expected


@pytest.mark.parametrize(
    ("ends", "operation", "changed", "expected"), [row[1:] for row in OPERATIONS], ids=[row[0] for row in OPERATIONS]
)
def test_an_operation_gets_the_verdict_its_row_says(
    judge: Judge, opened: Opened, asked: Asked, ends: Any, operation: Any, changed: Any, expected: tuple[str, ...]
) -> None:
    channel = opened(*ends[0], **ends[1])
    seen = asked(*operation, **changed)
    assert outcome(judge.judge_operation(channel, seen)) == expected
    assert outcome(judge.judge_operation(channel, seen)) == expected


def test_written_values_stay_in_their_limits(judge: Judge, opened: Opened, exchanged: Exchanged) -> None:
    channel = opened("hmi-1", "plc-chem", unit="1")
    for values, expected in (((80, 35), "allow"), ((81, 35), "default-deny"), ((20, 36), "default-deny")):
        seen = exchanged("write_multiple_registers", (HOLDING, 100, 101), code="16", values=values)
        verdict = judge.judge_operation(channel, seen)
        assert verdict is not None
        assert verdict.kind == expected
        assert verdict.missing == ("values" if expected != "allow" else "")
    refused = judge.judge_operation(
        channel, exchanged("write_single_register", (HOLDING, 100, 100), code="6", values=(95,))
    )
    assert refused is not None
    assert (refused.closest, refused.observed) == ("R-011", "100 = 95")
    assert refused.expected == "100: 20 to 80; 101: 0 to 35"


def test_values_that_cannot_be_reported_apart_are_not_allowed(
    judge: Judge, opened: Opened, exchanged: Exchanged
) -> None:
    channel = opened("hmi-1", "plc-chem", unit="1")
    seen = exchanged("write_multiple_registers", (HOLDING, 100, 101), code="16", values=(50,))
    assert outcome(judge.judge_operation(channel, seen)) == ("default-deny", "", "values")


def test_the_min_and_max_of_a_counted_writer_are_limited_too(
    judge: Judge, opened: Opened, exchanged: Exchanged
) -> None:
    channel = opened("hmi-1", "plc-chem", unit="1")
    seen = exchanged(
        "write_single_register", (HOLDING, 100, 100), code="6", values=(50,), detail={"min": 40, "max": 99}
    )
    assert outcome(judge.judge_operation(channel, seen)) == ("default-deny", "", "values")


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        (((30, 30, 60, 60), (10, 20)), ALLOW_R011),
        (((30, 90), (10, 20)), ("default-deny", "", "values")),
        (((30, 60), (10, 10, 40, 40)), ("default-deny", "", "values")),
        (((30, 60, "latch_on", "latch_on"), (10, 20)), ("default-deny", "", "values")),
        (((),), ("default-deny", "", "values")),
    ],
)
def test_writes_told_together_are_judged_by_every_value_of_every_point(
    judge: Judge, opened: Opened, exchanged: Exchanged, ranges: tuple[Any, ...], expected: tuple[str, str, str]
) -> None:
    channel = opened("hmi-1", "plc-chem", unit="1")
    alone = exchanged("write_multiple_registers", (HOLDING, 100, 101), code="16", values=(50, 10))
    assert outcome(judge.judge_operation(channel, alone)) == ALLOW_R011
    seen = msgspec.structs.replace(alone, repeats=7, ranges=ranges)
    assert outcome(judge.judge_operation(channel, seen)) == expected


@pytest.mark.parametrize(
    ("ranges", "kind"), [(((30, 39, 46, 60),), "allow"), (((30, 60),), "deny"), (((30, 30, 41, 41, 60, 60),), "deny")]
)
def test_a_denied_value_among_writes_told_together_is_denied(
    opened: Opened, exchanged: Exchanged, ranges: tuple[Any, ...], kind: str
) -> None:
    deny = (
        "  - {id: D-100, action: deny, conduit: c-sup-chem, from: {asset: hmi-1}, to: {asset: plc-chem}, protocol: modbus,\n"
        '     functions: [6], objects: [chem-setpoints], values: {"100": {min: 40, max: 45}}, severity: high,\n'
        "     limits: any, when: any, reason: Resonance, owner: Process, ticket: CHG-3001}\n"
    )
    policy = load_bytes(_replaced(EXAMPLE.read_text(), "exceptions:\n", deny + "exceptions:\n").encode(), "plant")
    channel = opened("hmi-1", "plc-chem", unit="1")
    seen = exchanged("write_single_register", (HOLDING, 100, 100), code="6", values=(60,), repeats=5)
    verdict = Judge([policy]).judge_operation(channel, msgspec.structs.replace(seen, ranges=ranges))
    assert verdict is not None
    assert verdict.kind == kind


def test_what_was_not_kept_of_a_message_is_covered_by_no_list_of_objects(
    judge: Judge, opened: Opened, exchanged: Exchanged
) -> None:
    channel = opened("scada-1", "rtu-res", "dnp3", unit="1>10")
    whole = exchanged("operate", ("g12v1", 0, 0), verb="control", values=("latch_on",))
    cut = exchanged("operate", ("g12v1", 0, 0), (FURTHER, -1, -1), verb="control", values=("latch_on",))
    assert outcome(judge.judge_operation(channel, whole)) == ("allow", "R-021", "")
    refused = judge.judge_operation(channel, cut)
    assert outcome(refused) == ("default-deny", "", "objects")
    assert refused is not None
    assert "more objects than are read of one message" in refused.observed
    text = EXAMPLE.read_text()
    anything = _replaced(
        text, "functions: [select, operate], objects: [reservoir-pumps]", "functions: [select, operate], objects: any"
    )
    assert outcome(Judge([load_bytes(anything.encode(), "plant")]).judge_operation(channel, cut)) == (
        "allow",
        "R-021",
        "",
    )
    deny = (
        "  - {id: D-100, action: deny, conduit: c-sup-remote, from: {asset: scada-1}, to: {asset: rtu-res}, protocol: dnp3,\n"
        "     functions: [operate], objects: [reservoir-housekeeping], values: any, severity: high,\n"
        "     limits: any, when: any, reason: Not these, owner: Process, ticket: CHG-3001}\n"
    )
    guarded = Judge([load_bytes(_replaced(anything, "exceptions:\n", deny + "exceptions:\n").encode(), "plant")])
    assert outcome(guarded.judge_operation(channel, whole)) == ("allow", "R-021", "")
    assert outcome(guarded.judge_operation(channel, cut)) == ("deny", "D-100", "")


def test_an_unmatched_response_is_not_allowed_unless_the_request_may_have_been_lost(
    judge: Judge, opened: Opened, exchanged: Exchanged
) -> None:
    channel = opened("hmi-1", "plc-chem", unit="1")
    target = ("input_register", 0, 3)
    alone = exchanged("read_input_registers", target, code="4", verb="read", outcome="unmatched")
    assert outcome(judge.judge_operation(channel, alone)) == ("default-deny", "", "rule")
    with_gaps = msgspec.structs.replace(alone, visibility="gaps")
    assert outcome(judge.judge_operation(channel, with_gaps)) == ALLOW_R010


def test_an_exception_names_its_end_and_its_paperwork(judge: Judge, opened: Opened, exchanged: Exchanged) -> None:
    channel = opened("ews-1", "plc-filt", "s7comm", unit="0/2", time=EXCEPTION_TIME)
    for step, targets in (
        ("request_download", [("FC", 12, 12)]),
        ("download_block", [("FC", 12, 12)]),
        ("plc_stop", []),
    ):
        seen = exchanged(step, *targets, verb="program", time=EXCEPTION_TIME)
        verdict = judge.judge_operation(channel, seen)
        assert verdict is not None
        assert (verdict.kind, verdict.rule, verdict.ticket, verdict.severity) == (
            "exception", "X-2026-07", "CHG-4431", "notice",
        )  # fmt: skip
        assert verdict.expires == 1_794_668_400 * 1_000_000_000
    outside = exchanged("request_download", ("FC", 20, 20), verb="program", time=EXCEPTION_TIME)
    assert outcome(judge.judge_operation(channel, outside)) == ("default-deny", "", "objects")
    late = judge.judge_operation(channel, exchanged("plc_stop", verb="control", time=AFTER_EXCEPTION))
    assert late is not None
    assert (late.kind, late.closest, late.missing) == ("default-deny", "X-2026-07", "when")
    assert 0 < late.expires <= channel.time + 6 * 3_600 * 1_000_000_000


def test_a_kept_verdict_ends_when_the_window_or_the_exception_does(
    judge: Judge, opened: Opened, exchanged: Exchanged
) -> None:
    channel = opened("ews-1", "plc-filt", "s7comm", unit="0/2")
    kinds = []
    for time in ("05:59:59", "06:00:00", "17:59:59", "18:00:00"):
        seen = exchanged("read_szl", ("szl", 0x11, 0x11), verb="diagnostic", time=f"2026-11-10T{time}+01:00")
        verdict = judge.judge_operation(channel, seen)
        assert verdict is not None
        kinds.append(verdict.kind)
    assert kinds == ["default-deny", "allow", "allow", "default-deny"]


def test_a_maintenance_window_changes_no_verdict(judge: Judge, opened: Opened, exchanged: Exchanged) -> None:
    channel = opened("hmi-1", "plc-filt", "s7comm", unit="0/2", time=EXCEPTION_TIME)
    open_window = judge.maintenance("z-filter", channel.time)
    assert open_window is not None
    assert (open_window.id, open_window.anomaly_severity, open_window.freeze_learning) == ("MW-11", "notice", True)
    assert judge.maintenance("z-chem", channel.time) is None
    seen = exchanged("plc_stop", verb="start_stop", time=EXCEPTION_TIME)
    assert outcome(judge.judge_operation(channel, seen)) == ("default-deny", "", "functions")


def test_the_version_effective_at_packet_time_judges(example_text: str, policy: Policy, opened: Opened) -> None:
    text = example_text.replace("version: 14 ", "version: 15 ").replace(
        "effective: 2026-11-01", "effective: 2026-11-11"
    )
    later = load_bytes(text.replace("id: R-010, action: allow", "id: R-010, action: deny").encode(), "later.yaml")
    judge = Judge([later, policy])
    kinds = []
    for day in ("2026-11-10", "2026-11-11", "2026-11-10"):
        verdict = judge.judge_channel(opened("scada-1", "plc-chem", unit="1", time=f"{day}T12:00:00+01:00"))
        assert verdict is not None
        kinds.append((verdict.version, verdict.kind, verdict.sha256))
    assert kinds == [
        (14, "allow", policy.sha256),
        (15, "default-deny", later.sha256),
        (14, "allow", policy.sha256),
    ]


def test_nothing_is_judged_before_the_first_version_unless_asked(policy: Policy, opened: Opened) -> None:
    channel = opened("hmi-1", "plc-chem", unit="1", time="2026-10-01T00:00:00+00:00")
    judge = Judge([policy])
    assert judge.judge_channel(channel) is None
    assert judge.counters["before_effective"] == 1
    early = Judge([policy], early=True).judge_channel(channel)
    assert early is not None
    assert early.kind == "allow"


def test_broadcast_multicast_and_arp_are_not_judged(judge: Judge, opened: Opened) -> None:
    assert judge.judge_channel(opened("hmi-1", "plc-chem", "arp")) is None
    assert judge.judge_channel(opened("hmi-1", "plc-chem", "", server_mac="ff:ff:ff:ff:ff:ff")) is None
    assert judge.judge_channel(opened("hmi-1", "plc-chem", "", server_mac="01:00:5e:00:00:01")) is None


def test_select_before_operate_is_required_where_the_rule_says_so(judge: Judge, opened: Opened, asked: Asked) -> None:
    channel = opened("scada-1", "rtu-res", "dnp3", unit="1>10")
    assert judge.requires(channel, asked("operate", ("g12v1", 0, 0))) == ("select_before_operate",)
    assert judge.requires(channel, asked("read", ("g60v1", -1, -1))) == ()


def test_rate_limits_are_reported_with_their_functions(judge: Judge, opened: Opened) -> None:
    limits = judge.limit_of(opened("hmi-1", "plc-chem", unit="1"))
    assert [(limit.rule, limit.functions, limit.max_requests_per_s) for limit in limits] == [
        ("R-010", frozenset({"3", "4"}), 20),
        ("R-011", frozenset({"6", "16"}), 1),
    ]
    assert judge.limit_of(opened("ews-1", "plc-filt", "s7comm", unit="0/2")) == ()


def test_a_verdict_carries_both_ends_the_conduit_the_policy_and_remarks(judge: Judge, opened: Opened) -> None:
    verdict = judge.judge_channel(opened("scada-1", "hist-1", "", port=5450, decided_by="port"))
    assert verdict is not None
    assert verdict.flags == ("content: not verified", "direction: inferred")
    assert (verdict.client_zone, verdict.client_asset, verdict.server_zone, verdict.server_asset) == (
        "z-supervisory", "scada-1", "z-site", "hist-1",
    )  # fmt: skip
    assert (verdict.conduit, verdict.policy, verdict.version, len(verdict.sha256)) == (
        "c-sup-site",
        "wtp-north",
        14,
        64,
    )


def test_the_safety_zone_is_marked_and_the_deny_carries_its_severity(judge: Judge, opened: Opened) -> None:
    verdict = judge.judge_channel(opened("hmi-1", "sis-chlor"))
    assert verdict is not None
    assert (verdict.safety, verdict.severity, verdict.ticket) == (True, "critical", "CHG-1200")
    assert verdict.reason == "The chlorine safety system has no network client"


def test_an_identity_mismatch_says_what_was_expected_and_seen(judge: Judge, opened: Opened) -> None:
    verdict = judge.judge_channel(opened("hmi-1", "plc-chem", client_mac="02:66:66:66:66:66"))
    assert verdict is not None
    assert verdict.observed == "02:66:66:66:66:66 at 10.20.2.11"
    assert "00:1b:1b:aa:00:11 (hmi-1)" in verdict.expected
    assert not verdict.allows


def test_a_channel_that_changes_is_judged_anew(judge: Judge, opened: Opened) -> None:
    attempted = opened("hmi-1", "plc-chem", "", port=502, state="attempted")
    assert outcome(judge.judge_channel(attempted)) == ALLOW_R010
    answered = msgspec.structs.replace(attempted, state="established")
    assert outcome(judge.judge_channel(answered)) == ("unparsed", "", "")


def test_a_repeated_judgement_is_not_made_again(judge: Judge, opened: Opened, asked: Asked) -> None:
    channel = opened("hmi-1", "plc-chem", unit="1")
    seen = asked("read_input_registers", ("input_register", 0, 9), code="4")
    one = judge.judge_operation(channel, seen)
    made = judge.counters["judged"]
    assert judge.judge_operation(channel, seen) is one
    assert judge.counters["judged"] == made


def test_a_label_that_hides_targets_does_not_share_a_verdict(judge: Judge, opened: Opened, asked: Asked) -> None:
    channel = opened("hmi-1", "plc-chem", unit="1")
    good = asked("read_input_registers", ("input_register", 0, 9), code="4")
    bad = msgspec.structs.replace(
        asked("read_input_registers", ("input_register", 500, 509), code="4"), label=good.label
    )
    assert outcome(judge.judge_operation(channel, good)) == ALLOW_R010
    assert outcome(judge.judge_operation(channel, bad)) == ("default-deny", "", "objects")


def test_a_judge_needs_versions_of_one_policy(example_text: str, policy: Policy) -> None:
    other = load_bytes(example_text.replace("id: wtp-north", "id: wtp-south").encode(), "other.yaml")
    with pytest.raises(ValueError, match="wtp-north, wtp-south"):
        Judge([policy, other])
    with pytest.raises(ValueError, match="none"):
        Judge([])
