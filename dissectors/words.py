"""The closed vocabulary: every word that facts and events use, besides what each protocol declares as its own.

Operations, errors and violations belong to the protocols; a test finds a word of a rule, a story, a policy or a document
that neither they nor this file declare.
"""

from __future__ import annotations

from typing import Final

VERBS: Final = (
    "read",
    "write",
    "control",
    "program",
    "firmware",
    "start_stop",
    "diagnostic",
    "auth",
    "time",
    "file",
    "session",
    "report",
    "unknown",
)
"""Operation classes common to all protocols. ``session`` is housekeeping of a connection, ``report`` is data
that a device sends by itself."""

OUTCOMES: Final = ("success", "failure", "unanswered", "unmatched", "one_way", "unseen", "late")
"""``unseen``: no answer was seen, and none can be missed; ``late``: the answer to what was reported unanswered before."""
ANSWER_ALONE: Final = frozenset({"unmatched", "late"})
"""Outcomes of a fact that is about an answer only: nobody asked, or the request was told before."""
CHANNEL_STATES: Final = ("attempted", "refused", "unanswered", "established")
VISIBILITIES: Final = ("complete", "gaps", "midstream", "one_sided", "encrypted")
DECIDED_BY: Final = ("handshake", "messages", "port", "direction_bit", "first_packet")
RECOGNISED_BY: Final = ("bytes", "port", "silence")
"""``silence``: the connection is open and nothing has been sent on it; its port names it."""
CONFIDENCES: Final = ("strong", "medium", "weak")
ASSET_EVENTS: Final = ("new", "changed", "moved", "conflict", "service")
ASSET_ATTRIBUTES: Final = ("mac", "ip", "vlan", "role", "service", "station_name", "module")
"""Attributes of an asset besides those of a Sighting (``dissectors.attributes``)."""
SENSOR_EVENTS: Final = (
    "behind",
    "clock_jump",
    "credentials_refused",
    "detection_off",
    "documents_held_back",
    "documents_refused",
    "evidence_full",
    "file_refused",
    "no_traffic",
    "output_backs_up",
    "part_failed",
    "policy_out_of_date",
    "restarted",
)

PLACE_WORDS: Final = ("vlan ", "interface ", "untagged")
"""How the name of a network begins that the sensor told apart by itself; a network with a name of its own never begins so."""


def is_place(network: str) -> bool:
    """Return whether a network is named by the place where its addresses are other devices."""
    return network.startswith(PLACE_WORDS)
