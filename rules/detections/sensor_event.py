"""What the sensor itself reports: files refused, outputs that back up, the restart; no fact from the wire shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from dissectors.facts import Value

SENSOR_EVENTS: Final = (
    "behind",
    "clock_jump",
    "credentials_refused",
    "detection_off",
    "documents_refused",
    "evidence_full",
    "file_refused",
    "no_traffic",
    "output_backs_up",
    "policy_out_of_date",
    "restarted",
)


class SensorEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to the sensor. ``kind`` is one of SENSOR_EVENTS.

    ``source`` is the interface or capture, ``subject`` the thing concerned (a file, an output, an alert id, ...),
    ``observed`` one sentence with the values; ``severity`` overrides the shipped one when not "".
    """

    kind: str
    time: int
    source: str
    subject: str
    observed: str
    severity: str = ""
    detail: Mapping[str, Value] = {}
