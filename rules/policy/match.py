"""Does a rule cover what an operation asks? Functions, objects and values (P5, P6).

An operation asks for points; it is allowed when each point is covered by some allow, so the union of the allows counts,
not their order. A deny matches as soon as one point is in it. Targets that were not kept (FURTHER) may be any: only an allow for all
objects covers them, and each deny of the function matches.
"""

from __future__ import annotations

import msgspec

from dissectors.facts import FURTHER, Exchange, OperationFirst, Value
from rules.policy.compiled import Rule, ValueRange
from rules.policy.extent import Span, merge, overlap, subtract
from rules.policy.vocabulary import Vocabulary


class Asked(msgspec.Struct, frozen=True):
    """One range of objects an operation asks for.

    ``values`` are what each point shall hold, as least and greatest of one or more ranges (several where writes are
    told together), None where the operation writes nothing or does not say, empty where it writes but it cannot be told which value is whose.
    """

    kind: str
    span: Span
    values: tuple[tuple[Value, ...], ...] | None


class Request(msgspec.Struct, frozen=True):
    """What an operation answers to and asks for. ``blind`` reports that it must name objects and did not, ``addressable``
    that its function can address what it names, ``mixed`` that only the last of its targets takes the values.
    """

    tokens: tuple[str, ...]
    asked: tuple[Asked, ...]
    blind: bool
    addressable: bool
    mixed: bool = False


def request_of(words: Vocabulary, operation: OperationFirst | Exchange) -> Request:
    """Return the request in an operation of the protocol that ``words`` are of."""
    tokens = words.tokens_of(operation.operation, operation.code)
    function = tokens[-1]
    if function in words.bare:
        return Request(tokens, (), False, True)
    reach = words.reach
    targets = [(target.kind, reach(target.kind, target.first, target.last)) for target in operation.targets]
    if not targets:
        return Request(tokens, (), function in words.needing, True)
    tables = words.tables.get(function)
    addressable = tables is None or all(kind in tables or kind == FURTHER for kind, _ in targets)
    mixed = function in words.writing_last
    read = len(targets) - 1 if mixed else 0
    values = _values(operation, [span for _, span in targets[read:]])
    asked = [Asked(kind, span, None) for kind, span in targets[:read]]
    asked += [Asked(kind, span, own) for (kind, span), own in zip(targets[read:], values, strict=True)]
    return Request(tokens, tuple(asked), False, addressable, mixed)


def _values(operation: OperationFirst | Exchange, spans: list[Span]) -> list[tuple[tuple[Value, ...], ...] | None]:
    """Return the values of each written span, in order."""
    if isinstance(operation, OperationFirst) or (not operation.values and operation.verb not in {"write", "control"}):
        return [None] * len(spans)
    counts = [last - first + 1 for first, last in spans]
    ranges = operation.ranges or _least_and_greatest(operation)
    if sum(counts) != len(operation.values) or len(ranges) != len(operation.values):
        return [()] * len(spans)
    reported = list(ranges)
    parts: list[tuple[tuple[Value, ...], ...] | None] = []
    for count in counts:
        parts.append(tuple(reported[:count]))
        del reported[:count]
    return parts


def _least_and_greatest(operation: Exchange) -> tuple[tuple[Value, ...], ...]:
    """Return the values of an exchange told alone; of one told with others by their least and greatest, as one range."""
    if "min" not in operation.detail:
        return tuple((value, value) for value in operation.values)
    return ((operation.detail["min"], operation.detail["max"]),)


def names(rule: Rule, request: Request) -> bool:
    """Whether a rule lists the function."""
    return rule.functions is None or not rule.functions.isdisjoint(request.tokens)


def within_objects(rule: Rule, asked: Asked) -> tuple[Span, ...]:
    """Return the part of a range that the objects of a rule hold, whatever its values."""
    return (asked.span,) if rule.objects is None else merge(overlap(asked.span, rule.objects.of(asked.kind)))


def covered(rule: Rule, asked: Asked) -> tuple[Span, ...]:
    """Return the part of a range that an allow covers, values included."""
    spans = within_objects(rule, asked)
    if rule.values is None or asked.values is None or not spans:
        return spans
    good: list[Span] = []
    for limit in rule.values:
        for first, last in overlap((limit.first, limit.last), spans):
            if limit.minimum is None:
                good.append((first, last))
            elif asked.values:
                start = asked.span[0]
                good += [(at, at) for at in range(first, last + 1) if _all_fit(limit, asked.values[at - start])]
    return merge(good)


def allows_alone(rule: Rule, request: Request) -> bool:
    """Whether one allow covers the whole request."""
    if not names(rule, request) or not request.addressable:
        return False
    if request.blind:
        return rule.objects is None
    return all(not subtract([asked.span], covered(rule, asked)) for asked in request.asked)


def contributes(rule: Rule, request: Request) -> bool:
    """Whether an allow covers at least one point of a request (or its function, where it asks for no point)."""
    if not names(rule, request) or not request.addressable:
        return False
    if request.blind:
        return rule.objects is None
    return not request.asked or any(covered(rule, asked) for asked in request.asked)


def left_over(rules: list[Rule], request: Request) -> tuple[tuple[str, Span], ...]:
    """Return what of a request no rule of a list covers, as (kind, span). The rules are those that contribute."""
    left: list[tuple[str, Span]] = []
    for asked in request.asked:
        taken = [span for rule in rules for span in covered(rule, asked)]
        left += [(asked.kind, span) for span in subtract([asked.span], taken)]
    return tuple(left)


def denies(rule: Rule, request: Request) -> bool:
    """Whether a deny matches at least one point of a request.

    Values that cannot be assigned to points count as denied; an operation that says no values is not in a range of values.
    """
    if not names(rule, request):
        return False
    if not request.asked:
        return rule.values is None and (rule.objects is None or not request.blind)
    return any(_denied(rule, asked) for asked in request.asked)


def _denied(rule: Rule, asked: Asked) -> bool:
    spans = (asked.span,) if asked.kind == FURTHER else within_objects(rule, asked)
    if rule.values is None:
        return bool(spans)
    for limit in rule.values:
        for first, last in overlap((limit.first, limit.last), spans):
            if limit.minimum is None or asked.values == ():
                return True
            start = asked.span[0]
            if asked.values and any(_one_fits(limit, asked.values[at - start]) for at in range(first, last + 1)):
                return True
    return False


def is_valued(rule: Rule, request: Request) -> bool:
    """Whether the answer of a rule depends on the values written."""
    return rule.values is not None and bool(request.asked) and names(rule, request)


def _fits(limit: ValueRange, value: Value) -> bool:
    if limit.minimum is None or limit.maximum is None:
        return True
    return isinstance(value, (int, float)) and limit.minimum <= value <= limit.maximum


def _all_fit(limit: ValueRange, values: tuple[Value, ...]) -> bool:
    return all(_fits(limit, value) for value in values)


def _one_fits(limit: ValueRange, values: tuple[Value, ...]) -> bool:
    return any(_meets(limit, low, high) for low, high in zip(values[::2], values[1::2], strict=True))


def _meets(limit: ValueRange, low: Value, high: Value) -> bool:
    """Whether a limit and the range of values from ``low`` to ``high`` have a value in common."""
    if limit.minimum is None or limit.maximum is None:
        return True
    if isinstance(low, str) or isinstance(high, str):
        return False
    return low <= limit.maximum and high >= limit.minimum
