"""The pipeline: facts in, everything else out. Inventory, policy, detections, models and sinks meet here and nowhere else.

Deterministic: facts in their total order are the only input, packet time the only clock. Each kind of fact goes
straight to its method; kinds that nobody asked for are dropped after one look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from dissectors.context import SensorEvent, Verdict
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
from dissectors.finding import Finding
from sensor.inventory import Conversation, Inventory
from sensor.pipeline.asset_reporting import AssetReporting
from sensor.pipeline.audience import Audience, name_of
from sensor.pipeline.contract import Detector, Judge, Models
from sensor.pipeline.quarantine import Quarantine
from sensor.pipeline.schedule import SECOND, Schedule
from sensor.sinks.sink import OWN_SOURCE, Sink

MAX_TOUCHED: Final = 4_096
"""Assets with something new that wait for the end of the minute; beyond it they are given out at once."""

Handler = Callable[[Any], None]


class Pipeline:
    """Takes the facts of all workers, merged into their total order.

    ``judge`` is None without a policy, ``detections`` while learning, ``models`` without a baseline. At the end of each
    ``take`` the sinks are committed, by ``commit`` where one is given: what ``take`` has returned from is durable. Whatever
    part cannot take a fact, all others get it: ``quarantine`` has what they could not take (None: errors are raised).
    """

    def __init__(
        self,
        inventory: Inventory,
        judge: Judge | None = None,
        detections: Detector | None = None,
        sinks: Sequence[Sink] = (),
        models: Models | None = None,
        commit: Callable[[], None] | None = None,
        quarantine: Quarantine | None = None,
    ) -> None:
        self.inventory = inventory
        self.quarantine = quarantine or Quarantine(strict=True)
        self._attempt = self.quarantine.attempt
        self._judge = judge
        self._detections = detections
        self._models = models
        self._sinks = tuple(sinks)
        self._commit = commit or self._commit_all
        self._audience = Audience(inventory, detections, self._sinks, models, self.quarantine)
        self._show = self._audience.show
        self._report = self._audience.report
        self._assets = AssetReporting(inventory, self._sinks, detections, self._report, self.quarantine)
        self._schedule = Schedule()
        self._handlers = self._routes()

    def _routes(self) -> dict[type[Fact], Handler]:
        """Return the method of each kind of fact; a kind without one is nobody's."""
        routes: dict[type[Fact], Handler] = dict.fromkeys(self._audience.wants, self._passing)
        routes[Sighting] = self._sighting
        routes[ChannelOpened] = self._opened
        routes[OperationFirst] = self._operation
        routes[Exchange] = self._exchange
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
                try:
                    handler(fact)
                except Exception as error:  # noqa: BLE001  # the quarantine decides
                    self.quarantine.keep("pipeline", fact, error)
        if facts:
            schedule.now = max(schedule.now, facts[-1].time)
        if self.inventory.touched > MAX_TOUCHED:
            self._attempt("inventory", None, self._assets.refresh)
        self._commit()

    def tick(self, now: int) -> None:
        """Let packet time pass to ``now`` (ns): once a second is enough, facts do it by themselves."""
        now -= now % SECOND
        if not self._schedule.second(now):
            return
        self._attempt("inventory", None, self.inventory.tick, now)
        self._events()
        if self._models is not None:
            self._odd(self._models.tick, now)
        if self._detections is not None:
            self._report(self._attempt("detections", None, self._detections.tick, now) or ())
            self._report(self._detections.ended())
        if self._schedule.minute():
            self._attempt("inventory", None, self._assets.refresh)
            self._own_health(now)
        if self._schedule.day():
            self._attempt("inventory", None, self._assets.repeat)
        self._report_failures(now)

    def clock_set(self, now: int) -> None:
        """Go on from ``now`` (ns): the clock of the capture was set back, and time passes from there."""
        self._schedule.clock_set(now)

    def finish(self) -> None:
        """End every incident, give out every asset as it is now, end the sinks. Nothing may be taken afterwards."""
        now = self._schedule.now
        self._attempt("inventory", None, self.inventory.finish)
        self._events()
        self._own_health(now)
        if self._models is not None:
            self._odd(self._models.finish, now)
        self._report_failures(now)
        if self._detections is not None:
            self._report(self._attempt("detections", None, self._detections.finish, now) or ())
            self._report(self._detections.ended())
        self._attempt("inventory", None, self.show_assets)
        for sink in self._sinks:
            self._attempt(name_of(sink), None, sink.finish)
        self._commit()

    def report(self, event: SensorEvent) -> None:
        """Take what the sensor itself reports."""
        if self._detections is not None:
            self._report(self._attempt("detections", event, self._detections.see, event) or ())

    def show_assets(self) -> None:
        """Give the sinks every asset as it is now; once a day it happens by itself."""
        self._assets.refresh()
        self._assets.repeat()

    def _commit_all(self) -> None:
        for sink in self._sinks:
            sink.commit()

    def _own_health(self, now: int) -> None:
        health = self._assets.forgotten(now, self._models.counters if self._models is not None else None)
        if health is not None:
            self._show(health, None, None)

    def _report_failures(self, now: int) -> None:
        for event in self.quarantine.events(now, OWN_SOURCE):
            self.report(event)

    def _events(self) -> None:
        if self.inventory.journal.events:
            self._attempt("inventory", None, self._assets.events)

    def _odd(self, say: Callable[[int], Sequence[Finding]], now: int) -> None:
        self._attempt("models", None, lambda: self._audience.odd(say(now)))

    # The kinds of fact.

    def _talk(self, fact: AnyFact, channel: str) -> Conversation | None:
        return self._attempt("inventory", fact, self.inventory.conversation, channel)

    def _sighting(self, fact: Sighting) -> None:
        self._attempt("inventory", fact, self.inventory.sighted, fact)
        self._events()
        self._show(fact, self._talk(fact, fact.channel) if fact.channel else None, None)

    def _opened(self, fact: ChannelOpened) -> None:
        talk = self._attempt("inventory", fact, self.inventory.opened, fact)
        self._events()
        verdict: Verdict | None = None
        if self._judge is not None:
            verdict = self._attempt("policy", fact, self._judge_channel, self._judge, fact, fact.time)
        if talk is not None:
            talk.verdict = verdict
        self._show(fact, talk, verdict)

    def _judge_channel(self, judge: Judge, opened: ChannelOpened, at: int) -> Verdict | None:
        return judge.judge_channel(self.inventory.as_bound(opened), at)

    def _judge_operation(self, judge: Judge, channel: ChannelOpened, fact: OperationFirst | Exchange) -> Verdict | None:
        return judge.judge_operation(self.inventory.as_bound(channel), fact)

    def _exchange(self, fact: Exchange) -> None:
        talk = self._talk(fact, fact.channel)
        if talk is not None and not talk.has_answered:
            self._attempt("inventory", fact, self.inventory.exchanged, talk, fact)
            self._events()
        self._operation(fact)

    def _operation(self, fact: OperationFirst | Exchange) -> None:
        """Judge and show an operation with the MACs that its frames came from."""
        talk = self._talk(fact, fact.channel)
        verdict: Verdict | None = None
        channel = None
        if talk is not None:
            channel = self._attempt("inventory", fact, self._as_sent, talk.fact, fact) or talk.fact
            if self._judge is not None:
                verdict = self._attempt("policy", fact, self._judge_operation, self._judge, channel, fact)
        self._show(fact, talk, verdict, channel)

    def _as_sent(self, channel: ChannelOpened, fact: OperationFirst | Exchange) -> ChannelOpened:
        told = asked = (fact.time, fact.frame)
        if isinstance(fact, Exchange) and fact.request_frame:
            asked = (fact.request_time, fact.request_frame)
        return self.inventory.senders.as_sent(channel, asked, told)

    def _window(self, fact: ChannelWindow) -> None:
        """A channel that goes on is judged again: rules have time windows, exceptions end."""
        talk = self._talk(fact, fact.channel)
        if talk is not None:
            self._attempt("inventory", fact, self.inventory.window, talk, fact)
            self._events()
            if self._judge is not None and fact.packets_client + fact.packets_server:
                at = max(fact.start, talk.fact.time)
                channel = self.inventory.senders.as_sent_within(talk.fact, fact.start, fact.end)
                talk.verdict = self._attempt("policy", fact, self._judge_channel, self._judge, channel, at)
        self._show(fact, talk, talk.verdict if talk is not None else None)

    def _visibility(self, fact: Visibility) -> None:
        talk = self._talk(fact, fact.channel)
        if talk is not None:
            self._attempt("inventory", fact, self.inventory.visibility, talk, fact)
        self._show(fact, talk, talk.verdict if talk is not None else None)

    def _passing(self, fact: AnyFact) -> None:
        channel = getattr(fact, "channel", "")
        talk = self._talk(fact, channel) if channel else None
        self._show(fact, talk, talk.verdict if talk is not None else None)
