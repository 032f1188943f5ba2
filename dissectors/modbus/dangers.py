"""What is dangerous or wrong in Modbus: commands, patterns of use, and the violations that the dissector states."""

from __future__ import annotations

from typing import Final

from dissectors.danger import Danger, Pattern, Patterns
from dissectors.spec import Fault

DEVICE_ERRORS: Final = ("server_device_failure", "memory_parity_error")
LISTEN_ONLY: Final = "8/4"

DANGERS: Final = (
    Danger(
        number=7,
        name="Forced into listen-only",
        severity="critical",
        codes=(LISTEN_ONLY,),
        consequence="the device stops answering every request until its communication is restarted.",
        false_positives="A serial maintenance tool that isolates a device on purpose.",
        category="denial-of-service",
        techniques=("T0814", "T1691.001"),
        capture="modbus/listen_only.pcap",
    ),
    Danger(
        number=8,
        name="Communication restarted",
        severity="high",
        codes=("8/1",),
        consequence="its port restarts and its counters are lost; data 0xFF00 also clears the event log.",
        false_positives="A serial maintenance tool; recovery of a device from listen-only.",
        category="operating-mode",
        techniques=("T0816",),
        context=("T0872",),
    ),
    Danger(
        number=9,
        name="Diagnostic counters cleared",
        severity="medium",
        codes=("8/10", "8/20"),
        consequence="its diagnostic counters go to zero, and with them the traces of earlier trouble.",
        false_positives="Maintenance that starts a measurement.",
        techniques=("T1692.001",),
        context=("T0872",),
    ),
    Danger(
        number=10,
        name="Input delimiter changed",
        severity="medium",
        codes=("8/3",),
        consequence="the end-of-message character of its line changes; masters that keep the old one lose it.",
        false_positives="Set-up of a serial line.",
        category="configuration-change",
        techniques=("T0836",),
    ),
    Danger(
        number=18,
        name="Device failure reported",
        severity="medium",
        errors=DEVICE_ERRORS,
        consequence="the device answers that it failed to do what was asked.",
        expected="A healthy device.",
        false_positives="A sensor fault behind the device.",
        normal="The fault repaired.",
        category="operating-mode",
        context=("T0826",),
    ),
    Danger(
        number=31,
        name="Controller started or stopped (UMAS)",
        severity="high",
        codes=("90/64", "90/65"),
        consequence="its program starts or stops, and with it the process that it controls.",
        consequences={
            "umas_start_plc": "its program starts, and with it the process that it controls.",
            "umas_stop_plc": "its program stops, and with it the process that it controls.",
        },
        category="operating-mode",
        techniques=("T0858",),
        context=("T0881",),
    ),
    Danger(
        number=34,
        name="Old programming function used",
        severity="high",
        codes=("9", "13", "18", "40", "126"),
        kind="program",
        consequence="this function programs Modicon controllers of earlier generations.",
        false_positives="Programming tools for 484, 584, 884 and 984 controllers that are still in use.",
        category="program-change",
        techniques=("T0843",),
    ),
    Danger(
        number=35,
        name="Firmware replacement",
        severity="critical",
        codes=("125",),
        kind="program",
        consequence="this function replaces the firmware of the device.",
        false_positives="A planned update.",
        category="program-change",
        techniques=("T1693.001", "T0800"),
    ),
)

