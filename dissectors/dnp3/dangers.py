"""What is dangerous or wrong in DNP3: commands, patterns of use, and the violations that the dissector states."""

from __future__ import annotations

from typing import Final

from dissectors.danger import Danger, Pattern, Patterns
from dissectors.facts import Exchange
from dissectors.spec import Fault

CONTROLS: Final = ("select", "operate", "direct_operate", "direct_operate_no_response")
AUTHENTICATION: Final = ("authentication_request", "authentication_request_no_response", "authentication_response")
BROKEN: Final = (
    "start", "length", "header_crc", "block_crc", "transport_sequence", "endless_fragment", "object_length",
    "not_dnp3",
)  # fmt: skip
UNDEFINED: Final = ("qualifier", "reserved_address", "unknown_function", "unknown_object")


def _is_attribute(fact: Exchange) -> bool:
    return any(target.kind.startswith("g0v") for target in fact.targets)


DANGERS: Final = (
    Danger(
        number=12,
        name="Cold restart",
        severity="high",
        operations=("cold_restart",),
        consequence="the outstation restarts completely and is blind and deaf until it is back.",
        false_positives="A planned restart.",
        category="operating-mode",
        techniques=("T0816",),
        capture="dnp3/cold_restart.pcap",
    ),
    Danger(
        number=13,
        name="Warm restart",
        severity="medium",
        operations=("warm_restart",),
        consequence="the applications of the outstation restart; events in memory may be lost.",
        false_positives="A planned restart.",
        category="operating-mode",
        techniques=("T0816",),
    ),
    Danger(
        number=14,
        name="Application stopped, started or initialised",
        severity="high",
        operations=("stop_application", "start_application", "initialize_application"),
        severities={"start_application": "medium", "initialize_application": "medium"},
        consequence="a program of the outstation changes between running and stopped.",
        consequences={
            "stop_application": "a program of the outstation stops.",
            "start_application": "a program of the outstation starts.",
            "initialize_application": "a program of the outstation is set back to its beginning, ready to be started.",
        },
        false_positives="The tool of the maker.",
        category="operating-mode",
        techniques=("T0816",),
        context=("T0881",),
    ),
    Danger(
        number=15,
        name="Obsolete function",
        severity="low",
        operations=("initialize_data", "save_configuration"),
        consequence="the standard no longer recommends this function; present masters do not use it.",
        false_positives="Masters of an earlier generation.",
        techniques=("T1692.001",),
    ),
    Danger(
        number=16,
        name="Configuration activated",
        severity="high",
        operations=("activate_configuration",),
        consequence="the outstation takes a new configuration into use.",
        false_positives="A planned change.",
        category="configuration-change",
        techniques=("T0836", "T0889"),
    ),
)

