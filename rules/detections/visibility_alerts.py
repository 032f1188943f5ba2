"""Alerts on what the sensor cannot see of an OT conversation: gaps, one direction only, encryption."""

from __future__ import annotations

from typing import Final

from dissectors.facts import ChannelOpened, ChannelWindow, Visibility
from rules.detections.entry import Entry, Hit, Look
from rules.detections.explanation import health
from rules.detections.memory import Memory
from rules.detections.ports import PORTS_OF
from rules.detections.predicates import place
from rules.detections.sensor_alerts import MIRROR, percent
from rules.detections.windows import SECOND
from rules.scene import Scene

OT: Final = tuple(PORTS_OF)
DAY: Final = 86_400


def _gaps(scene: Scene, memory: Memory) -> Hit | None:
    fact = scene.fact
    if isinstance(fact, Visibility):
        if fact.missing_bytes:
            memory.count(fact.channel, fact.time, memory.settings["seconds"], fact.missing_bytes)
        return None
    if not isinstance(fact, ChannelWindow) or not memory.counts.table:
        return None
    missing = memory.counts.within(fact.channel, fact.start, fact.end)
    share = percent(missing, missing + fact.bytes_client + fact.bytes_server)
    if share <= memory.settings["percent"]:
        return None
    held = sum(count for (_, state), count in memory.withheld.items() if state == "gapped")
    return Hit(words={"missing": missing, "share": share, "withheld": held})


def _one_side(scene: Scene, memory: Memory) -> Hit | None:
    fact = scene.fact
    if not isinstance(fact, ChannelWindow):
        return None
    if fact.visibility != "one_sided":
        memory.notes.take(fact.channel)
        return None
    since = memory.noted(fact.channel)
    start = since if isinstance(since, int) else fact.start
    memory.note(fact.channel, fact.end, start)
    seconds = (fact.end - start) // SECOND
    if seconds < memory.settings["seconds"]:
        return None
    held = sum(count for (_, state), count in memory.withheld.items() if state == "one_sided")
    side = "client" if fact.packets_client >= fact.packets_server else "server"
    return Hit(words={"side": side, "seconds": seconds, "withheld": held})


def _opaque(scene: Scene, memory: Memory) -> Hit | None:
    fact = scene.fact
    text = fact.reason if isinstance(fact, Visibility) else "the conversation is encrypted"
    pair = place(scene)[:2]
    if scene.channel is None or memory.noted(pair, fact.time, DAY) is not None:
        return None
    if isinstance(fact, ChannelOpened) and fact.visibility != "opaque":
        return None
    memory.note(pair, fact.time)
    return Hit(words={"why": text[:200] or "the conversation is encrypted"})


VISIBILITY_ALERTS: Final = (
    Entry(
        id="SEN-003",
        name="Gaps in an OT flow",
        severity="medium",
        looks=(Look(Visibility, OT, words=("gapped",)), Look(ChannelWindow, OT)),
        predicate=_gaps,
        settings={"percent": 0.1, "seconds": 60},
        explanation=health(
            "Parts of the conversation of {client} with {server} are missing.",
            "Every octet of an OT conversation is seen.",
            "{missing} octets missing ({share} %); {withheld} hits of alerts on absence and mismatch withheld so far.",
        ),
        false_positives="A mirror port that is oversubscribed.",
        normal=MIRROR,
        category="sensor-health",
    ),
    Entry(
        id="SEN-004",
        name="One side only",
        severity="medium",
        looks=(Look(ChannelWindow, OT),),
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
        looks=(Look(Visibility, OT, words=("opaque",)), Look(ChannelOpened, OT)),
        predicate=_opaque,
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
)
