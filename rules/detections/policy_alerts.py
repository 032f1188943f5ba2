"""Alerts that turn a verdict of the segmentation policy into a finding. One verdict becomes one alert.

``judged`` picks the alert by what the verdict says is missing; NET-008 (safety zone) speaks instead of the default
deny alerts and beside an explicit deny.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dissectors.context import Context, Verdict
from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, OperationFirst, Value
from rules.detections.alert import SEVERITIES
from rules.detections.entry import ContextPredicate, Entry, Hit, Match
from rules.detections.explanation import Explanation, flow
from rules.detections.ports import REMOTE_ACCESS, in_control
from rules.detections.predicates import CHANGING
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND

REFUSALS: Final = ("deny", "default-deny", "unparsed", "identity-mismatch")
LOOKS: Final = tuple(
    Match(kind, verdicts=REFUSALS) for kind in (ChannelOpened, OperationFirst, Exchange, ChannelWindow)
)
ALLOWED: Final = ("allow", "exception")
DIRECT: Final = ("direct_operate", "direct_operate_no_response")
TRANSPORT: Final = frozenset(
    {"connect", "disconnect", "transport_error", "reset_link_states", "test_link_states", "request_link_status"}
)
"""Operations below the application: the conversation is judged, not they."""
READING: Final = frozenset({"read", "session", "report"})
IN_CONDUIT: Final = frozenset({"functions", "function", "objects", "object"})
VALUE_ALERTS: Final = {"modbus": "MB-003", "dnp3": "DNP-011", "s7comm": "S7-017", "s7": "S7-017"}
WRITE_ALERTS: Final = {
    ("modbus", "write"): "MB-002",
    ("dnp3", "control"): "DNP-002",
    ("s7comm", "write"): "S7-016",
    ("s7", "write"): "S7-016",
}


def _verb(context: Context) -> str:
    return context.fact.verb if isinstance(context.fact, Exchange | OperationFirst) else ""


def _to_safety(context: Context) -> bool:
    verdict = context.verdict
    if verdict is None or not (verdict.safety or (context.server is not None and context.server.safety)):
        return False
    if verdict.allows:
        return isinstance(context.fact, Exchange) and _verb(context) not in READING
    return verdict.kind != "identity-mismatch"


def _by_missing(context: Context, missing: str) -> str:
    protocol = context.channel.protocol if context.channel is not None else ""
    if missing in {"values", "value"}:
        return VALUE_ALERTS.get(protocol, "NET-004")
    if missing in {"limits", "limit"}:
        return "NET-005"
    if missing in {"when", "window"}:
        return "NET-007"
    if missing in {"require", "select_before_operate"}:
        return "DNP-005"
    if missing in IN_CONDUIT:
        return WRITE_ALERTS.get((protocol, _verb(context)), "NET-004")
    return "NET-001" if missing == "conduit" else "NET-003"


class _Last:
    """The context judged last: all entries of this file ask about the same one, one after the other."""

    def __init__(self) -> None:
        self.context: Context | None = None
        self.means = ""

    def judge(self, context: Context) -> str:
        if self.context is not context:
            self.means = _judge(context)
            self.context = context
        return self.means


_LAST: Final = _Last()


def judged(context: Context) -> str:
    """Return the id of the alert that the verdict of this context means, or ""."""
    return _LAST.judge(context)


def _is_judged(context: Context) -> bool:
    """Whether a verdict on this fact is news: reported once, by a message of the application, with packets behind it."""
    fact = context.fact
    if isinstance(fact, OperationFirst):
        return fact.verb in READING and fact.operation not in TRANSPORT
    if isinstance(fact, Exchange):
        return fact.outcome != "unmatched" and fact.operation not in TRANSPORT
    if isinstance(fact, ChannelWindow):
        return fact.packets_client + fact.packets_server > 0
    return True


def names_a_card(verdict: Verdict) -> bool:
    """Whether an identity mismatch is about a MAC (NET-022) and not about a unit, link address or rack and slot."""
    return " at " in verdict.observed or not verdict.observed


def _judge(context: Context) -> str:
    verdict, fact = context.verdict, context.fact
    if verdict is None or verdict.allows or not _is_judged(context):
        return ""
    if verdict.kind == "identity-mismatch":
        return "" if names_a_card(verdict) else "NET-003"
    selecting = "select_before_operate" in f"{verdict.missing} {verdict.expected} {verdict.reason}"
    if verdict.kind == "deny":
        return "DNP-005" if selecting else "NET-002"
    if verdict.missing == "when" and 0 < verdict.expires <= fact.time:
        return "NET-006"
    if _to_safety(context):
        return ""
    channel = context.channel
    if channel is not None and channel.server.port in REMOTE_ACCESS and in_control(context.server):
        return "NET-014"
    if verdict.kind == "unparsed":
        return "NET-003"
    return _by_missing(context, "require" if selecting else verdict.missing)


def _means(identifier: str) -> ContextPredicate:
    def predicate(context: Context, state: RuleState) -> Hit | None:
        verdict = context.verdict
        if verdict is None or verdict.allows or judged(context) != identifier:
            return None
        severity = verdict.severity if identifier == "NET-002" and verdict.severity in SEVERITIES else ""
        if identifier == "NET-004" and _verb(context) in CHANGING:
            severity = "high"
        tool = REMOTE_ACCESS.get(context.channel.server.port, "") if context.channel is not None else ""
        weight = 1 + context.fact.repeats if isinstance(context.fact, Exchange) else 1
        return Hit(words={"tool": tool} if tool else {}, severity=severity, weight=weight)

    return predicate


def _safety(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not _to_safety(context) or not _is_judged(context):
        return None
    return Hit(weight=1 + fact.repeats if isinstance(fact, Exchange) else 1)


def _unselected(context: Context, state: RuleState) -> Hit | None:
    fact, verdict = context.fact, context.verdict
    if judged(context) == "DNP-005":
        return Hit()
    if verdict is None or not verdict.allows or not isinstance(fact, Exchange) or fact.operation not in DIRECT:
        return None
    if state.obligations is None or context.channel is None:
        return None
    return Hit() if "select_before_operate" in state.obligations.requires(context.channel, fact) else None


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


WIDEN: Final = "An allow rule for exactly this: from {client}, to {server}, {protocol}, {operation}, with its reason."


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
    predicate: ContextPredicate | None = None,
    settings: Mapping[str, int | float] | None = None,
    looks: tuple[Match, ...] = LOOKS,
    fires: str = "",
) -> Entry:
    return Entry(
        id=identifier,
        name=name,
        severity=severity,
        looks=looks,
        predicate=predicate or _means(identifier),
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


def _points(meaning: str) -> Explanation:
    reason = "{client} used {operation} (code {code}) on {targets} of {server}: " + meaning
    return Explanation("F", reason, "{closest}", "{targets} with {values}; the policy says {verdict}{missing}.")


POLICY_ALERTS: Final = (
    _entry("MB-002", "Write outside the allowed functions or addresses", "high", "",
           "A new display; a register map shifted by one.", ("T1692.001", "T0836"),
           _points("the pair may talk, but not write this.")),
    _entry("MB-003", "Written value outside engineering limits", "high", "",
           "Wrong scaling; a 32-bit pair in the other word order.", ("T0836",),
           _points("the value is outside its engineering limits ({policy_expected})."),
           fires="modbus/setpoint_beyond_limit.pcap"),
    _entry("DNP-002", "Control of a point outside policy", "high", "", "A new point was commissioned.",
           ("T1692.001",), _points("the point or code is not allowed.")),
    _entry("DNP-005", "Direct operate where select is demanded", "high", "",
           "A master configured otherwise on purpose.", ("T1692.001",),
           Explanation(
               "F",
               "{client} used {operation} (code {code}) on {targets} of {server} without the select that is demanded.",
               "The policy demands a select before each operate on {targets}.",
               "{operation} of {targets} with {values}: {outcome}{error}.",
           ), predicate=_unselected, looks=(*LOOKS, Match(Exchange, ("dnp3",), words=DIRECT, verdicts=ALLOWED))),
    _entry("DNP-011", "Set-point outside limits", "high", "", "Wrong scaling.", ("T0836",),
           _points("the value is outside its engineering limits ({policy_expected}).")),
    _entry("S7-016", "Write outside policy", "high", "", "The layout of a data block changed.",
           ("T1692.001", "T0836"), _points("the area or range is not allowed.")),
    _entry("S7-017", "Written value outside limits", "high", "", "Wrong scaling.", ("T0836",),
           _points("the value is outside its engineering limits ({policy_expected}).")),
    _entry("NET-001", "Traffic between zones without a conduit", "high", "no conduit joins their zones.",
           "An asset in the wrong zone.", ("T0886",),
           normal="A conduit between {client_zone} and {server_zone} with an allow rule, approved by two people."),
    _entry("NET-002", "Explicit deny matched", "high", "a rule denies this.", "None: the rule says so.", (),
           flow("rule {rule} denies this ({policy_reason}).", "Nothing of the kind: {policy_reason}."),
           normal="Nothing: somebody denied it on purpose. Change rule {rule} only with its owner."),
    _entry("NET-003", "Not allowed (default deny)", "medium", "no allow rule covers this.",
           "A policy that is not complete yet.", ("T0886",),
           fires="modbus/unauthorised_write.pcap"),
    _entry("NET-004", "Function or object not allowed on an allowed conduit", "medium",
           "the pair may talk, but not this function or object.", "A policy that is not complete yet.", ("T1692.001",),
           fires="s7/plc_stop.pcap"),
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
        looks=(*LOOKS, Match(Exchange, verbs=CHANGING, verdicts=ALLOWED)),
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
