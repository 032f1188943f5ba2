"""Alerts that turn a verdict of the segmentation policy into a finding: one verdict becomes one alert.

Which alert a refusal means is decided once per event (``rules.detections.verdict``); the ones about writes are declared by
the protocols. NET-008 (safety zone) is raised instead of the default deny alerts and beside an explicit deny.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, OperationFirst, Value
from rules.detections.alert import SEVERITIES
from rules.detections.entry import Entry, Hit, Match, Predicate
from rules.detections.explanation import Explanation, flow
from rules.detections.patterns.denied import ALLOWED, denied, refusals
from rules.detections.rule_state import RuleState
from rules.detections.verdict import enters_safety, is_news, verb_of
from rules.detections.windows import SECOND
from rules.detections.words import CHANGING

REFUSALS: Final = ("deny", "default-deny", "unparsed", "identity-mismatch")


def _by_rule(context: Context, state: RuleState) -> Hit | None:
    """Hit at the severity that the rule gives."""
    hit, verdict = denied(context, state), context.verdict
    if hit is None or verdict is None or verdict.severity not in SEVERITIES:
        return hit
    return replace(hit, severity=verdict.severity)


def _by_class(context: Context, state: RuleState) -> Hit | None:
    """Hit; high where the operation changes a device."""
    hit = denied(context, state)
    return replace(hit, severity="high") if hit is not None and verb_of(context) in CHANGING else hit


def _safety(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not enters_safety(context) or not is_news(context):
        return None
    return Hit(weight=1 + fact.repeats if isinstance(fact, Exchange) else 1)


def _too_fast(context: Context, state: RuleState) -> Hit | None:
    """Compare with the limits of the live rules: reported exchanges over ``seconds``, all requests over a window."""
    fact, channel, seconds = context.fact, context.channel, state.settings["seconds"]
    if state.obligations is None or channel is None or not isinstance(fact, Exchange | ChannelWindow):
        return None
    for limit in state.obligations.limit_of(channel):
        if isinstance(fact, Exchange):
            if limit.functions is not None and not limit.functions & {fact.operation, fact.code}:
                continue
            span = float(seconds)
            rate = state.count((channel.channel, limit.rule), fact.time, span) / span
        else:
            span = (fact.end - fact.start) / SECOND
            named = [one for one in fact.operations if _is_limited(one.label, limit.functions)]
            rate = sum(one.requests for one in named) / span if span >= seconds else 0.0
        if rate > limit.max_requests_per_s:
            words: dict[str, Value] = {"limited_by": limit.rule, "limit": limit.max_requests_per_s}
            return Hit(words={**words, "rate": round(rate, 1), "span": round(span)})
    return None


def _is_limited(label: str, functions: frozenset[str] | None) -> bool:
    return functions is None or label.partition(" ")[0] in functions


WIDEN: Final = (
    "An allow rule for exactly this: from {speaker}, to {listener}, {protocol}, {operation}, with its reason."
)
PAIRWISE: Final = frozenset({"NET-001", "NET-003"})
"""Alerts about who talks to whom: a scan over racks, slots or units of one server is one incident."""


def _entry(
    identifier: str,
    name: str,
    severity: str,
    meaning: str,
    false_positives: str,
    techniques: tuple[str, ...],
    explanation: Explanation | None = None,
    normal: str = WIDEN,
    predicate: Predicate = denied,
    settings: Mapping[str, int | float] | None = None,
    looks: tuple[Match, ...] = (),
    fires: str = "",
) -> Entry:
    return Entry(
        id=identifier,
        name=name,
        severity=severity,
        looks=looks or refusals(identifier),
        predicate=predicate,
        settings=settings or {},
        explanation=explanation or flow(meaning),
        false_positives=false_positives,
        normal=normal,
        category="policy-violation",
        techniques=techniques,
        needs="P",
        scope="pair" if identifier in PAIRWISE else "unit",
        capture_fires=fires,
        capture_silent="plant/normal.pcap",
    )


POLICY_ALERTS: Final = (
    _entry("NET-001", "Traffic between zones without a conduit", "high", "no conduit joins their zones.",
           "An asset in the wrong zone.", ("T0886",),
           normal="A conduit between {client_zone} and {server_zone} with an allow rule, approved by two people."),
    _entry("NET-002", "Explicit deny matched", "high", "a rule denies this.", "None: the rule says so.", (),
           flow("rule {rule} denies this ({policy_reason}).", "Nothing of the kind: {policy_reason}."),
           predicate=_by_rule,
           normal="Nothing: somebody denied it on purpose. Change rule {rule} only with its owner."),
    _entry("NET-003", "Not allowed (default deny)", "medium", "no allow rule covers this {protocol} conversation.",
           "A policy that is not complete yet.", ("T0886",),
           fires="modbus/unauthorised_write.pcap"),
    _entry("NET-004", "Function or object not allowed on an allowed conduit", "medium",
           "the pair may talk, but not this function or object.", "A policy that is not complete yet.", ("T1692.001",),
           predicate=_by_class, fires="s7/plc_stop.pcap"),
    _entry("NET-005", "Rate limit of a rule passed", "medium", "", "A limit below the usual rate.", ("T0814",),
           flow("faster than rule {limited_by} allows.", "At most {limit} requests a second (rule {limited_by}).",
                "{rate} requests a second over {span} s."),
           normal="A limit above the usual rate in rule {limited_by}.", predicate=_too_fast,
           looks=(Match(Exchange, verdicts=ALLOWED), Match(ChannelWindow)),
           settings={"seconds": 10}),
    _entry("NET-006", "Exception used after its end", "high", "the exception that allowed this has ended.",
           "A ticket extended on paper only.", ("T0886",),
           flow("the exception that allowed this has ended.", "{closest}",
                "Exception {rule}, valid {policy_expected}; seen at {policy_observed}."),
           normal="A new exception with its ticket and a risk owner."),
    _entry("NET-007", "Outside its time window", "medium", "the rule allows this at other hours.",
           "Daylight saving; a wrong clock.", ("T0886",),
           flow("the rule allows this at other hours.", "{closest}", "Seen at {time}; window: {policy_expected}.")),
    Entry(
        id="NET-008",
        name="Safety zone contacted",
        severity="critical",
        looks=(
            *(Match(kind, verdicts=REFUSALS) for kind in (ChannelOpened, OperationFirst, Exchange, ChannelWindow)),
            Match(Exchange, verbs=CHANGING, verdicts=ALLOWED),
        ),
        predicate=_safety,
        explanation=flow("it is in a safety zone.", "Nothing but named reads goes into a safety zone."),
        false_positives="None: name the reads that are needed in the policy.",
        normal="A named read with its reason in the policy, approved by functional safety.",
        category="policy-violation",
        techniques=("T1692.001",),
        context=("T0837",),
        needs="P",
    ),
    _entry("NET-014", "Remote access into level 2 or below", "high", "", "A jump host that is not in the policy.",
           ("T0886",),
           flow("{tool} into the control level.", "Remote access ends at a jump host that the policy names."),
           fires="plant/port_scan.pcap"),
)  # fmt: skip
