"""The ensemble: every model of a baseline looking at the same facts, and fusion behind them."""

from __future__ import annotations

from collections.abc import Sequence

from dissectors.context import Context
from dissectors.facts import AnyFact, ChannelOpened, Fact
from dissectors.finding import Finding
from models.baseline import Baseline
from models.contract import Hint, Scorer
from models.fusion import Fusion
from models.registry import MODELS


class Ensemble:
    """Judges live facts in their total order. The same facts give the same findings; packet time is the only clock."""

    def __init__(self, baseline: Baseline) -> None:
        support = baseline.support()
        name = baseline.identity
        self.scorers: tuple[Scorer, ...] = tuple(
            model.scorer(baseline.states[model.name], support, name) for model in MODELS
        )
        self.wants: frozenset[type[Fact]] = frozenset().union(*(scorer.wants for scorer in self.scorers))
        self._fusion = Fusion(support, name)
        self._routes = {
            kind: tuple((scorer, scorer.see) for scorer in self.scorers if kind in scorer.wants) for kind in self.wants
        }

    @property
    def counters(self) -> dict[str, int]:
        """What the bounds made the models forget, and what they left out because of holes."""
        counts = {"fusion_channels_evicted": self._fusion.evicted}
        for scorer in self.scorers:
            counts |= scorer.counters
        return counts

    def see(self, context: Context) -> list[Finding]:
        """Judge one fact. Kinds outside ``wants`` say nothing."""
        found: list[Finding] = []
        hinted = False
        for scorer, see in self._routes.get(type(context.fact), ()):
            said = see(context)
            if said:
                found += said
            if scorer.hints:
                hinted = True
        return self._joined(found) if hinted else found

    def tick(self, now: int) -> list[Finding]:
        """Let packet time pass to ``now`` (ns)."""
        found: list[Finding] = []
        for scorer in self.scorers:
            found += scorer.tick(now)
        return self._joined(found)

    def finish(self, now: int) -> list[Finding]:
        """End everything at ``now``."""
        found: list[Finding] = []
        for scorer in self.scorers:
            found += scorer.finish(now)
        return self._joined(found)

    def _joined(self, found: list[Finding]) -> list[Finding]:
        hints: list[Hint] = []
        for scorer in self.scorers:
            if scorer.hints:
                hints += scorer.hints
                scorer.hints = []
        if hints:
            found += self._fusion.join(hints)
        return found


def findings_of(ensemble: Ensemble, facts: Sequence[AnyFact]) -> list[Finding]:
    """Return everything an ensemble says of recorded facts, letting time pass each second of packet time."""
    channels: dict[str, ChannelOpened] = {}
    found: list[Finding] = []
    second = 0
    for fact in facts:
        if isinstance(fact, ChannelOpened):
            channels[fact.channel] = fact
        if fact.time // 1_000_000_000 > second:
            second = fact.time // 1_000_000_000
            found += ensemble.tick(second * 1_000_000_000)
        found += ensemble.see(Context(fact=fact, channel=channels.get(getattr(fact, "channel", ""))))
    found += ensemble.finish(facts[-1].time if facts else 0)
    return found
