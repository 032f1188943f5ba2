"""The pipeline: facts in, everything else out. Inventory, policy, detections and outputs meet here and nowhere else.

Deterministic: facts in their total order are the only input, packet time the only clock. Each kind of fact goes
straight to its method; kinds that nobody asked for are dropped after one look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from dissectors.context import AssetView, Context, Event, FindingEvent, SensorEvent, Verdict
from dissectors.facts import (
    AnyFact,
    ChannelOpened,
    ChannelWindow,
    Exchange,
    Fact,
    Health,
    OperationFirst,
    Sighting,
    Visibility,
)
from dissectors.finding import Finding
from dissectors.health import BOUNDS
from rules.detections.alert import Alert
from sensor.inventory import Conversation, Inventory
from sensor.sinks.sink import FACT_TYPES, Output, Recorder

SECOND: Final = 1_000_000_000
REFRESH_SECONDS: Final = 60
"""Packet time between two times that the recorder gets the assets with nothing but newer sightings."""
DAILY_SECONDS: Final = 86_400
"""Packet time between two times that the outputs get every asset."""

Handler = Callable[[Any], None]


class Judge(Protocol):
    """The policy: what it says of a conversation and of an operation."""

    def judge_channel(self, channel: ChannelOpened, at: int | None = None) -> Verdict | None:
        """Judge who talks to whom over what at ``at`` (ns; the time of the fact); None when the policy does not."""

    def judge_operation(self, channel: ChannelOpened, operation: OperationFirst | Exchange) -> Verdict | None:
        """Judge what is done, at the time of its request."""


class Detector(Protocol):
    """The alert catalogue. A ``wants`` (set of fact types) spares it the facts no entry looks at."""

    def see(self, event: Event) -> list[Alert]:
        """Judge one fact, one change of the inventory or the sensor, one finding."""

    def tick(self, now: int) -> list[Alert]:
        """Let packet time pass to ``now``."""

    def finish(self, now: int) -> list[Alert]:
        """End everything at ``now``."""


class Anomalies(Protocol):
    """The models of a baseline: facts in, what is odd out."""

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types ``see`` is called with; read once, when the pipeline is made."""

    def see(self, fact: AnyFact, channel: ChannelOpened | None, verdict: Verdict | None) -> Sequence[Finding]:
        """Judge one fact."""

    def tick(self, now: int) -> Sequence[Finding]:
        """Let packet time pass to ``now``."""

    def finish(self, now: int) -> Sequence[Finding]:
        """End everything at ``now``."""


