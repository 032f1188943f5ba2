"""The pipeline: facts in, everything else out. Inventory, policy, detections, models and sinks meet here and nowhere else.

Deterministic: facts in their total order are the only input, packet time the only clock. Each kind of fact goes
straight to its method; kinds that nobody asked for are dropped after one look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dissectors.context import SensorEvent
from dissectors.facts import (
    AnyFact,
    ChannelOpened,
    ChannelWindow,
    Exchange,
    Fact,
    OperationFirst,
    Sighting,
    Visibility,
)
from sensor.inventory import Inventory
from sensor.pipeline.asset_reporting import AssetReporting
from sensor.pipeline.audience import Audience
from sensor.pipeline.contract import Detector, Judge, Models
from sensor.pipeline.schedule import SECOND, Schedule
from sensor.sinks.sink import Sink

Handler = Callable[[Any], None]


class Pipeline:
    """Takes the facts of all workers, merged into their total order.

    ``judge`` is None without a policy, ``detections`` while learning, ``models`` without a baseline. At the end of each
    ``take`` the sinks are committed, by ``commit`` where one is given: what ``take`` has returned from is durable.
    """

    def __init__(
        self,
        inventory: Inventory,
        judge: Judge | None = None,
        detections: Detector | None = None,
        sinks: Sequence[Sink] = (),
        models: Models | None = None,
        commit: Callable[[], None] | None = None,
    ) -> None:
        self.inventory = inventory
        self._judge = judge
        self._detections = detections
        self._models = models
        self._sinks = tuple(sinks)
        self._commit = commit or self._commit_all
        self._audience = Audience(inventory, detections, self._sinks, models)
        self._show = self._audience.show
        self._report = self._audience.report
        self._assets = AssetReporting(inventory, self._sinks, detections, self._report)
        self._schedule = Schedule()
        self._handlers = self._routes()

    def _routes(self) -> dict[type[Fact], Handler]:
        """Return the method of each kind of fact; a kind without one is nobody's."""
        routes: dict[type[Fact], Handler] = dict.fromkeys(self._audience.wants, self._passing)
        routes[Sighting] = self._sighting
        routes[ChannelOpened] = self._opened
        routes[OperationFirst] = self._operation
        routes[Exchange] = self._operation
        routes[ChannelWindow] = self._window
        routes[Visibility] = self._visibility
        return routes

    def take(self, facts: Sequence[AnyFact]) -> None:
        """Take the next facts in order; everything they lead to is reported and durable when it returns."""
        handlers, schedule = self._handlers, self._schedule
        for fact in facts:
            if fact.time >= schedule.next:
                self.tick(fact.time)
            handler = handlers.get(type(fact))
            if handler is not None:
                handler(fact)
        if facts:
            schedule.now = max(schedule.now, facts[-1].time)
        self._commit()

    def tick(self, now: int) -> None:
        """Let packet time pass to ``now`` (ns): once a second is enough, facts do it by themselves."""
        now -= now % SECOND
        if not self._schedule.second(now):
            return
        self.inventory.tick(now)
        self._assets.events()
        if self._models is not None:
            self._audience.odd(self._models.tick(now))
        if self._detections is not None:
            self._report(self._detections.tick(now))
        if self._schedule.minute():
            self._assets.refresh()
            self._own_health(now)
        if self._schedule.day():
            self._assets.repeat()

    def clock_set(self, now: int) -> None:
        """Go on from ``now`` (ns): the clock of the capture was set back, and time passes from there."""
        self._schedule.clock_set(now)

    def finish(self) -> None:
        """End every incident, give out every asset as it is now, end the sinks. Nothing may be taken afterwards."""
        now = self._schedule.now
        self.inventory.finish()
        self._assets.events()
        self._own_health(now)
        if self._models is not None:
            self._audience.odd(self._models.finish(now))
        if self._detections is not None:
            self._report(self._detections.finish(now))
        self.show_assets()
        for sink in self._sinks:
            sink.finish()
        self._commit()

    def report(self, event: SensorEvent) -> None:
        """Take what the sensor itself reports."""
        if self._detections is not None:
            self._report(self._detections.see(event))

    def show_assets(self) -> None:
        """Give the sinks every asset as it is now; once a day it happens by itself."""
        self._assets.refresh()
        self._assets.repeat()

    def _commit_all(self) -> None:
        for sink in self._sinks:
            sink.commit()

    def _own_health(self, now: int) -> None:
        health = self._assets.forgotten(now)
        if health is not None:
            self._show(health, None, None)

    # The kinds of fact.

    def _sighting(self, fact: Sighting) -> None:
        self.inventory.sighted(fact)
        if self.inventory.journal.events:
            self._assets.events()
        self._show(fact, self.inventory.conversation(fact.channel) if fact.channel else None, None)

    def _opened(self, fact: ChannelOpened) -> None:
        talk = self.inventory.opened(fact)
        if self.inventory.journal.events:
            self._assets.events()
        talk.verdict = self._judge.judge_channel(self.inventory.as_bound(fact)) if self._judge is not None else None
        self._show(fact, talk, talk.verdict)

    def _operation(self, fact: OperationFirst | Exchange) -> None:
        talk = self.inventory.conversation(fact.channel)
        judge = self._judge if talk is not None else None
        self._show(
            fact,
            talk,
            judge.judge_operation(self.inventory.as_bound(talk.fact), fact)
            if judge is not None and talk is not None
            else None,
        )

    def _window(self, fact: ChannelWindow) -> None:
        """A channel that goes on is judged again: rules have time windows, exceptions end."""
        talk = self.inventory.conversation(fact.channel)
        if talk is not None:
            self.inventory.window(talk, fact)
            if self.inventory.journal.events:
                self._assets.events()
            if self._judge is not None and fact.packets_client + fact.packets_server:
                talk.verdict = self._judge.judge_channel(
                    self.inventory.as_bound(talk.fact), max(fact.start, talk.fact.time)
                )
        self._show(fact, talk, talk.verdict if talk is not None else None)

    def _visibility(self, fact: Visibility) -> None:
        talk = self.inventory.conversation(fact.channel)
        if talk is not None:
            self.inventory.visibility(talk, fact)
        self._show(fact, talk, talk.verdict if talk is not None else None)

    def _passing(self, fact: AnyFact) -> None:
        channel = getattr(fact, "channel", "")
        talk = self.inventory.conversation(channel) if channel else None
        self._show(fact, talk, talk.verdict if talk is not None else None)
