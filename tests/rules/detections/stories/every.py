"""Every story, by the id of its alert: what fires it, and what is normal and must not."""

from __future__ import annotations

from tests.rules.detections.build import Story
from tests.rules.detections.stories import dnp3, iec104, modbus, network, s7

STORIES: dict[str, Story] = {**modbus.STORIES, **dnp3.STORIES, **s7.STORIES, **iec104.STORIES, **network.STORIES}
