"""S7 alerts on programs that move: blocks downloaded, a whole program replaced, blocks added and activated."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import Exchange
from dissectors.s7 import S7COMM
from rules.detections.catalogue.s7 import APPROVE, MODE_COMMANDS, asks
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import program
from rules.detections.patterns.asked import ALL_OUTCOMES, earlier, place
from rules.detections.patterns.unlearned import APPROVE as LEARN
from rules.detections.patterns.unlearned import anything, unlearned
from rules.detections.rule_state import RuleState
from rules.detections.windows import Seen, first_of

DOWNLOADS: Final = ("request_download", "download_block", "download_ended")
ADDING: Final = ("request_download", "insert_block", "insert_block_2")


def _blocks(fact: Exchange) -> list[tuple[str, int]]:
    return [(target.kind, target.first) for target in fact.targets if target.first >= 0]


def _download(context: Context, state: RuleState) -> Hit | None:
    """Online Edit when the CPU was seen to be started, else the parent technique: its state is not known."""
    fact = context.fact
    if not isinstance(fact, Exchange):
        return None
    server = place(context)[1]
    if fact.operation in MODE_COMMANDS:
        state.note(("mode", server), fact.time, fact.operation)
        return None
    last = state.noted(("mode", server))
    mode = "state not seen" if last is None else "stopped" if last in {"plc_stop", "memory_reset"} else "running"
    words = {"earlier": earlier(context, state, fact.operation), "mode": mode}
    techniques = ("T0843.002", "T0889") if mode == "running" else ("T0843", "T0889")
    return Hit(words=words, techniques=techniques, weight=1 + fact.repeats)


def _whole_program(context: Context, state: RuleState) -> Hit | None:
    fact, numbers = context.fact, state.settings
    if not isinstance(fact, Exchange):
        return None
    seen: Seen = {}
    for block in _blocks(fact):
        seen = state.distinct(place(context)[:2], block, fact.time, 60 * numbers["minutes"])
    if len(seen) < numbers["blocks"] or ("SDB", 0) not in seen or ("OB", 1) not in seen:
        return None
    listed = ", ".join(f"{one[0]}{one[1]}" for one in first_of(seen, 16) if isinstance(one, tuple))
    return Hit(words={"seen": len(seen), "minutes": numbers["minutes"], "blocks": listed})


def _activated(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Exchange):
        return None
    where = place(context)[:2]
    if fact.operation in DOWNLOADS:
        state.note(where, fact.time)
        return None
    minutes = state.settings["download_minutes"]
    if state.noted(where, fact.time, 60 * minutes) is not None:
        return None
    return Hit(words={"earlier": earlier(context, state, fact.operation), "minutes": minutes}, weight=1 + fact.repeats)


S7_PROGRAMS: Final = (
    Entry(
        id="S7-005",
        name="Block downloaded",
        severity="high",
        looks=asks(*DOWNLOADS, *MODE_COMMANDS),
        predicate=_download,
        explanation=program(
            "a block of the program changes; the CPU: {mode}.",
            observed="{operation} (code {code}){on}: {outcome}{error}; {earlier}; change ticket: none known.",
        ),
        false_positives="A planned change.",
        normal=APPROVE,
        category="program-change",
        techniques=("T0843.002", "T0889"),
        capture_fires="s7/program_download.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="S7-006",
        name="Whole program downloaded",
        severity="critical",
        looks=asks("request_download"),
        predicate=_whole_program,
        settings={"blocks": 10, "minutes": 10},
        explanation=program(
            "the whole program is replaced ({seen} blocks with SDB0 and OB1 in {minutes} min).",
            observed="{seen} blocks in {minutes} min: {blocks}; change ticket: none known.",
        ),
        false_positives="A planned change.",
        normal=APPROVE,
        category="program-change",
        techniques=("T0843.001", "T0889"),
    ),
    Entry(
        id="S7-007",
        name="Block never seen before added",
        severity="high",
        looks=(Match(Exchange, (S7COMM.name,), words=ADDING, outcomes=ALL_OUTCOMES),),
        predicate=unlearned(anything, blocks=True),
        needs="B",
        whole=False,
        explanation=program("nobody was seen to use this block while learning."),
        false_positives="A planned change.",
        normal=LEARN,
        category="program-change",
        techniques=("T0843.003", "T0889"),
        capture_fires="s7/program_download.pcap",
        capture_silent="plant/normal_later.pcap",
    ),
    Entry(
        id="S7-008",
        name="Block activated",
        severity="high",
        looks=asks("insert_block", "insert_block_2", *DOWNLOADS),
        predicate=_activated,
        settings={"download_minutes": 10},
        explanation=program("a block becomes part of the program; no download by this station in {minutes} min."),
        false_positives="None known.",
        normal=APPROVE,
        category="program-change",
        techniques=("T0843.002",),
    ),
)
