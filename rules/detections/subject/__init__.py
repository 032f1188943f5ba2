"""What a hit is about: one function per type of event gives one kind of record, the Subject."""

from __future__ import annotations

from dissectors.context import AssetEvent, Context, Event, FindingEvent
from rules.detections.entry import Entry
from rules.detections.subject.context import context_subject
from rules.detections.subject.event import asset_subject, sensor_subject
from rules.detections.subject.finding import finding_subject
from rules.detections.subject.subject import Subject

__all__ = ["Subject", "subject_of"]


def subject_of(entry: Entry, event: Event) -> Subject:
    """Return what a hit of ``entry`` on ``event`` is about."""
    if isinstance(event, Context):
        return context_subject(entry, event)
    if isinstance(event, AssetEvent):
        return asset_subject(event)
    if isinstance(event, FindingEvent):
        return finding_subject(event)
    return sensor_subject(event)
