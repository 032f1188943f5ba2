"""The order of evaluation: identity, parse, explicit deny, conduit, allow, live exception, default deny.

A decision also says how long it stays true and whether it hangs on the values written, so that the judge can keep it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from dissectors.context import Mismatch, Missing, Remark, Verdict, VerdictKind
from rules.policy.closest import closest
from rules.policy.compiled import Rule
from rules.policy.match import Request, allows_alone, contributes, denies, is_valued, left_over
from rules.policy.situation import Situation, unparsed
from rules.policy.window import ALWAYS

PASSING: Final = (VerdictKind.ALLOW, VerdictKind.EXCEPTION)
"""Named once: a member of an enum costs a look-up each time (Python 3.11)."""


class Decision(msgspec.Struct, frozen=True):
    """A verdict, the span [since, until) of nanoseconds it holds in, and whether it may be kept."""

    verdict: Verdict
    since: int
    until: int
    keeps: bool = True


class _Moments(msgspec.Struct):
    """Which rules count now, and the span in which all of that stays so."""

    live: frozenset[str]
    since: int
    until: int


def decide(situation: Situation, request: Request | None, at: int) -> Decision:
    """Judge a channel (``request`` None: may this pair talk this protocol at all) or one operation on it."""
    moments = _moments(situation.pair, at)
    keeps = request is None or not any(is_valued(rule, request) for rule in situation.applicable)

    def decision(verdict: Verdict) -> Decision:
        return Decision(verdict, moments.since, moments.until, keeps)

    identity = situation.identity
    if not identity.fits:
        text = f"expected {identity.expected}, seen {identity.observed}"
        return decision(
            verdict_of(
                situation,
                VerdictKind.IDENTITY_MISMATCH,
                mismatch=identity.mismatch,
                expected=identity.expected,
                observed=identity.observed,
                reason=text,
            )
        )
    blocked = unparsed(situation, moments.live) if request is None else ""
    if blocked:
        return decision(verdict_of(situation, VerdictKind.UNPARSED, reason=blocked))
    live = [rule for rule in situation.applicable if rule.id in moments.live]
    stops = [rule for rule in live if rule.kind == "deny" and _stops(rule, request)]
    passes = [rule for rule in live if rule.kind != "deny" and _passes(rule, request)]
    matches = tuple(sorted(rule.id for rule in stops + passes))
    if stops:
        return decision(by_rule(situation, VerdictKind.DENY, stops[0], matches))
    if situation.crosses and not situation.conduits:
        reason = f"no conduit joins {situation.client.zone} and {situation.server.zone}"
        verdict = verdict_of(
            situation, VerdictKind.DEFAULT_DENY, missing=Missing.CONDUIT, matches=matches, reason=reason
        )
        return decision(verdict)
    allows = [rule for rule in passes if rule.kind == "allow"]
    for kind, rules in zip(PASSING, (allows, passes), strict=True):
        if rules and (request is None or not left_over(rules, request)):
            chosen, requires = _chosen(kind, rules, request)
            return decision(by_rule(situation, kind, chosen, matches, requires))
    return decision(_default(situation, request, at, matches))


def refuse_unmatched(situation: Situation, at: int) -> Decision:
    """Judge a response without a request, seen in full (P4): no allow covers it."""
    if not situation.identity.fits:
        return decide(situation, None, at)
    reason = "a response to no request that was seen"
    verdict = verdict_of(situation, VerdictKind.DEFAULT_DENY, missing=Missing.RULE, reason=reason)
    return Decision(verdict, ALWAYS.since, ALWAYS.until, False)


def _moments(rules: Sequence[Rule], at: int) -> _Moments:
    live: list[str] = []
    since, until = ALWAYS.since, ALWAYS.until
    for rule in rules:
        moment = rule.moment(at)
        if moment is ALWAYS:
            live.append(rule.id)
            continue
        since, until = max(since, moment.since), min(until, moment.until)
        if moment.inside:
            live.append(rule.id)
    return _Moments(frozenset(live), since, until)


def _stops(rule: Rule, request: Request | None) -> bool:
    """Whether a deny stops the request; a whole channel only when it denies every function, object and value."""
    if request is None:
        return rule.functions is None and rule.objects is None and rule.values is None
    return denies(rule, request)


def _passes(rule: Rule, request: Request | None) -> bool:
    return request is None or contributes(rule, request)


def _chosen(kind: VerdictKind, rules: list[Rule], request: Request | None) -> tuple[Rule, tuple[str, ...]]:
    """Return the rule to name, and what the flow requires: only what every rule that covers it alone requires."""
    whole = [rule for rule in rules if request is None or allows_alone(rule, request)]
    named = [rule for rule in whole or rules if rule.kind == kind] or rules
    if whole:
        required = set.intersection(*(set(rule.requires) for rule in whole))
    else:
        required = set.union(*(set(rule.requires) for rule in rules))
    return named[0], tuple(sorted(required))


def _default(situation: Situation, request: Request | None, at: int, matches: tuple[str, ...]) -> Verdict:
    near = closest(situation, request, at)
    unknown_ends = [str(end) for end in (situation.client, situation.server) if not end.zone and not end.group]
    if unknown_ends:
        reason = f"{' and '.join(unknown_ends)} {'is' if len(unknown_ends) == 1 else 'are'} not in the policy"
    elif near.missing is Missing.RULE and situation.server.group:
        spoken = situation.channel.protocol or situation.channel.transport
        reason = f"no rule lets {situation.client} send {spoken} to the group {situation.server}"
    elif near.missing is Missing.RULE:
        reason = f"no rule lets {situation.client} talk to {situation.server}"
    else:
        reason = f"closest rule {near.rule} lacks {near.missing}: expected {near.expected}, seen {near.observed}"
    return verdict_of(
        situation,
        VerdictKind.DEFAULT_DENY,
        missing=near.missing,
        closest=near.rule,
        matches=matches,
        expected=near.expected,
        observed=near.observed,
        reason=reason,
        expires=near.expires,
    )


def by_rule(
    situation: Situation, kind: VerdictKind, rule: Rule, matches: tuple[str, ...], requires: tuple[str, ...] = ()
) -> Verdict:
    """Return the verdict that a rule gives, with its paperwork."""
    return verdict_of(
        situation,
        kind,
        rule=rule.id,
        requires=requires,
        matches=matches,
        conduit=rule.conduit or (situation.conduits[0] if situation.conduits else ""),
        reason=rule.reason,
        severity=rule.severity,
        ticket=rule.ticket,
        expires=rule.expires or 0,
        flags=(Remark.NOT_VERIFIED,) if rule.encrypted else (),
    )


def verdict_of(
    situation: Situation,
    kind: VerdictKind,
    *,
    rule: str = "",
    missing: Missing = Missing.NOTHING,
    mismatch: Mismatch = Mismatch.NOTHING,
    requires: tuple[str, ...] = (),
    closest: str = "",
    matches: tuple[str, ...] = (),
    conduit: str = "",
    expected: str = "",
    observed: str = "",
    reason: str = "",
    severity: str = "",
    ticket: str = "",
    expires: int = 0,
    flags: tuple[Remark, ...] = (),
) -> Verdict:
    """Return a verdict with what the situation adds: zones, assets, policy. Client and server are the channel's."""
    client, server = situation.client, situation.server
    safety = server.zone in situation.policy.safety_zones
    if situation.reversed:
        client, server = server, client
        flags = (*flags, Remark.REVERSED)
    if situation.channel.decided_by != "handshake" and not situation.server.group:
        flags = (*flags, Remark.INFERRED)
    if situation.channel.tunnel:
        flags = (*flags, Remark.TUNNELLED)
    return Verdict(
        kind=kind,
        rule=rule,
        missing=missing,
        mismatch=mismatch,
        requires=requires,
        closest=closest,
        matches=matches,
        conduit=conduit or (situation.conduits[0] if situation.conduits else ""),
        client_zone=client.zone,
        server_zone=server.zone,
        client_asset=client.asset,
        server_asset=server.asset,
        expected=expected,
        observed=observed,
        reason=reason,
        severity=severity,
        safety=safety,
        ticket=ticket,
        policy=situation.policy.id,
        version=situation.policy.version,
        sha256=situation.policy.sha256,
        flags=tuple(sorted(flags)) if flags else (),
        expires=expires,
    )
