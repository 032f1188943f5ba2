"""What is dangerous or wrong in S7: commands, patterns of use, and the violations that the dissector states.

S7CommPlus shares them but for what needs the objects of a write, which it carries in a form that is not read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dissectors.danger import Danger, Pattern, Patterns
from dissectors.facts import Exchange
from dissectors.iso import FAULTS as TRANSPORT_FAULTS
from dissectors.spec import Fault

IDENTITY_LISTS: Final = frozenset({0x0011, 0x0111, 0x001C, 0x011C})
"""System status lists that report order numbers and component names."""


def _is_identity_list(fact: Exchange) -> bool:
    return any(target.kind == "szl" and target.first in IDENTITY_LISTS for target in fact.targets)


DANGERS: Final = (
    Danger(
        number=1,
        name="Controller stopped",
        severity="high",
        operations=("plc_stop",),
        consequence="its program no longer runs and outputs go to their stop state.",
        false_positives="A planned stop.",
        category="operating-mode",
        techniques=("T0858",),
        context=("T0881",),
        capture="s7/plc_stop.pcap",
    ),
    Danger(
        number=4,
        name="Memory reset",
        severity="critical",
        operations=("memory_reset",),
        consequence="its program and data are erased.",
        false_positives="Replacement of a CPU.",
        category="program-change",
        techniques=("T0889",),
        context=("T0809",),
    ),
    Danger(
        number=9,
        name="Block deleted",
        severity="high",
        operations=("delete_block",),
        kind="program",
        consequence="a block of the controller program goes away.",
        false_positives="A planned change.",
        category="program-change",
        techniques=("T0889",),
        context=("T0809",),
    ),
    Danger(
        number=10,
        name="RAM copied to ROM",
        severity="medium",
        operations=("copy_ram_to_rom",),
        consequence="what was changed in its working memory becomes permanent.",
        false_positives="The end of commissioning.",
        category="program-change",
        techniques=("T0889",),
    ),
    Danger(
        number=11,
        name="Memory compressed",
        severity="medium",
        operations=("compress_memory",),
        consequence="its memory is reorganised, which costs cycle time.",
        false_positives="Maintenance.",
        techniques=("T1692.001",),
    ),
    Danger(
        number=18,
        name="Inputs or outputs written directly",
        severity="high",
        operations=("write_var",),
        objects=("I", "Q", "P"),
        kind="write",
        consequence="the process image is overwritten behind the back of the program.",
        false_positives="Simulation in a laboratory.",
        techniques=("T1692.001",),
        context=("T0835",),
    ),
    Danger(
        number=19,
        name="Force",
        severity="critical",
        operations=("force", "force_selection"),
        severities={"force_selection": "medium"},
        consequence="variables are held at a value whatever the program or the process says.",
        false_positives="Commissioning.",
        techniques=("T1692.001",),
        context=("T0835",),
    ),
    Danger(
        number=20,
        name="Variable modified by the engineering tool",
        severity="high",
        operations=("modify_variable",),
        consequence="variables change through the debugging service, past the program.",
        false_positives="Commissioning.",
        techniques=("T0836",),
    ),
    Danger(
        number=21,
        name="Debugging that can hold the CPU",
        severity="high",
        operations=("breakpoint", "leave_hold", "disable_job", "enable_job", "delete_job", "replace_job"),
        consequence="a debugging job can halt the program in the middle of its cycle.",
        false_positives="Commissioning.",
        category="operating-mode",
        techniques=("T0858",),
    ),
    Danger(
        number=30,
        name="Alarms locked",
        severity="high",
        operations=("lock_alarms", "unlock_alarms"),
        severities={"unlock_alarms": "low"},
        consequence="alarms of the controller are locked or unlocked; locked ones reach no operator.",
        consequences={
            "lock_alarms": "alarms of the controller are locked; they reach no operator.",
            "unlock_alarms": "alarms of the controller are unlocked; they reach the operators again.",
        },
        false_positives="Shelving by the operator station.",
        category="denial-of-service",
        techniques=("T0878",),
    ),
    Danger(
        number=35,
        name="Data record written",
        severity="high",
        operations=("write_var",),
        objects=("data_record",),
        kind="write",
        consequence="parameters (or firmware) of a module change.",
        false_positives="Set-up of a module.",
        category="configuration-change",
        techniques=("T1693.002", "T0836"),
    ),
)

PLUS_PATTERNS: Final = Patterns(
    approval="A change ticket and a maintenance window for {server} ({server_zone}); or an allow rule or exception from "
    "{client} to {server} for {operation} with its reason.",
    unanswered=Pattern(
        number=41,
        name="Jobs not answered",
        verbs=("write", "control", "program", "start_stop", "firmware"),
        reason="{server} leaves jobs of {client} without an answer.",
        expected="Every job is answered.",
        observed="{seen} jobs without an answer in {seconds} s, the last one {operation} (code {code}).",
        false_positives="A CPU in stop with a long cycle.",
        normal="The controller answers again.",
    ),
    unmatched=Pattern(
        number=40,
        name="Answer unasked or doubled",
        reason="{server} sent {client} an answer for which no open job was seen.",
        expected="One answer for each job, with its reference.",
        observed="An answer to {operation} (code {code}); before it the capture holds no job for it that was still open.",
        false_positives="Reference counters that restart; a capture that has the job behind its answer.",
    ),
    broken=(
        Pattern(
            number=39,
            name="Broken S7",
            faults=(
                "tpkt_version", "tpkt_length", "cotp_type", "cotp_length", "not_iso", "not_s7comm", "not_s7commplus",
                "rosctr", "length", "item_count",
            ),
            settings={"high_count": 2, "high_minutes": 10},
            consequence="the layers of TPKT, COTP and S7 do not fit together.",
            false_positives="A gap; another protocol on port 102 (MMS).",
            normal="The other protocol named in the policy as opaque with its port.",
        ),
    ),
)  # fmt: skip

PATTERNS: Final = replace(
    PLUS_PATTERNS,
    first_writer=Pattern(number=15, false_positives="A new display."),
    not_allowed=Pattern(
        number=16,
        name="Write outside policy",
        verbs=("write",),
        consequence="the area or range is not allowed.",
        false_positives="The layout of a data block changed.",
        techniques=("T1692.001", "T0836"),
    ),
    beyond_limits=Pattern(number=17, name="Written value outside limits"),
    write_burst=Pattern(number=43),
    identity_read=Pattern(
        number=23,
        operations=("read_szl",),
        settings={"servers": 3, "minutes": 10},
        concerns=_is_identity_list,
        consequence="for its order numbers",
        false_positives="An inventory tool.",
        capture="plant/identity.pcap",
    ),
)

FAULTS: Final = (
    *TRANSPORT_FAULTS,
    Fault("rosctr", "S7 header", "a message is a job, an acknowledgement or user data"),
    Fault("length", "S7 header", "a message is as long as its header says"),
    Fault("function", "S7 job", "the function is one that is known"),
    Fault("item_count", "S7 variable services", "the items asked for are those answered"),
    Fault("item_syntax", "S7 variable services", "an address has a syntax that is known"),
    Fault("not_s7comm", "", "the bytes on the connection are S7comm", foreign=True),
    Fault("not_s7commplus", "", "the bytes on the connection are S7CommPlus", foreign=True),
)
