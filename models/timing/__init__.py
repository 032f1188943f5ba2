"""Timing: period, rate, silence and answer time of each poll; what stopped, what became a flood, what changed its pace.

``learner`` fits a rhythm to each operation, ``state`` is what is kept, ``scorer`` follows live channels (``live``) by the
limits in ``measure`` and words what it finds in ``text``.
"""

from __future__ import annotations

from typing import Final

from models.contract import Model
from models.timing.learner import RhythmLearner
from models.timing.scorer import RhythmScorer
from models.timing.state import Rhythms, card, problem

MODEL: Final = Model(
    name="rhythm",
    state=Rhythms,
    file="rhythm.json",
    document=Rhythms,
    learner=RhythmLearner,
    scorer=RhythmScorer,
    problem=problem,
    card=card,
)
