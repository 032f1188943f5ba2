"""S7 alerts that follow from one job: stop and start, blocks, force, memory, inputs and outputs written, alarms."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import Exchange, Violation
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import command, mismatch, program, violation, write
from rules.detections.predicates import asked, earlier, unmatched, violated
from rules.detections.rule_state import RuleState

S7: Final = ("s7comm", "s7", "s7commplus")
ALL_OUTCOMES: Final = ("success", "failure", "unanswered", "one_way")
APPROVE: Final = (
    "A change ticket and a maintenance window for {server} ({server_zone}); or an allow rule or exception from "
    "{client} to {server} for {operation} with its reason."
)
DIRECT_AREAS: Final = frozenset({"I", "Q", "P"})
UNDEFINED: Final = frozenset({"function", "item_syntax"})
"""What is readable and not defined: counted by SEN-008, no broken message."""
RECORD_AREAS: Final = frozenset({"data_record", "record"})


def asks(*operations: str) -> tuple[Match, ...]:
    """Return the look at S7 requests with these operations."""
    return (Match(Exchange, S7, words=operations, outcomes=ALL_OUTCOMES),)


def _started(context: Context, state: RuleState) -> Hit | None:
    hit = asked(context, state)
    if hit is None or not isinstance(context.fact, Exchange):
        return None
    detail = context.fact.detail
    cold = bool(detail.get("cold")) or str(detail.get("argument", "")).strip().upper().startswith("C")
    return Hit(words={**hit.words, "start": "cold start" if cold else "warm start"}, weight=hit.weight)


def _forced(context: Context, state: RuleState) -> Hit | None:
    hit = asked(context, state)
    if hit is None or not isinstance(context.fact, Exchange) or context.fact.operation == "force":
        return hit
    return Hit(words=hit.words, severity="medium", weight=hit.weight)


def _alarms(context: Context, state: RuleState) -> Hit | None:
    hit = asked(context, state)
    if hit is None or not isinstance(context.fact, Exchange) or context.fact.operation == "lock_alarms":
        return hit
    return Hit(words=hit.words, severity="low", weight=hit.weight)


def _written_to(areas: frozenset[str], context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Exchange) or not any(target.kind in areas for target in fact.targets):
        return None
    return Hit(words={"earlier": earlier(context, state, fact.operation)}, weight=1 + fact.repeats)


def _direct(context: Context, state: RuleState) -> Hit | None:
    return _written_to(DIRECT_AREAS, context, state)


def _record(context: Context, state: RuleState) -> Hit | None:
    return _written_to(RECORD_AREAS, context, state)


S7_COMMANDS: Final = (
    Entry(
        id="S7-001",
        name="Controller stopped",
        severity="high",
        looks=asks("plc_stop"),
        predicate=asked,
        explanation=command("its program no longer runs and outputs go to their stop state."),
        false_positives="A planned stop.",
        normal=APPROVE,
        category="operating-mode",
        techniques=("T0858",),
        context=("T0881",),
        capture_fires="s7/plc_stop.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="S7-002",
        name="Controller started",
        severity="high",
        looks=asks("plc_start"),
        predicate=_started,
        explanation=command(
            "its program runs again ({start}).",
            observed="{operation} (code {code}), {start}: {outcome}{error}; {earlier}.",
        ),
        false_positives="A planned start.",
        normal=APPROVE,
        category="operating-mode",
        techniques=("T0858", "T0816"),
    ),
    Entry(
        id="S7-004",
        name="Memory reset",
        severity="critical",
        looks=asks("memory_reset"),
        predicate=asked,
        explanation=command("its program and data are erased."),
        false_positives="Replacement of a CPU.",
        normal=APPROVE,
        category="program-change",
        techniques=("T0889",),
        context=("T0809",),
    ),
    Entry(
        id="S7-009",
        name="Block deleted",
        severity="high",
        looks=asks("delete_block"),
        predicate=asked,
        explanation=program("a block of the controller program goes away."),
        false_positives="A planned change.",
        normal=APPROVE,
        category="program-change",
        techniques=("T0889",),
        context=("T0809",),
    ),
    Entry(
        id="S7-010",
        name="RAM copied to ROM",
        severity="medium",
        looks=asks("copy_ram_to_rom"),
        predicate=asked,
        explanation=command("what was changed in its working memory becomes permanent."),
        false_positives="The end of commissioning.",
        normal=APPROVE,
        category="program-change",
        techniques=("T0889",),
    ),
    Entry(
        id="S7-011",
        name="Memory compressed",
        severity="medium",
        looks=asks("compress_memory"),
        predicate=asked,
        explanation=command("its memory is reorganised, which costs cycle time."),
        false_positives="Maintenance.",
        normal=APPROVE,
        category="unauthorized-operation",
        techniques=("T1692.001",),
    ),
    Entry(
        id="S7-018",
        name="Inputs or outputs written directly",
        severity="high",
        looks=asks("write_var"),
        predicate=_direct,
        explanation=write("the process image is overwritten behind the back of the program."),
        false_positives="Simulation in a laboratory.",
        normal=APPROVE,
        category="unauthorized-operation",
        techniques=("T1692.001",),
        context=("T0835",),
    ),
    Entry(
        id="S7-019",
        name="Force",
        severity="critical",
        looks=asks("force", "force_selection"),
        predicate=_forced,
        explanation=command("variables are held at a value whatever the program or the process says."),
        false_positives="Commissioning.",
        normal=APPROVE,
        category="unauthorized-operation",
        techniques=("T1692.001",),
        context=("T0835",),
    ),
    Entry(
        id="S7-020",
        name="Variable modified by the engineering tool",
        severity="high",
        looks=asks("modify_variable"),
        predicate=asked,
        explanation=command("variables change through the debugging service, past the program."),
        false_positives="Commissioning.",
        normal=APPROVE,
        category="unauthorized-operation",
        techniques=("T0836",),
    ),
    Entry(
        id="S7-021",
        name="Debugging that can hold the CPU",
        severity="high",
        looks=asks("breakpoint", "leave_hold", "disable_job", "enable_job", "delete_job", "replace_job"),
        predicate=asked,
        explanation=command("a debugging job can halt the program in the middle of its cycle."),
        false_positives="Commissioning.",
        normal=APPROVE,
        category="operating-mode",
        techniques=("T0858",),
    ),
    Entry(
        id="S7-030",
        name="Alarms locked",
        severity="high",
        looks=asks("lock_alarms", "unlock_alarms"),
        predicate=_alarms,
        explanation=command("alarms of the controller are locked or unlocked; locked ones reach no operator."),
        false_positives="Shelving by the operator station.",
        normal=APPROVE,
        category="denial-of-service",
        techniques=("T0878",),
    ),
    Entry(
        id="S7-035",
        name="Data record written",
        severity="high",
        looks=asks("write_var", "write_data_record"),
        predicate=_record,
        explanation=write("parameters (or firmware) of a module change."),
        false_positives="Set-up of a module.",
        normal=APPROVE,
        category="configuration-change",
        techniques=("T1693.002", "T0836"),
    ),
    Entry(
        id="S7-039",
        name="Broken S7",
        severity="medium",
        looks=(Match(Violation, S7),),
        predicate=violated(escalate=True, without=UNDEFINED),
        settings={"high_count": 2, "high_minutes": 10},
        explanation=violation("the layers of TPKT, COTP and S7 do not fit together."),
        false_positives="A gap; another protocol on port 102 (MMS).",
        normal="The other protocol named in the policy as opaque with its port.",
        category="protocol-violation",
        techniques=("T0866",),
    ),
    Entry(
        id="S7-040",
        name="Answer unasked or doubled",
        severity="high",
        looks=(Match(Exchange, S7, outcomes=("unmatched",)),),
        predicate=unmatched,
        explanation=mismatch(
            "{server} answered {client} although no such job was open.",
            "One answer for each job, with its reference.",
            "An answer to {operation} (code {code}) with no job open for it.",
        ),
        false_positives="Reference counters that restart.",
        normal="Nothing: find out who sends the second answer.",
        category="spoofing",
        techniques=("T1692.002", "T0830"),
    ),
)
