"""The subject of a fact with what is known around it. Secrets (class auth) leave no values and no bytes in it."""

from __future__ import annotations

from functools import partial
from typing import Any

from dissectors.context import Context
from dissectors.facts import (
    ChannelOpened,
    ChannelWindow,
    Endpoint,
    Exchange,
    Health,
    OperationFirst,
    Sighting,
    Violation,
)
from rules.detections.entry import Entry
from rules.detections.subject.subject import Subject
from rules.detections.words import CHANGING, OUTCOMES, client_id, context_words, is_refused


def context_subject(entry: Entry, context: Context) -> Subject:
    """Return the subject of a fact."""
    fact, channel = context.fact, context.channel
    verdict = context.verdict
    return Subject(
        time=(fact.last or fact.time) if isinstance(fact, ChannelWindow) else fact.time,
        source=fact.source,
        words=partial(context_words, context),
        fields=partial(context_fields, context),
        client=client_id(context),
        server=context.server.id if context.server is not None else "",  # a sweep over nobody is one incident
        host=context.server.host if context.server is not None else "",
        unit=channel.unit if channel is not None else "",
        concerned=context.client if entry.scope == "client" and context.server is None else context.server,
        devices=(context.client, context.server),
        zones=(context.server.zone if context.server else "", context.client.zone if context.client else ""),
        safety=verdict is not None and verdict.safety,
        verdict=verdict if entry.explanation.form == "F" or (verdict is not None and not verdict.allows) else None,
        visibility=getattr(fact, "visibility", "complete"),
        seen=_seen(fact) if isinstance(fact, Exchange) else None,
        outcome=OUTCOMES.get(fact.outcome, fact.outcome) if isinstance(fact, Exchange) else "",
        changes=isinstance(fact, Exchange) and fact.verb in CHANGING,
        succeeded=isinstance(fact, Exchange) and fact.outcome == "success",
        refused=isinstance(fact, Exchange) and is_refused(context, fact),
        frames=_frames(context),
        of_counters=isinstance(fact, Health),
    )


def _seen(fact: Exchange) -> tuple[int, int]:
    """Return when its request and its answer were seen; it is told later where the sensor waited or counted."""
    asked = fact.request_time or fact.time
    return asked, asked + max(0, fact.latency)


def context_fields(context: Context) -> dict[str, Any]:
    """Return the fields of an alert that a context fills: stations, channel, and what its fact reports."""
    channel = context.channel
    fields: dict[str, Any] = {"client": context.client, "server": context.server}
    if channel is not None:
        fields.update(
            client_endpoint=channel.client,
            server_endpoint=channel.server,
            channel=channel.channel,
            protocol=channel.protocol,
            unit=channel.unit,
            transport=channel.transport,
            vlan=channel.vlan,
            inner_vlan=channel.inner_vlan,
            flow=channel.flow,
            interface=channel.interface,
            tunnel=channel.tunnel,
        )
    fields.update(_fact_fields(context))
    return fields


def _frames(context: Context) -> tuple[int, ...]:
    fact = context.fact
    if isinstance(fact, Exchange):
        return fact.request_frame, fact.response_frame
    if isinstance(fact, ChannelOpened):
        return (fact.first_frame, fact.frame)
    if isinstance(fact, ChannelWindow):
        return fact.first_frame, fact.last_frame
    return (fact.frame,)


def _fact_fields(context: Context) -> dict[str, Any]:
    fact = context.fact
    if isinstance(fact, Exchange):
        secret = fact.verb == "auth"
        client = context.channel.client if context.channel is not None else Endpoint()
        return {
            "operation": fact.operation,
            "verb": fact.verb,
            "code": fact.code,
            "targets": fact.targets,
            "values": () if secret else fact.values,
            "answers": () if secret else fact.answers,
            "outcome": fact.outcome,
            "error": fact.error,
            "flow": fact.flow,
            "excerpt": b"" if secret else fact.excerpt,
            "offset": fact.offset,
            "length": fact.length,
            "client_endpoint": Endpoint(client.ip, client.mac, fact.client_port or client.port),
            "detail": {} if secret else dict(fact.detail),
        }
    if isinstance(fact, OperationFirst):
        return {
            "operation": fact.operation,
            "verb": fact.verb,
            "code": fact.code,
            "targets": fact.targets,
            "flow": fact.flow,
            "detail": {} if fact.verb == "auth" else dict(fact.detail),
        }
    if isinstance(fact, Violation):
        return {
            "protocol": fact.protocol,
            "flow": fact.flow,
            "excerpt": fact.excerpt,
            "offset": fact.offset,
            "length": fact.length,
            "detail": {"violation": fact.name, "at": fact.at, "clause": fact.clause},
            "sent_by_server": not fact.from_client,
        }
    if isinstance(fact, Sighting):
        return {"protocol": fact.protocol, "vlan": fact.vlan}
    return {}
