"""The shapes of alerts with their sentences and defaults: what a Pattern of a protocol leaves open is taken from here.

A shape is named like the field of ``dissectors.spec.Patterns`` that holds its instances. In its texts ``<consequence>``
stands for that of the Pattern, ``<units>`` for what the protocol calls the devices behind an address, ``<id>`` for the id
of the alert.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, Violation
from dissectors.spec import Pattern
from rules.detections.entry import Match, Predicate
from rules.detections.patterns.asked import ALL_OUTCOMES
from rules.detections.patterns.counted import (
    burst,
    distinct_operations,
    distinct_units,
    exceptions,
    many,
    repeated_error,
)
from rules.detections.patterns.denied import ALLOWED, denied, not_selected, refusals
from rules.detections.patterns.toggled import toggled
from rules.detections.patterns.unlearned import APPROVE, anything, first_use, unlearned
from rules.detections.patterns.wrong import unmatched, violated

Names = tuple[str, ...]
Settings = Mapping[str, int | float]
PARTS: Final = {"server": (1,), "pair": (0, 1), "unit": (0, 1, 2)}
"""What is counted together, by the scope of the alert: client, server, unit."""
DONE: Final = "{operation} (code {code}) of {targets} with {values}: {outcome}{error}; {earlier}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the instances of a shape share. ``looks`` is given the pattern, the protocols and the id of the alert."""

    name: str = ""
    severity: str = "medium"
    form: str
    reason: str
    expected: str = ""
    observed: str = ""
    consequence: str = ""
    false_positives: str = ""
    normal: str = ""
    category: str = "unauthorized-operation"
    techniques: tuple[str, ...] = ()
    settings: Settings = field(default_factory=dict)
    scope: str = "unit"
    needs: str = "D"
    looks: Callable[[Pattern, Names, str], tuple[Match, ...]]
    predicate: Callable[[Pattern, Settings, str], Predicate]


def _exchanges(pattern: Pattern, names: Names, identifier: str) -> tuple[Match, ...]:
    return (Match(Exchange, names, pattern.operations, pattern.verbs, ALL_OUTCOMES, (), pattern.codes),)


def _refusals(pattern: Pattern, names: Names, identifier: str) -> tuple[Match, ...]:
    return refusals(identifier)


def _outcome(outcome: str) -> Callable[[Pattern, Names, str], tuple[Match, ...]]:
    return lambda pattern, names, _: (Match(Exchange, names, pattern.operations, pattern.verbs, (outcome,)),)


def _errors(pattern: Pattern, names: Names, identifier: str) -> tuple[Match, ...]:
    if not pattern.errors:
        return (Match(Exchange, names, pattern.operations, outcomes=("failure",)),)
    return (Match(Exchange, names, pattern.operations, errors=pattern.errors), Match(ChannelWindow, names))


def _violations(pattern: Pattern, names: Names, identifier: str) -> tuple[Match, ...]:
    return (Match(Violation, names, words=pattern.faults),)


