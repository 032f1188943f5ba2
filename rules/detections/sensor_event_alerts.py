"""Alerts on what the sensor reports of itself: outputs, files, credentials, evidence, restarts."""

from __future__ import annotations

from typing import Final

from rules.detections.entry import Entry, Match
from rules.detections.explanation import health
from rules.detections.sensor_alerts import reported
from rules.detections.sensor_event import SensorEvent


def _event(identifier: str, name: str, severity: str, kind: str, expected: str, fp: str, normal: str) -> Entry:
    return Entry(
        id=identifier,
        name=name,
        severity=severity,
        looks=(Match(SensorEvent, words=(kind,)),),
        on_sensor=reported,
        scope="source",
        explanation=health(name + ": {subject}.", expected, "At {time}: {observed}"),
        false_positives=fp,
        normal=normal,
        category="sensor-health",
    )


SENSOR_EVENT_ALERTS: Final = (
    _event("SEN-010", "Output backs up", "medium", "output_backs_up", "Documents leave within minutes.",
           "A cluster upgrade.", "The cluster back in service."),
    _event("SEN-011", "Documents refused", "medium", "documents_refused", "The cluster takes every document.",
           "A mapping changed by others.", "The templates of this version installed again."),
    _event("SEN-012", "Credentials refused", "high", "credentials_refused", "The cluster knows this sensor.",
           "A key that expired.", "A new key for this sensor."),
    _event("SEN-014", "Rule, model or policy file refused", "high", "file_refused",
           "Files are valid; the last good one stays active.", "None known.", "The file corrected."),
    _event("SEN-015", "Policy out of date", "medium", "policy_out_of_date", "The policy is reviewed and approved.",
           "None known.", "A reviewed policy version with its approvals."),
    _event("SEN-017", "Behind the wire", "high", "behind", "Processing keeps up with the capture.",
           "A burst of traffic.", "More workers."),
    _event("SEN-018", "Detection switched off", "low", "detection_off", "Every alert of the catalogue is on.",
           "A window opened on purpose.", "The alert switched on again."),
    _event("SEN-019", "Evidence store full", "medium", "evidence_full", "Evidence is kept for its time.",
           "None known.", "More space, or a shorter time."),
    _event("SEN-020", "Sensor restarted", "low", "restarted", "The sensor runs without a break.",
           "An update.", "Nothing: it is told once."),
)  # fmt: skip