PATTERNS: Final = Patterns(
    approval="A change ticket and a maintenance window for {server} ({server_zone}); or an allow rule from {client} to "
    "{server} for {operation} with its reason.",
    first_controller=Pattern(
        number=1,
        codes=("3", "4", "5", "6"),
        false_positives="A back-up control centre that takes over.",
        capture="dnp3/direct_operate.pcap",
    ),
    not_allowed=Pattern(
        number=2,
        name="Control of a point outside policy",
        verbs=("control",),
        consequence="the point or code is not allowed.",
        false_positives="A new point was commissioned.",
        techniques=("T1692.001",),
    ),
    beyond_limits=Pattern(number=11, name="Set-point outside limits"),
    not_selected=Pattern(number=5, operations=CONTROLS[2:]),
    control_burst=Pattern(number=9, operations=CONTROLS),
    toggled=Pattern(
        number=10,
        operations=CONTROLS,
        settings={"changes": 4, "seconds": 60},
        expected="Controls follow operator actions, a few in an hour.",
        false_positives="The test of a breaker out of service.",
    ),
    identity_read=Pattern(
        number=29,
        name="Attributes read by a new station",
        codes=("1",),
        concerns=_is_attribute,
        consequence="who it is (device attributes)",
        capture="plant/identity.pcap",
    ),
    function_scan=Pattern(
        number=26,
        errors=("no_func_code_support",),
        expected="A master uses only functions that the outstation has.",
        false_positives="The start-up of a master.",
        normal="A master set up for the level of this outstation.",
    ),
    unit_scan=Pattern(
        number=40,
        name="Link address scan",
        severity="high",
        settings={"addresses": 10, "seconds": 120},
        expected="A master talks to the link addresses it was set up for.",
        false_positives="The tool of a terminal server.",
        normal="An allow rule that names the outstations behind {server}.",
    ),
    refused=(
        Pattern(
            number=27,
            name="Point scan",
            errors=("object_unknown", "parameter_error"),
            settings={"refused": 5, "seconds": 30},
            kind="discovery",
            reason="{client} asks {server} for points that it does not have.",
            expected="A master reads the points it was set up for.",
            observed="{seen} requests refused in {seconds} s (last: {kind}).",
            false_positives="A master with a wrong point list.",
            normal="The point list of {client} corrected.",
            category="discovery",
            techniques=("T0861",),
        ),
        Pattern(
            number=45,
            name="Authentication fails",
            operations=AUTHENTICATION,
            settings={"failures": 3, "seconds": 60},
            reason="{client} does not pass the authentication of {server}.",
            expected="Master and outstation share their keys.",
            observed="{seen} failures in {seconds} s (last: {kind}).",
            false_positives="A change of keys that is out of step.",
            normal="The keys changed on both sides.",
            techniques=("T1692.001",),
            context=("T0859",),
        ),
    ),
    unanswered=Pattern(
        number=38,
        operations=CONTROLS[:3],
        reason="{server} leaves controls of {client} without an answer.",
        expected="Every control is answered with its status.",
        observed="{seen} controls without an answer in {seconds} s, the last one {operation} of {targets}.",
        false_positives="The radio link is down.",
        normal="The link repaired.",
    ),
    unmatched=Pattern(
        number=37,
        name="Response unasked",
        reason="{server} sent {client} a response for which no open request with its sequence and its controls was seen.",
        expected="A response carries the sequence of an open request and repeats the controls that were asked for.",
        observed="{operation} (code {code}); before it the capture holds no request for it that was still open.",
    ),
    broken=(
        Pattern(
            number=42,
            name="Broken DNP3",
            faults=BROKEN,
            settings={"high_count": 2, "high_minutes": 10},
            consequence="start, length, checksum, transport sequence or object length is wrong, or a fragment has no end.",
            false_positives="A gap; noise of a serial line that a terminal server carries.",
            normal="The line repaired.",
            techniques=("T0866", "T0814"),
        ),
        Pattern(
            number=43,
            name="Undefined code",
            severity="low",
            faults=UNDEFINED,
            consequence="function, group or qualifier is not defined.",
            false_positives="Objects of the maker.",
            normal="The maker's objects named in the policy.",
        ),
    ),
)

FAULTS: Final = (
    Fault("start", "9.2.4.1.1", "a frame begins with 0x05 0x64"),
    Fault("length", "9.2.4.1.2", "the length byte counts at least 5, and what the function carries"),
    Fault("header_crc", "9.2.4.3", "the checksum of the frame header is right"),
    Fault("block_crc", "9.2.4.3", "the checksum of each data block is right"),
    Fault("direction", "9.2.4.1.3", "direction bit, primary bit and function fit the role of the station"),
    Fault("reserved_address", "9.2.4.1.4", "a reserved link address is not used"),
    Fault("unknown_function", "4.2.2.5", "function codes are those of the standard"),
    Fault("transport_sequence", "8.2", "transport segments follow one another"),
    Fault("endless_fragment", "8.2", "a fragment ends, and within a length that stations have"),
    Fault("unknown_object", "4.2.2.7.2", "groups and variations are those of the standard"),
    Fault("qualifier", "4.2.2.7.3", "a qualifier fits its object"),
    Fault("object_length", "4.2.2", "objects are as long as their headers say"),
    Fault("not_dnp3", "", "the bytes on the connection are DNP3", foreign=True),
)
