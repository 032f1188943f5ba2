"""Models: what is normal, learned from facts, and what is odd, with reasons. Policy comes first; models never widen it.

Read ``contract`` first: a model learns from facts and judges facts. Each model is a folder, ``registry`` lists them.
``Training`` learns all of them, ``save`` and ``load`` keep a ``Baseline`` on disk, ``Ensemble`` judges with it, ``card`` reports
what it knows. Models raise no alerts: findings are data that the alert catalogue reads.
"""

from __future__ import annotations

from dissectors.finding import Contribution, Finding
from models.baseline import Baseline, BaselineError, Origin
from models.card import card
from models.ensemble import Ensemble, findings_of
from models.persistence import load, save
from models.settings import Approval, Settings, Shares
from models.training import Training

__all__ = [
    "Approval",
    "Baseline",
    "BaselineError",
    "Contribution",
    "Ensemble",
    "Finding",
    "Origin",
    "Settings",
    "Shares",
    "Training",
    "card",
    "findings_of",
    "load",
    "save",
]
