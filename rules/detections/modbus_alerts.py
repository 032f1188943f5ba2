"""Modbus alerts that follow from one request: dangerous commands, program and firmware, broken messages."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import Exchange, Violation
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import command, mismatch, program, violation
from rules.detections.predicates import asked, earlier, unmatched, violated
from rules.detections.rule_state import RuleState

MODBUS: Final = ("modbus",)
APPROVE: Final = (
    "A change ticket and a maintenance window for {server} ({server_zone}); or an allow rule from {client} to "
    "{server} for function {code} with its reason."
)
ALL_OUTCOMES: Final = ("success", "failure", "unanswered", "one_way")
LISTEN_ONLY: Final = "8/4"
TO_CONTROLLER: Final = ("90/48", "90/49", "90/50")
FROM_CONTROLLER: Final = ("90/51", "90/52", "90/53")
ESCALATION: Final = {"high_count": 2, "high_minutes": 10}


def _codes(*codes: str) -> tuple[Match, ...]:
    return (Match(Exchange, MODBUS, outcomes=ALL_OUTCOMES, codes=codes),)


def _violations(*names: str) -> tuple[Match, ...]:
    return (Match(Violation, MODBUS, words=names),)


def _program_moved(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Exchange):
        return None
    says = fact.detail.get("direction", "")
    out = says == "from_server" if says else fact.code in FROM_CONTROLLER
    words = {"earlier": earlier(context, state, fact.operation), "direction": "from" if out else "to"}
    if out:
        return Hit(words=words, severity="medium", techniques=("T0845",), weight=1 + fact.repeats)
    return Hit(words=words, weight=1 + fact.repeats)


def _unmatched(context: Context, state: RuleState) -> Hit | None:
    """Hit, but for a device that still answers the order to be silent: odd, not spoofed."""
    if isinstance(context.fact, Exchange) and context.fact.code == LISTEN_ONLY:
        return None
    return unmatched(context, state)


MODBUS_COMMANDS: Final = (
    Entry(
        id="MB-007",
        name="Forced into listen-only",
        severity="critical",
        looks=_codes(LISTEN_ONLY),
        predicate=asked,
        explanation=command("the device stops answering every request until its communication is restarted."),
        false_positives="A serial maintenance tool that isolates a device on purpose.",
        normal=APPROVE,
        category="denial-of-service",
        techniques=("T0814", "T1691.001"),
        capture_fires="modbus/listen_only.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="MB-008",
        name="Communication restarted",
        severity="high",
        looks=_codes("8/1"),
        predicate=asked,
        explanation=command("its port restarts and its counters are lost; data 0xFF00 also clears the event log."),
        false_positives="A serial maintenance tool; recovery of a device from listen-only.",
        normal=APPROVE,
        category="operating-mode",
        techniques=("T0816",),
        context=("T0872",),
    ),
    Entry(
        id="MB-009",
        name="Diagnostic counters cleared",
        severity="medium",
        looks=_codes("8/10", "8/20"),
        predicate=asked,
        explanation=command("its diagnostic counters go to zero, and with them the traces of earlier trouble."),
        false_positives="Maintenance that starts a measurement.",
        normal=APPROVE,
        category="unauthorized-operation",
        techniques=("T1692.001",),
        context=("T0872",),
    ),
    Entry(
        id="MB-010",
        name="Input delimiter changed",
        severity="medium",
        looks=_codes("8/3"),
        predicate=asked,
        explanation=command("the end-of-message character of its line changes; masters that keep the old one lose it."),
        false_positives="Set-up of a serial line.",
        normal=APPROVE,
        category="configuration-change",
        techniques=("T0836",),
    ),
    Entry(
        id="MB-031",
        name="Controller started or stopped (UMAS)",
        severity="high",
        looks=_codes("90/64", "90/65"),
        predicate=asked,
        explanation=command("its program starts (0x40) or stops (0x41), and with it the process it controls."),
        false_positives="Planned maintenance.",
        normal=APPROVE,
        category="operating-mode",
        techniques=("T0858",),
        context=("T0881",),
    ),
    Entry(
        id="MB-032",
        name="Program moved to or from a controller (UMAS)",
        severity="critical",
        looks=_codes(*TO_CONTROLLER, *FROM_CONTROLLER),
        predicate=_program_moved,
        explanation=program("blocks of the controller program move {direction} the controller."),
        false_positives="A planned download; a backup of the program.",
        normal=APPROVE,
        category="program-change",
        techniques=("T0843.001", "T0889"),
    ),
    Entry(
        id="MB-034",
        name="Old programming function used",
        severity="high",
        looks=_codes("9", "13", "18", "40", "126"),
        predicate=asked,
        explanation=program("this function programs Modicon controllers of earlier generations."),
        false_positives="Programming tools for 484, 584, 884 and 984 controllers that are still in use.",
        normal=APPROVE,
        category="program-change",
        techniques=("T0843",),
    ),
    Entry(
        id="MB-035",
        name="Firmware replacement",
        severity="critical",
        looks=_codes("125"),
        predicate=asked,
        explanation=program("this function replaces the firmware of the device."),
        false_positives="A planned update.",
        normal=APPROVE,
        category="program-change",
        techniques=("T1693.001", "T0800"),
    ),
)

KEEP_EXCEPTION: Final = "An exception for this device in the settings, once its maker confirms the dialect."

MODBUS_VIOLATIONS: Final = (
    Entry(
        id="MB-020",
        name="Illegal function code",
        severity="medium",
        looks=_violations("illegal_function_code"),
        predicate=violated(),
        explanation=violation("function codes 0 and 128 to 255 cannot be asked; they probe how a device fails."),
        false_positives="A direction guessed wrong when the capture began in the middle of the conversation.",
        normal=KEEP_EXCEPTION,
        category="protocol-violation",
        techniques=("T0866",),
        whole=True,
    ),
    Entry(
        id="MB-022",
        name="Not Modbus on a Modbus port",
        severity="medium",
        looks=_violations("protocol_id", "length", "not_modbus"),
        predicate=violated(escalate=True),
        settings=ESCALATION,
        explanation=violation("what is sent on this Modbus connection is something else."),
        false_positives="TLS or a service of the maker on port 502; a gap before the reader found its place again.",
        normal="The service on this port named in the policy as an opaque protocol with its port.",
        category="protocol-violation",
        techniques=("T0866",),
    ),
    Entry(
        id="MB-023",
        name="Quantity or value not allowed",
        severity="medium",
        looks=_violations("quantity", "byte_count", "coil_value"),
        predicate=violated(),
        explanation=violation("a quantity, byte count or coil value is outside what the standard allows."),
        false_positives="Devices that accept 126 registers in one request.",
        normal=KEEP_EXCEPTION,
        category="protocol-violation",
        techniques=("T0866",),
    ),
    Entry(
        id="MB-024",
        name="Response does not fit its request",
        severity="high",
        looks=_violations("response_mismatch"),
        predicate=violated(),
        explanation=mismatch(
            "{sender} answered with something that was not asked: {text}.",
            "The answer of {server} repeats function, unit, quantity or echo of the request ({clause}).",
            "{text} (violation {violation} at octet {at}).",
        ),
        false_positives="Gateways that rewrite the unit; a transaction id used twice at the same time.",
        normal=KEEP_EXCEPTION,
        category="spoofing",
        techniques=("T1692.002", "T0830"),
    ),
    Entry(
        id="MB-025",
        name="Response unasked or doubled",
        severity="high",
        looks=(Match(Exchange, MODBUS, outcomes=("unmatched",)),),
        predicate=_unmatched,
        explanation=mismatch(
            "{server} answered {client} although no such request was open.",
            "One answer for each request, while the request is open.",
            "An answer to {operation} (code {code}) with no request open for it.",
        ),
        false_positives="Frames doubled by the mirror port (equal bytes are no alert); a late answer after a time-out.",
        normal="Nothing: find out who sends the second answer.",
        category="spoofing",
        techniques=("T1692.002", "T0830"),
    ),
)