PATTERNS: Final = Patterns(
    approval="A change ticket and a maintenance window for {server} ({server_zone}); or an allow rule from {client} to "
    "{server} for function {code} with its reason.",
    first_writer=Pattern(
        number=1,
        false_positives="Commissioning; a replaced engineering station; a display that took over.",
        capture="modbus/unauthorised_write.pcap",
    ),
    not_allowed=Pattern(
        number=2,
        name="Write outside the allowed functions or addresses",
        verbs=("write",),
        consequence="the pair may talk, but not write this.",
        false_positives="A new display; a register map shifted by one.",
        techniques=("T1692.001", "T0836"),
    ),
    beyond_limits=Pattern(
        number=3,
        name="Written value outside engineering limits",
        false_positives="Wrong scaling; a 32-bit pair in the other word order.",
        capture="modbus/setpoint_beyond_limit.pcap",
    ),
    write_burst=Pattern(number=4, capture="modbus/write_burst.pcap"),
    toggled=Pattern(
        number=5,
        verbs=("write",),
        settings={"changes": 10, "seconds": 60},
        expected="Writes here follow operator actions, a few in a minute.",
        false_positives="A test mode; software that pulses a coil as a heartbeat (approve it).",
    ),
    identity_read=Pattern(
        number=12,
        name="Identification read by a new station",
        codes=("17", "43/14"),
        settings={"servers": 3, "minutes": 10},
        false_positives="An asset inventory tool; commissioning.",
        capture="plant/identity.pcap",
    ),
    function_scan=Pattern(
        number=13,
        errors=("illegal_function",),
        false_positives="A client that probes for function 23 or 43 when it starts.",
        capture="modbus/function_scan.pcap",
    ),
    unit_scan=Pattern(number=15),
    exceptions=Pattern(number=16, capture="modbus/register_scan.pcap"),
    refused=(
        Pattern(
            number=17,
            name="Server busy",
            errors=("acknowledge", "server_device_busy"),
            scope="server",
            settings={"errors": 3, "seconds": 60},
            consequence="the device says that it is busy and does not serve its clients.",
            expected="A device answers at once.",
            observed="{seen} answers busy or acknowledge in {seconds} s (last: {kind}).",
            false_positives="Long write jobs, which answer acknowledge by design.",
            normal="A slower poll rate of the clients of {server}.",
            category="denial-of-service",
            techniques=("T0814",),
        ),
    ),
    unanswered=Pattern(
        number=27,
        verbs=("write",),
        reason="{server} leaves writes of {client} without an answer while the connection lives.",
        expected="Every write is answered, with success or an exception.",
        observed="{seen} writes without an answer in {seconds} s, the last one {operation} (code {code}).",
        false_positives="An overloaded gateway; a device in listen-only.",
        normal="The device answers again.",
    ),
    unmatched=Pattern(
        number=25,
        name="Response unasked or doubled",
        besides=(LISTEN_ONLY,),
        false_positives="Frames doubled by the mirror port (equal bytes are no alert); a late answer after a time-out.",
    ),
    mismatch=Pattern(
        number=24,
        faults=("response_mismatch", "answer_unit"),
        expected="The answer of {server} repeats function, unit, quantity or echo of the request ({clause}).",
        false_positives="Gateways that rewrite the unit; a transaction id used twice at the same time.",
    ),
    broken=(
        Pattern(
            number=20,
            name="Illegal function code",
            faults=("illegal_function_code",),
            whole=True,
            consequence="function codes 0 and 128 to 255 cannot be asked; they probe how a device fails.",
            false_positives="A direction guessed wrong when the capture began in the middle of the conversation.",
        ),
        Pattern(
            number=22,
            name="Not Modbus on a Modbus port",
            faults=("length", "not_modbus"),
            settings={"high_count": 2, "high_minutes": 10},
            consequence="what is sent on this Modbus connection is something else.",
            false_positives="TLS or a service of the maker on port 502; a gap before the reader found its place again.",
            normal="The service on this port named in the policy as an opaque protocol with its port.",
        ),
        Pattern(
            number=23,
            name="Quantity or value not allowed",
            faults=("quantity", "byte_count", "coil_value"),
            consequence="a quantity, byte count or coil value is outside what the standard allows.",
            false_positives="Devices that accept 126 registers in one request.",
        ),
    ),
)

FAULTS: Final = (
    Fault("illegal_function_code", "V1.1b3 4.1", "a request has a function code of 1 to 127"),
    Fault("length", "V1.1b3 6", "a message is as long as its function says"),
    Fault("quantity", "V1.1b3 6", "a quantity is what the function allows and stays within the table"),
    Fault("byte_count", "V1.1b3 6", "a byte count is that of the bytes which follow"),
    Fault("coil_value", "V1.1b3 6", "a coil is written as 0x0000 or 0xff00"),
    Fault("response_mismatch", "V1.1b3 6", "an answer repeats function, unit, quantity and echo of its request"),
    Fault("answer_unit", "TCP/IP V1.0b 3.1.3", "an answer names the unit that was asked", hint=True),
    Fault("not_modbus", "", "the bytes on the connection are Modbus", foreign=True),
)
