"""Alerts on what the sensor cannot see of an OT conversation: gaps, one direction only, encryption."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Visibility
from dissectors.words import is_place
from rules.detections.addresses import OT
from rules.detections.catalogue.sensor import MIRROR, percent
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import health
from rules.detections.grammar import counted
from rules.detections.patterns.asked import place
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND

DAY: Final = 86_400


def _gaps(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if isinstance(fact, Visibility):
        if fact.missing_bytes:
            state.count(fact.channel, fact.time, state.settings["seconds"], fact.missing_bytes)
        return None
    if not isinstance(fact, ChannelWindow) or not state.counts.table:
        return None
    missing = state.counts.within(fact.channel, fact.start, fact.end)
    share = percent(missing, missing + fact.bytes_client + fact.bytes_server)
    if share <= state.settings["percent"]:
        return None
    held = sum(count for (_, visibility), count in state.withheld.items() if visibility == "gaps")
    return Hit(words={"missing": missing, "share": share, "withheld": held})


def _one_side(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, ChannelWindow):
        return None
    if fact.visibility != "one_sided":
        state.notes.take(fact.channel)
        return None
    since = state.noted(fact.channel)
    start = since if isinstance(since, int) else fact.start
    state.note(fact.channel, fact.end, start)
    seconds = (fact.end - start) // SECOND
    if seconds < state.settings["seconds"]:
        return None
    held = sum(count for (_, visibility), count in state.withheld.items() if visibility == "one_sided")
    side = "client" if fact.packets_client >= fact.packets_server else "server"
    return Hit(words={"side": side, "seconds": seconds, "withheld": held})


def _encrypted(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    text = fact.reason if isinstance(fact, Visibility) else "the conversation is encrypted"
    pair = place(context)[:2]
    if context.channel is None or state.noted(pair, fact.time, DAY) is not None:
        return None
    if isinstance(fact, ChannelOpened) and fact.visibility != "encrypted":
        return None
    state.note(pair, fact.time)
    return Hit(words={"why": text[:200] or "the conversation is encrypted"})


def _places(context: Context, state: RuleState) -> Hit | None:
    """Hit once a day on a network told apart, and on places whose conversations are one."""
    fact = context.fact
    if isinstance(fact, ChannelOpened):
        if not is_place(fact.network):
            return None
        about, seen = fact.network, f"the addresses of {fact.network} are other devices than the same ones elsewhere"
    elif isinstance(fact, ChannelWindow) and fact.places:
        places = ", ".join(fact.places)
        about, seen = (
            places,
            f"the same conversation is seen here and at {places}; {counted(fact.copies, 'packet')} of it came as copies",
        )
    else:
        return None
    if state.noted(about, fact.time, DAY) is not None:
        return None
    state.note(about, fact.time)
    return Hit(words={"seen": seen}, about=about)


VISIBILITY_ALERTS: Final = (
    Entry(
        id="SEN-003",
        name="Gaps in an OT flow",
        severity="medium",
        looks=(Match(Visibility, OT, words=("gaps",)), Match(ChannelWindow, OT)),
        predicate=_gaps,
        settings={"percent": 0.1, "seconds": 60},
        explanation=health(
            "Parts of the conversation of {client} with {server} are missing.",
            "Every byte of an OT conversation is seen.",
            "{missing} bytes missing ({share} %); {withheld} hits of alerts on absence and mismatch withheld so far.",
        ),
        false_positives="A mirror port that is oversubscribed.",
        normal=MIRROR,
        category="sensor-health",
    ),
    Entry(
        id="SEN-004",
        name="One side only",
        severity="medium",
        looks=(Match(ChannelWindow, OT),),
        predicate=_one_side,
        settings={"seconds": 60},
        explanation=health(
            "Only one direction of {client} with {server} is seen.",
            "Both directions of an OT conversation are seen.",
            "Only the {side} side for {seconds} s; {withheld} hits of alerts on absence and mismatch withheld so far.",
        ),
        false_positives="An asymmetric mirror set-up: fix it.",
        normal=MIRROR,
        category="sensor-health",
    ),
    Entry(
        id="SEN-006",
        name="Opaque flow",
        severity="low",
        looks=(Match(Visibility, OT, words=("encrypted",)), Match(ChannelOpened, OT)),
        predicate=_encrypted,
        scope="pair",
        explanation=health(
            "What {client} does with {server} cannot be read.",
            "OT conversations are readable, or the policy names them opaque.",
            "{protocol}: {why}.",
        ),
        false_positives="Encryption that is intended.",
        normal="The pair named opaque in the policy.",
        category="sensor-health",
    ),
    Entry(
        id="SEN-024",
        name="Networks told apart or joined",
        severity="low",
        max_severity="low",
        looks=(Match(ChannelOpened), Match(ChannelWindow)),
        predicate=_places,
        scope="source",
        explanation=health(
            "Frames of the same addresses come from several interfaces or VLANs; the sensor decided what is one network ({source}).",
            "Every plan of addresses is seen at one place, or the networks are named in the configuration.",
            "First {client} with {server}: {seen}.",
        ),
        false_positives="None: it says what was decided.",
        normal="The key networks of the configuration, with the interfaces or VLANs of each network.",
        category="sensor-health",
    ),
)