SHAPES: Final = {
    "first_writer": Shape(
        name="Write by a station that never wrote here",
        severity="high",
        form="W",
        reason="{client} wrote {points} to {server}: this station was never learned to write here.",
        expected="Learned writers here: {known}; the limits of the policy apply to them.",
        observed=DONE,
        false_positives="Commissioning; a new display.",
        normal=APPROVE,
        category="unauthorised-write",
        techniques=("T1692.001",),
        needs="B",
        looks=lambda _pattern, names, _: (Match(Exchange, names, verbs=("write",), outcomes=ALL_OUTCOMES),),
        predicate=lambda *_: first_use(("write",)),
    ),
    "first_controller": Shape(
        name="Control by a station that never controlled here",
        severity="high",
        form="W",
        reason="{client} sent {operation} (code {code}){on} to {server}: it never controlled here.",
        expected="Learned for control here: {known}.",
        observed="{operation} of {targets} with {values}: {outcome}{error}; {earlier}.",
        false_positives="A back-up control centre that takes over.",
        normal=APPROVE,
        category="unauthorised-control",
        techniques=("T1692.001", "T0848"),
        needs="B",
        looks=_exchanges,
        predicate=lambda *_: first_use(("control",)),
    ),
    "identity_read": Shape(
        name="Identity read by a new station",
        severity="low",
        form="R",
        reason="{client} asks {server} <consequence>, which it was never learned to do.",
        expected="Only tools for inventory ask this; learned clients of {server}: {known}.",
        observed="{operation} (code {code}){on}: {outcome}{error}; {earlier}.",
        consequence="who it is",
        false_positives="An inventory tool.",
        normal=APPROVE,
        category="discovery",
        techniques=("T0888",),
        needs="B",
        looks=_exchanges,
        predicate=lambda pattern, settings, _: unlearned(pattern.concerns or anything, *settings),
    ),
    "not_allowed": Shape(
        name="Write outside policy",
        severity="high",
        form="F",
        reason="{client} used {operation} (code {code}) on {targets} of {server}: <consequence>",
        expected="{closest}",
        observed="{targets} with {values}; the policy says {verdict}{missing}.",
        consequence="the pair may talk, but not change this.",
        normal="An allow rule for exactly this: from {client}, to {server}, {protocol}, {operation}, with its reason.",
        category="policy-violation",
        techniques=("T1692.001", "T0836"),
        needs="P",
        looks=_refusals,
        predicate=lambda *_: denied,
    ),
    "beyond_limits": Shape(
        name="Written value outside limits",
        severity="high",
        form="F",
        reason="{client} used {operation} (code {code}) on {targets} of {server}: "
        "the value is outside its engineering limits ({policy_expected}).",
        expected="{closest}",
        observed="{targets} with {values}; the policy says {verdict}{missing}.",
        false_positives="Wrong scaling.",
        normal="An allow rule for exactly this: from {client}, to {server}, {protocol}, {operation}, with its reason.",
        category="policy-violation",
        techniques=("T0836",),
        needs="P",
        looks=_refusals,
        predicate=lambda *_: denied,
    ),
    "not_selected": Shape(
        name="Direct operate where select is demanded",
        severity="high",
        form="F",
        reason="{client} used {operation} (code {code}) on {targets} of {server} without the select that is demanded.",
        expected="The policy demands a select before each operate on {targets}.",
        observed="{operation} of {targets} with {values}: {outcome}{error}.",
        false_positives="A master configured otherwise on purpose.",
        normal="An allow rule for exactly this: from {client}, to {server}, {protocol}, {operation}, with its reason.",
        category="policy-violation",
        techniques=("T1692.001",),
        needs="P",
        looks=lambda pattern, names, _: (Match(Exchange, names, words=pattern.operations, verdicts=ALLOWED),),
        predicate=lambda *_: not_selected,
    ),
    "write_burst": Shape(
        name="Write burst",
        form="W",
        reason="{client} wrote to {server} in a burst: {rate} writes in {span}.",
        expected="Writes here follow operator actions, a few in a minute.",
        observed="{rate} writes in {span}; the limit is {limit}.",
        false_positives="A recipe download; a data server that writes all its tags when it restarts.",
        normal="A higher number in settings.<id>.writes_per_second, or a limits line in the allow rule of {client}.",
        techniques=("T0806",),
        settings={"writes_per_second": 20, "steady_writes_per_second": 10, "steady_seconds": 2},
        looks=lambda _pattern, names, _: (
            Match(Exchange, names, verbs=("write",), outcomes=ALL_OUTCOMES),
            Match(ChannelWindow, names),
        ),
        predicate=lambda *_: burst,
    ),
    "control_burst": Shape(
        name="Control burst",
        form="W",
        reason="{client} wrote {points} to {server}: too many controls for an operator.",
        expected="Controls follow operator actions, a few in an hour.",
        observed="{seen} control messages in {seconds} s, the last one {operation} of {targets} with {values}.",
        false_positives="A switching sequence.",
        normal="A higher number in settings.<id>.controls.",
        techniques=("T0806",),
        settings={"controls": 10, "seconds": 60},
        looks=_exchanges,
        predicate=lambda _pattern, settings, _: many(*settings),
    ),
    "toggled": Shape(
        name="Output toggled",
        severity="high",
        form="W",
        reason="{client} wrote {points} to {server}: {point} goes back and forth.",
        expected="Outputs follow operator actions, a few in a minute.",
        observed="{point} changed {changes} times in {seconds} s between {pair}.",
        false_positives="A test mode.",
        techniques=("T0806",),
        settings={"changes": 10, "seconds": 60},
        looks=_exchanges,
        predicate=lambda _pattern, settings, _: toggled(*settings),
    ),
    "function_scan": Shape(
        name="Function code scan",
        form="R",
        reason="{client} tried functions that {server} does not know.",
        expected="A client asks only functions that the device has.",
        observed="{seen} different functions refused in {seconds} s: {tried}.",
        false_positives="A client that probes when it starts.",
        normal="An asset inventory tool named in the policy with its functions.",
        category="discovery",
        techniques=("T0888",),
        settings={"functions": 3, "seconds": 60},
        scope="pair",
        looks=lambda pattern, names, _: (Match(Exchange, names, errors=pattern.errors),),
        predicate=lambda _pattern, settings, _: distinct_operations(*settings),
    ),
    "unit_scan": Shape(
        name="Unit scan",
        form="R",
        reason="{client} tries which <units> answer behind {server}.",
        expected="A client talks to the <units> it was set up for.",
        observed="{seen} <units> tried in {seconds} s: {tried}.",
        false_positives="The configuration tool of the gateway.",
        normal="An allow rule that names the <units> behind {server}.",
        category="discovery",
        techniques=("T0846",),
        settings={"units": 10, "seconds": 120},
        scope="pair",
        looks=lambda _pattern, names, _: (Match(ChannelOpened, names),),
        predicate=lambda _pattern, settings, _: distinct_units(*settings),
    ),
    "exceptions": Shape(
        name="Exception burst",
        severity="low",
        form="R",
        reason="{server} refuses more than usual.",
        expected="At most {limit} exceptions in {hours} h from one device.",
        observed="{seen} exceptions in {hours} h.",
        false_positives="A wrong tag in a display that is polled for ever: approve or fix it.",
        normal="The wrong tag removed from the client, or a higher number in settings.<id>.exceptions.",
        category="denial-of-service",
        techniques=("T0814",),
        settings={"exceptions": 20, "hours": 1},
        scope="server",
        looks=lambda _pattern, names, _: (Match(ChannelWindow, names),),
        predicate=lambda *_: exceptions,
    ),
    "refused": Shape(
        form="C",
        reason="{client} sent {operation} (code {code}) to {server}: <consequence>",
        observed="{seen} refusals in {seconds} s (last: {kind}).",
        settings={"refused": 3, "seconds": 60},
        looks=_errors,
        predicate=lambda _pattern, settings, scope: repeated_error(*settings, part=PARTS[scope]),
    ),
    "unanswered": Shape(
        name="Commands not answered",
        form="A",
        reason="{server} leaves commands of {client} without an answer.",
        expected="Every command is answered.",
        observed="{seen} commands without an answer in {seconds} s, the last one {operation} (code {code}).",
        false_positives="An overloaded device.",
        normal="The device answers again.",
        category="denial-of-service",
        techniques=("T1691.001",),
        settings={"unanswered": 3, "seconds": 300},
        looks=_outcome("unanswered"),
        predicate=lambda _pattern, settings, _: many(*settings),
    ),
    "unmatched": Shape(
        name="Response unasked or doubled",
        severity="high",
        form="M",
        reason="{server} answered {client} although no such request was open.",
        expected="One answer for each request, while the request is open.",
        observed="An answer to {operation} (code {code}) with no request open for it.",
        false_positives="A late answer after a time-out.",
        normal="Nothing: find out who sends the second answer.",
        category="spoofing",
        techniques=("T1692.002", "T0830"),
        looks=_outcome("unmatched"),
        predicate=lambda pattern, *_: unmatched(pattern.besides),
    ),
    "mismatch": Shape(
        name="Response does not fit its request",
        severity="high",
        form="M",
        reason="{sender} answered with something that was not asked: {text}.",
        expected="The answer of {server} is one to what was asked ({clause}).",
        observed="{text} (violation {violation} at octet {at}).",
        false_positives="Gateways that rewrite messages.",
        normal="This device in settings.<id>.except, once its maker confirms the dialect.",
        category="spoofing",
        techniques=("T1692.002", "T0830"),
        looks=_violations,
        predicate=lambda *_: violated(),
    ),
    "broken": Shape(
        form="V",
        reason="{sender} sent a {protocol} message that breaks {clause}: <consequence>",
        expected="Every message keeps the rule of {clause}.",
        observed="{text} (violation {violation} at octet {at}; the stream around it is {visibility}).",
        false_positives="A gap; another protocol on this port.",
        normal="This device in settings.<id>.except, once its maker confirms the dialect.",
        category="protocol-violation",
        techniques=("T0866",),
        looks=_violations,
        predicate=lambda _pattern, settings, _: violated(escalate=bool(settings)),
    ),
}
"""By the field of Patterns that holds the instances."""
