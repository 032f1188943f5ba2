"""Who is shown a fact: the detections, then the sinks, then the models; and who hears of what they find."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dissectors.context import Context, FindingEvent, Verdict
from dissectors.facts import AnyFact, ChannelOpened, Fact
from dissectors.finding import Finding
from rules.detections.alert import Alert
from sensor.inventory import Conversation, Inventory
from sensor.pipeline.contract import Detector, Models
from sensor.pipeline.quarantine import Quarantine
from sensor.sinks.sink import FACT_TYPES, Sink

Interest = tuple[bool, tuple[Callable[[Context], None], ...], bool]
"""Who wants a kind of fact: the detections, the sinks, the models."""


class Audience:
    """Makes one ``Context`` of a fact that anybody wants, and shows it. ``wants`` are the kinds somebody wants.

    Who cannot take a fact does not keep it from the others: ``quarantine`` has it then (None: the error is raised).
    """

    def __init__(
        self,
        inventory: Inventory,
        detections: Detector | None,
        sinks: Sequence[Sink],
        models: Models | None,
        quarantine: Quarantine | None = None,
    ) -> None:
        self._quarantine = quarantine or Quarantine(strict=True)
        self._inventory = inventory
        self._detections = detections
        self._sinks = tuple(sinks)
        self._models = models
        detected = detections.wants if detections is not None else frozenset()
        modelled = models.wants if models is not None else frozenset()
        self._interests: dict[type[Fact], Interest] = {}
        for kind in FACT_TYPES:
            takers = tuple(sink.take for sink in sinks if kind in sink.wants)
            if takers or kind in detected or kind in modelled:
                self._interests[kind] = (kind in detected, takers, kind in modelled)
        self.wants = frozenset(self._interests)

    def show(
        self, fact: AnyFact, talk: Conversation | None, verdict: Verdict | None, channel: ChannelOpened | None = None
    ) -> None:
        """Show a fact with its surroundings; ``channel`` with the MACs that its frames came from, where they are others."""
        interest = self._interests.get(type(fact))
        if interest is None:
            return
        detected, takers, modelled = interest
        if talk is None:
            context = Context(fact=fact, verdict=verdict)
        else:
            client, server = talk.client_view(), talk.server_view()
            if channel is None:
                channel = talk.fact
            elif channel is not talk.fact:
                if channel.client.mac != talk.fact.client.mac:
                    client = self._inventory.sender(channel, channel.client)
                if channel.server.mac != talk.fact.server.mac:
                    server = self._inventory.sender(channel, channel.server)
            context = Context(fact=fact, channel=channel, client=client, server=server, verdict=verdict)
        if detected and self._detections is not None:
            try:
                alerts = self._detections.see(context)
                if alerts:
                    self.report(alerts)
            except Exception as error:  # noqa: BLE001  # the quarantine decides
                self._quarantine.keep("detections", fact, error)
        for take in takers:
            try:
                take(context)
            except Exception as error:  # noqa: BLE001  # the quarantine decides
                self._quarantine.keep(name_of(take.__self__), fact, error)  # type: ignore[attr-defined]  # a sink's method
        if modelled and self._models is not None:
            try:
                findings = self._models.see(context)
                if findings:
                    self.odd(findings, fact)
            except Exception as error:  # noqa: BLE001  # the quarantine decides
                self._quarantine.keep("models", fact, error)

    def odd(self, findings: Sequence[Finding], fact: AnyFact | None = None) -> None:
        """Show what the models found to the catalogue, each with the channel it is about."""
        if self._detections is None:
            return
        for finding in findings:
            talk = self._inventory.conversation(finding.channel) if finding.channel else None
            context = None
            if talk is not None:
                about = fact if fact is not None else talk.fact
                client, server = talk.client_view(), talk.server_view()
                context = Context(fact=about, channel=talk.fact, client=client, server=server, verdict=talk.verdict)
            self.report(self._detections.see(FindingEvent(finding=finding, context=context)))

    def report(self, alerts: Sequence[Alert]) -> None:
        """Give alerts to the sinks."""
        for alert in alerts:
            for sink in self._sinks:
                self._quarantine.attempt(name_of(sink), alert, sink.alert, alert)


def name_of(sink: object) -> str:
    """Return how a sink is called in reports."""
    return f"sink {type(sink).__name__}"
