"""The allow rule that comes closest to a refused flow, and the dimension it lacks: why a default deny."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from dissectors.context import Missing
from dissectors.facts import FURTHER, Value
from rules.policy.compiled import Rule, ValueRange
from rules.policy.extent import written
from rules.policy.match import Asked, Request, covered, left_over, names, within_objects
from rules.policy.situation import Situation, on_port, speaks
from rules.policy.window import TIME_MAX

ORDER = (Missing.PROTOCOL, Missing.PORTS, Missing.FUNCTIONS, Missing.OBJECTS, Missing.VALUES, Missing.WHEN)


class Closest(msgspec.Struct, frozen=True):
    """The rule, the dimension it lacks, and both sides of the difference. All empty when no rule is near."""

    rule: str = ""
    missing: Missing = Missing.RULE
    expected: str = ""
    observed: str = ""
    expires: int = 0


def closest(situation: Situation, request: Request | None, at: int) -> Closest:
    """Return the closest allow or exception for the pair; when none is for this pair, one that leads to the server.

    The rule that lacks the fewest dimensions is closest, then the one that goes furthest before the first it lacks,
    then a rule before an exception, then the least id.
    """
    ranked = []
    for rule in situation.pair:
        if rule.kind == "deny":
            continue
        lacks = [name for name in ORDER if _lacks(situation, rule, request, at, name)]
        if lacks:
            key = (len(lacks), -ORDER.index(lacks[0]), rule.kind == "exception", rule.id)
            ranked.append((key, rule, lacks[0]))
    if ranked:
        _, rule, missing = min(ranked, key=lambda entry: entry[0])
        expected, observed = _difference(situation, rule, request, at, missing)
        expires = rule.expires if missing is Missing.WHEN and rule.expires is not None else 0
        return Closest(rule.id, missing, expected, observed, expires)
    near = [rule for rule in situation.towards if rule.kind != "deny" and speaks(rule, situation.channel)]
    if not near:
        return Closest()
    rule = min(near, key=lambda one: (one.kind == "exception", one.id))
    expected = f"{rule.client.text} to {rule.server.text}"
    return Closest(rule.id, Missing.RULE, expected, f"{situation.client} to {situation.server}")


def _lacks(situation: Situation, rule: Rule, request: Request | None, at: int, name: Missing) -> bool:
    """Whether a rule does not cover one dimension."""
    if name is Missing.PROTOCOL:
        return not speaks(rule, situation.channel)
    if name is Missing.PORTS:
        return not on_port(rule, situation.channel)
    if name is Missing.WHEN:
        return not rule.moment(at).inside
    if request is None:
        return False
    if name is Missing.FUNCTIONS:
        return not names(rule, request)
    if name is Missing.OBJECTS:
        return not _holds_objects(rule, request)
    if not names(rule, request) or not _holds_objects(rule, request):
        return False
    return bool(request.asked) and bool(left_over([rule], request))


def _holds_objects(rule: Rule, request: Request) -> bool:
    if request.blind or not request.addressable:
        return rule.objects is None and request.addressable
    return all(within_objects(rule, asked) == (asked.span,) for asked in request.asked)


def _difference(
    situation: Situation, rule: Rule, request: Request | None, at: int, missing: Missing
) -> tuple[str, str]:
    """Return what the rule expects and what was seen, for the dimension it lacks."""
    channel = situation.channel
    if missing is Missing.PROTOCOL:
        return rule.protocol, channel.protocol or f"{channel.transport}/{channel.server.port}"
    if missing is Missing.PORTS:
        ports = ", ".join(written(span) for span in rule.ports or ())
        return ports, str(channel.server.port)
    if missing is Missing.WHEN:
        return _time_expected(rule), local_time(at, situation.policy.document.metadata.time_zone)
    if request is None:
        return "", ""
    if missing is Missing.FUNCTIONS:
        return ", ".join(sorted(rule.functions or ())), request.tokens[0]
    if missing is Missing.OBJECTS:
        objects = rule.objects
        spans = objects.spans.items() if objects else ()
        held = ", ".join(situation.words.write(kind, span) for kind, held_spans in spans for span in held_spans)
        outside = [one for one in request.asked if within_objects(rule, one) != (one.span,)]
        asked = ", ".join(dict.fromkeys(_asked(situation, one) for one in outside or request.asked))
        return held or "objects the function can address", asked or "no object"
    return "; ".join(_limit(limit) for limit in rule.values or ()), _values_seen(situation, rule, request)


def _limit(limit: ValueRange) -> str:
    points = written((limit.first, limit.last))
    return f"{points}: any" if limit.minimum is None else f"{points}: {limit.minimum} to {limit.maximum}"


def _values_seen(situation: Situation, rule: Rule, request: Request) -> str:
    seen = []
    for asked in request.asked:
        good = covered(rule, asked)
        if asked.values == ():
            seen.append(
                f"{situation.words.write(asked.kind, asked.span)} with values that cannot be assigned to points"
            )
        for number, values in enumerate(asked.values or ()):
            index = asked.span[0] + number
            if not any(first <= index <= last for first, last in good):
                seen.append(
                    f"{index} = {' or '.join(_range(low, high) for low, high in zip(values[::2], values[1::2], strict=True))}"
                )
    return "; ".join(seen[:8])


def _asked(situation: Situation, asked: Asked) -> str:
    return (
        "more objects than are read of one message"
        if asked.kind == FURTHER
        else situation.words.write(asked.kind, asked.span)
    )


def _range(low: Value, high: Value) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _time_expected(rule: Rule) -> str:
    if rule.starts is not None and rule.expires is not None:
        return f"{local_time(rule.starts, 'UTC')} to {local_time(rule.expires, 'UTC')}"
    return f"window {rule.when.id}" if rule.when is not None else "any time"


def local_time(at: int, zone: str) -> str:
    """Return a time of the site's clock as text."""
    if not 0 <= at < TIME_MAX:
        return f"{at} ns"
    moment = datetime.fromtimestamp(at // 1_000_000_000, UTC).astimezone(ZoneInfo(zone))
    return moment.strftime("%a %Y-%m-%d %H:%M:%S %z")
