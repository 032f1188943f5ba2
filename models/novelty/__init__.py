"""Novelty: who, class, function, object, and who followed whom; what was never seen is found, by tiers.

``learner`` counts what is seen in periods, ``state`` is what is kept, ``scorer`` judges with an ``index`` of it.
"""

from __future__ import annotations

from typing import Final

from models.contract import Model
from models.novelty.learner import NoveltyLearner
from models.novelty.scorer import NoveltyScorer
from models.novelty.state import Novelty, card, notes, problem

MODEL: Final = Model(
    name="novelty",
    state=Novelty,
    file="novelty.json",
    document=Novelty,
    learner=NoveltyLearner,
    scorer=NoveltyScorer,
    problem=problem,
    card=card,
    notes=notes,
)
