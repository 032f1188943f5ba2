"""The alert on a station that a baseline never saw act as a client: the new master."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelOpened
from rules.detections.addresses import OT
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import identity
from rules.detections.patterns.unlearned import client_name, listed
from rules.detections.rule_state import RuleState


def _new_master(context: Context, state: RuleState) -> Hit | None:
    channel, fact = context.channel, context.fact
    if state.baseline_index is None or channel is None or not isinstance(fact, ChannelOpened):
        return None
    known = state.baseline_index.clients(channel)
    if not known or channel.client.ip in known:  # nobody known: the server itself was never learned
        return None
    return Hit(
        words={"known": listed(known), "asset": client_name(context), "method": f"{channel.protocol} connection"}
    )


BASELINE_ALERTS: Final = (
    Entry(
        id="NET-010",
        name="New master",
        severity="high",
        looks=(Match(ChannelOpened, OT, words=("established",)),),
        predicate=_new_master,
        scope="pair",
        needs="B",
        whole=False,
        explanation=identity(
            "{asset} began to act as a client of {server} over {protocol}.",
            "Learned clients of {server}: {known}.",
            "First connection at {time}.",
        ),
        false_positives="A display that took over; a spare one.",
        normal="A new baseline with {asset} in it, or an allow rule for it.",
        category="spoofing",
        techniques=("T0848",),
        capture_fires="modbus/new_master.pcap",
        capture_silent="plant/normal_later.pcap",
    ),
)
