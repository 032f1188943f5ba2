"""The segmentation policy: its language, its loading, and the judgement of channels and operations under it.

Read ``judge`` first: a ``Judge`` places a channel (``situation``, ``identity``), asks ``decide`` for the order of
evaluation, which asks ``match`` for coverage and ``closest`` for the explanation. ``load`` reads a file (``source``,
``document``, ``reference``) into the compiled form (``build``, ``compiled``). ``read_source`` reads other YAML as strictly.
"""

from __future__ import annotations

from dissectors.context import Verdict
from rules.policy.compiled import Maintenance, Policy, Rule
from rules.policy.document import Document, schema
from rules.policy.judge import Judge, Limit
from rules.policy.load import load, load_bytes
from rules.policy.problem import PolicyError, Problem, nearest
from rules.policy.source import Source, read_source

__all__ = [
    "Document",
    "Judge",
    "Limit",
    "Maintenance",
    "Policy",
    "PolicyError",
    "Problem",
    "Rule",
    "Source",
    "Verdict",
    "load",
    "load_bytes",
    "nearest",
    "read_source",
    "schema",
]