class Pipeline:
    """Takes the facts of all workers, merged into their total order.

    ``judge`` is None without a policy, ``anomalies`` without a baseline. ``recorder`` keeps every fact and is committed at the end of each ``take``:
    what ``take`` has returned from is durable.
    """

    def __init__(
        self,
        inventory: Inventory,
        judge: Judge | None,
        detections: Detector,
        outputs: Sequence[Output] = (),
        recorder: Recorder | None = None,
        anomalies: Anomalies | None = None,
    ) -> None:
        self.inventory = inventory
        self._judge = judge
        self._detections = detections
        self._anomalies = anomalies
        self._outputs = tuple(outputs)
        self._recorder = recorder
        detected: frozenset[type[Fact]] = getattr(detections, "wants", FACT_TYPES)
        self._detected = {kind: kind in detected for kind in FACT_TYPES}
        modelled = anomalies.wants if anomalies is not None else frozenset()
        self._modelled = {kind: kind in modelled for kind in FACT_TYPES}
        self._listeners = {kind: tuple(out.fact for out in self._outputs if kind in out.wants) for kind in FACT_TYPES}
        self._handlers = self._routes()
        self._now = 0
        self._next_tick = 0
        self._next_refresh = 0
        self._next_daily = 0
        self._lost: dict[str, int] = {}

    def _routes(self) -> dict[type[Fact], Handler]:
        """Return the method of each kind of fact; a kind without one is nobody's."""
        routes: dict[type[Fact], Handler] = {
            kind: self._passing
            for kind in FACT_TYPES
            if self._detected[kind] or self._listeners[kind] or self._modelled[kind]
        }
        routes[Sighting] = self._sighting
        routes[ChannelOpened] = self._opened
        routes[OperationFirst] = self._operation
        routes[Exchange] = self._exchange
        routes[ChannelWindow] = self._window
        routes[Visibility] = self._visibility
        return routes

    def take(self, facts: Sequence[AnyFact]) -> None:
        """Take the next facts in order; everything they lead to is reported and durable when it returns."""
        if self._recorder is not None:
            self._recorder.facts(facts)
        handlers = self._handlers
        for fact in facts:
            if fact.time >= self._next_tick:
                self.tick(fact.time)
            handler = handlers.get(type(fact))
            if handler is not None:
                handler(fact)
        if facts:
            self._now = max(self._now, facts[-1].time)
        if self._recorder is not None:
            self._recorder.commit()

    def tick(self, now: int) -> None:
        """Let packet time pass to ``now`` (ns): once a second is enough, facts do it by themselves."""
        now -= now % SECOND
        if now < self._next_tick:
            return
        first = self._next_tick == 0
        self._now = max(self._now, now)
        self._next_tick = now + SECOND
        if first:
            self._next_refresh = now + REFRESH_SECONDS * SECOND
            self._next_daily = now + DAILY_SECONDS * SECOND
            return
        self.inventory.tick(now)
        self._report_assets()
        if self._anomalies is not None:
            self._odd(self._anomalies.tick(now))
        self._report(self._detections.tick(now))
        if now >= self._next_refresh:
            self._next_refresh = now + REFRESH_SECONDS * SECOND
            self._refresh()
            self._own_health(now)
        if now >= self._next_daily:
            self._next_daily = now + DAILY_SECONDS * SECOND
            self._repeat()

    def clock_set(self, now: int) -> None:
        """Go on from ``now`` (ns): the clock of the capture was set back, and time passes from there."""
        self._now = now
        self._next_tick = now - now % SECOND
        self._next_refresh = now + REFRESH_SECONDS * SECOND
        self._next_daily = now + DAILY_SECONDS * SECOND

    def finish(self) -> None:
        """End every incident, write every asset as it is now, close the outputs. Nothing may be taken afterwards."""
        self.inventory.finish()
        self._report_assets()
        self._own_health(self._now)
        if self._anomalies is not None:
            self._odd(self._anomalies.finish(self._now))
        self._report(self._detections.finish(self._now))
        self._refresh()
        self._repeat()
        for output in self._outputs:
            output.finish()
        if self._recorder is not None:
            self._recorder.commit()

    def report(self, event: SensorEvent) -> None:
        """Take what the sensor itself reports."""
        self._report(self._detections.see(event))

    def show_assets(self) -> None:
        """Give the outputs every asset as it is now; once a day it happens by itself."""
        self._refresh()
        self._repeat()

    def _sighting(self, fact: Sighting) -> None:
        self.inventory.sighted(fact)
        if self.inventory.journal.events:
            self._report_assets()
        self._show(fact, self.inventory.conversation(fact.channel) if fact.channel else None, None)

    def _opened(self, fact: ChannelOpened) -> None:
        talk = self.inventory.opened(fact)
        if self.inventory.journal.events:
            self._report_assets()
        talk.verdict = self._judge.judge_channel(fact) if self._judge is not None else None
        self._show(fact, talk, talk.verdict)
        if self._recorder is not None:
            self._recorder.opened(fact, talk.verdict)

    def _operation(self, fact: OperationFirst) -> None:
        talk = self.inventory.conversation(fact.channel)
        verdict = self._judged(talk, fact)
        self._show(fact, talk, verdict)
        if self._recorder is not None:
            self._recorder.operation(fact, verdict)

    def _exchange(self, fact: Exchange) -> None:
        talk = self.inventory.conversation(fact.channel)
        self._show(fact, talk, self._judged(talk, fact))

    def _window(self, fact: ChannelWindow) -> None:
        """A channel that goes on is judged again: rules have time windows, exceptions end."""
        talk = self.inventory.conversation(fact.channel)
        if talk is not None:
            self.inventory.window(talk, fact)
            if self.inventory.journal.events:
                self._report_assets()
            if self._judge is not None and fact.packets_client + fact.packets_server:
                talk.verdict = self._judge.judge_channel(talk.fact, max(fact.start, talk.fact.time))
        self._show(fact, talk, talk.verdict if talk is not None else None)
        if self._recorder is not None:
            self._recorder.window(fact)

    def _visibility(self, fact: Visibility) -> None:
        talk = self.inventory.conversation(fact.channel)
        if talk is not None:
            self.inventory.visibility(talk, fact)
        self._show(fact, talk, talk.verdict if talk is not None else None)

    def _passing(self, fact: AnyFact) -> None:
        channel = getattr(fact, "channel", "")
        talk = self.inventory.conversation(channel) if channel else None
        self._show(fact, talk, talk.verdict if talk is not None else None)

    def _judged(self, talk: Conversation | None, fact: OperationFirst | Exchange) -> Verdict | None:
        if self._judge is None or talk is None:
            return None
        return self._judge.judge_operation(talk.fact, fact)

    def _show(self, fact: AnyFact, talk: Conversation | None, verdict: Verdict | None) -> None:
        """Show a fact with its surroundings to the detections, then to the outputs that want it."""
        kind = type(fact)
        channel: ChannelOpened | None = None
        client: AssetView | None = None
        server: AssetView | None = None
        if talk is not None:
            channel, client, server = talk.fact, talk.client_view(), talk.server_view()
        if self._detected[kind]:
            context = Context(fact=fact, channel=channel, client=client, server=server, verdict=verdict)
            alerts = self._detections.see(context)
            if alerts:
                self._report(alerts)
        for listener in self._listeners[kind]:
            listener(fact, channel, client, server, verdict)
        if self._anomalies is not None and self._modelled[kind]:
            self._odd(self._anomalies.see(fact, channel, verdict), fact)

    def _odd(self, anomalies: Sequence[Finding], fact: AnyFact | None = None) -> None:
        """Show what the models found to the catalogue, each with the channel it is about."""
        for anomaly in anomalies:
            talk = self.inventory.conversation(anomaly.channel) if anomaly.channel else None
            context = None
            if talk is not None:
                about = fact if fact is not None else talk.fact
                client, server = talk.client_view(), talk.server_view()
                context = Context(fact=about, channel=talk.fact, client=client, server=server, verdict=talk.verdict)
            self._report(self._detections.see(FindingEvent(finding=anomaly, context=context)))

    def _report(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            for output in self._outputs:
                output.alert(alert)
            if self._recorder is not None:
                self._recorder.alert(alert)

    def _report_assets(self) -> None:
        """Report what happened to assets: the asset first, then the alerts about it."""
        for event in self.inventory.take_events():
            record = self.inventory.record(event.asset.id)
            if record is not None:
                for output in self._outputs:
                    output.asset(record, event)
                if self._recorder is not None:
                    self._recorder.asset(record, event)
            self._report(self._detections.see(event))

    def _own_health(self, now: int) -> None:
        """Say what the bounds of the inventory made it forget, like a worker does of its own tables."""
        counters = self.inventory.counters
        lost = {name: count - self._lost.get(name, 0) for name, count in counters.items()}
        self._lost = counters
        reported = {name: lost[name] for name in sorted(lost) if lost[name] and name in BOUNDS}
        if reported:
            start = now - REFRESH_SECONDS * SECOND
            self._show(Health(now, "pipeline", 0, 0, start, now, "", reported), None, None)

    def _refresh(self) -> None:
        touched = self.inventory.take_touched()
        if self._recorder is not None:
            for record in touched:
                self._recorder.asset(record, None)

    def _repeat(self) -> None:
        for output in self._outputs:
            for record in self.inventory.records():
                output.asset(record, None)
