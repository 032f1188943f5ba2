"""Odd windows: some twenty numbers of a minute or ten of a channel, judged as a whole by an isolation forest.

``slots`` gathers windows into ``features``; ``learner`` grows a ``forest`` (``grow``) for each protocol and length, ``scorer``
judges what the ``gate`` does not hold, and ``state`` is what is kept.
"""

from __future__ import annotations

from typing import Final

from models.contract import Arrays, Model
from models.windows.learner import WindowLearner
from models.windows.scorer import WindowScorer
from models.windows.state import WindowModels, Windows, array_types, card, join, problem, split

MODEL: Final = Model(
    name="window",
    state=Windows,
    file="window.json",
    document=WindowModels,
    learner=WindowLearner,
    scorer=WindowScorer,
    problem=problem,
    card=card,
    arrays=Arrays(file="forest.npz", types=array_types, split=split, join=join),
)
