"""Every fuzz target by its name."""

from __future__ import annotations

from tests.fuzz import parsers, pipeline, policy, wire

TARGETS = {target.name: target for target in (*parsers.TARGETS, *wire.TARGETS, *pipeline.TARGETS, *policy.TARGETS)}
