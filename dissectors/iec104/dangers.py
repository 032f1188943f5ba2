"""What is dangerous or wrong in IEC 60870-5-104: commands, patterns of use, and the violations that the dissector states."""

from __future__ import annotations

from typing import Final

from dissectors.danger import Danger, Pattern, Patterns
from dissectors.iec104.table import FILE, ROWS, SELECTABLE
from dissectors.spec import Fault

ORDERS: Final = (
    *(row.name for row in ROWS if row.form in SELECTABLE and row.code < 100),
    "bitstring_command",
    "bitstring_command_time",
)

DANGERS: Final = (
    Danger(
        number=1,
        name="Station reset",
        severity="high",
        operations=("reset_process",),
        consequence="the station restarts and does not watch or control its process until it is back.",
        false_positives="Maintenance of the station.",
        category="operating-mode",
        techniques=("T0816",),
        capture="iec104/reset_process.pcap",
    ),
    Danger(
        number=2,
        name="Data transfer stopped",
        severity="medium",
        operations=("stop_transfer",),
        consequence="the station sends no reports on this connection until the transfer is started again.",
        false_positives="A redundant control centre that changes over to another connection.",
        category="denial-of-service",
        techniques=("T1691.002",),
        capture="iec104/stop_transmission.pcap",
    ),
    Danger(
        number=3,
        name="Clock of a station set",
        severity="low",
        operations=("clock_synchronisation",),
        consequence="its clock changes, and with it the time tags of all that it reports.",
        false_positives="The control centre that keeps the time of its stations, as the standard foresees.",
        category="configuration-change",
        techniques=("T0836",),
    ),
    Danger(
        number=4,
        name="Parameter of a measured value changed",
        severity="high",
        operations=("parameter_normalized", "parameter_scaled", "parameter_float", "parameter_activation"),
        consequence="a threshold, filter or limit of a measured value changes, and with it what the station reports.",
        false_positives="Engineering of the station.",
        category="configuration-change",
        techniques=("T0836",),
    ),
    Danger(
        number=5,
        name="File transfer",
        severity="medium",
        operations=tuple(row.name for row in ROWS if row.side == FILE and row.name != "file_directory"),
        consequence="a file moves between a control centre and a station.",
        false_positives="Disturbance records that the control centre collects.",
        category="file-transfer",
        techniques=("T0845",),
    ),
)

PATTERNS: Final = Patterns(
    approval="A change ticket and a maintenance window for {server} ({server_zone}); or an allow rule from {client} to "
    "{server} for {operation} with its reason.",
    control_burst=Pattern(
        number=6,
        name="Burst of commands",
        operations=ORDERS,
        normal="A higher number in settings.<id>.commands.",
        settings={"commands": 20, "seconds": 10},
        false_positives="A switching programme of the control centre.",
        capture="iec104/command_burst.pcap",
    ),
    refused=(
        Pattern(
            number=7,
            name="Objects tried one after another",
            errors=("unknown_object_address",),
            settings={"errors": 10, "seconds": 60},
            consequence="{client} asks for objects that the station does not have.",
            expected="A control centre asks for the objects of its list.",
            observed="{seen} unknown objects in {seconds} s (last: {kind}).",
            false_positives="A point list that is newer than the station.",
            normal="The same point list on both sides.",
            category="discovery",
            techniques=("T0861",),
            kind="discovery",
            scope="pair",
            capture="iec104/object_sweep.pcap",
        ),
        Pattern(
            number=9,
            name="Common addresses tried one after another",
            errors=("unknown_common_address",),
            settings={"errors": 5, "seconds": 60},
            consequence="{client} asks for stations that do not exist behind this address.",
            expected="A control centre knows the common addresses of its stations.",
            observed="{seen} unknown common addresses in {seconds} s (last: {kind}).",
            false_positives="A station that was renumbered.",
            normal="The same common address on both sides.",
            category="discovery",
            techniques=("T0846",),
            kind="discovery",
            scope="pair",
            capture="iec104/address_scan.pcap",
        ),
    ),
    function_scan=Pattern(
        number=8,
        name="Type scan",
        errors=("unknown_type",),
        false_positives="A control centre set up for another profile of the standard.",
    ),
    unmatched=Pattern(
        number=10,
        name="Confirmation that nothing asked for",
        false_positives="Frames doubled by the mirror port; a late confirmation after a time-out.",
    ),
    broken=(
        Pattern(
            number=11,
            name="Message that the standard does not allow",
            faults=("control_field", "unknown_type", "cause", "common_address", "object_length"),
            consequence="a field of the message has a value that the standard does not know.",
            false_positives="A private range of types that both sides agreed on.",
        ),
        Pattern(
            number=15,
            name="Send number out of order",
            faults=("sequence_number",),
            whole=True,
            consequence="a message was sent twice, left out or put in by somebody else.",
            false_positives="A capture that lost packets without saying so.",
        ),
        Pattern(
            number=16,
            name="Not IEC 60870-5-104 on its port",
            faults=("not_iec104",),
            settings={"high_count": 2, "high_minutes": 10},
            consequence="what is sent on this connection is something else.",
            false_positives="Another service on the port; a gap before the reader found its place again.",
            normal="The service on this port named in the policy as an opaque protocol with its port.",
        ),
    ),
    unanswered=Pattern(
        number=12,
        verbs=("control", "write", "start_stop"),
        reason="{server} leaves commands of {client} without a confirmation while the connection lives.",
        expected="Every command is confirmed, positively or negatively.",
        observed="{seen} commands without a confirmation in {seconds} s, the last one {operation} (type {code}).",
        false_positives="A slow link; a station that restarts.",
        normal="The station confirms again.",
    ),
    not_allowed=Pattern(
        number=13,
        name="Command outside the allowed functions or objects",
        verbs=("control", "write", "start_stop"),
        consequence="the pair may talk, but not command this.",
        false_positives="A new switch or set-point.",
        techniques=("T1692.001", "T0836"),
    ),
    beyond_limits=Pattern(
        number=14,
        name="Set-point outside engineering limits",
        false_positives="Wrong scaling.",
    ),
    first_controller=Pattern(
        number=17,
        false_positives="Commissioning; a control centre that took over.",
    ),
)

FAULTS: Final = (
    Fault("control_field", "104 5.1", "the control field has one of the three forms"),
    Fault("unknown_type", "101 7.2.1", "a type identification is one of the companion standard"),
    Fault("cause", "101 7.2.3", "a cause of transmission is one of the companion standard"),
    Fault("common_address", "101 7.2.4", "a common address is 1 or greater"),
    Fault("object_length", "101 7.2.2", "the information objects fill the data unit"),
    Fault("sequence_number", "104 5.1", "send numbers follow one another"),
    Fault("not_iec104", "", "the bytes on the connection are APDUs", foreign=True),
)
