"""From a context to words: how stations, points, values and outcomes are called in an explanation.

Text from the wire is cut to CUT characters; values are the first SHOWN ones with the number of the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from dissectors.context import AssetView, Context
from dissectors.facts import ChannelOpened, Endpoint, Exchange, Health, OperationFirst, Target, Value, Violation
from dissectors.registry import BY_NAME, PROTOCOLS
from rules.detections.explanation import Words
from rules.detections.windows import SECOND

CHANGING: Final = ("write", "control", "program", "firmware", "start_stop", "file", "time")
"""Verbs that change a device."""
CUT: Final = 200
SHOWN: Final = 8

VERDICTS: Final = {
    "allow": "allowed",
    "deny": "denied by a rule",
    "default-deny": "not allowed (default deny)",
    "exception": "allowed by an exception",
    "identity-mismatch": "identity mismatch",
    "unparsed": "content not readable",
}


VISIBILITIES: Final = {
    "gaps": "not complete (bytes are missing)",
    "midstream": "not complete (it began before the capture)",
    "one_sided": "not complete (only one side is seen)",
}
"""How much was seen, where it was not everything."""
STANDARDS: Final = {protocol.name: protocol.standard for protocol in PROTOCOLS}
FROM_SERVER: Final = {protocol.name: protocol.from_server for protocol in PROTOCOLS}
"""Operations that the server starts, by protocol."""
FUNCTIONS: Final = {
    protocol.name: {function.code: function.name for function in protocol.functions}
    for protocol in PROTOCOLS
    if protocol.numbered is not None
}
"""The names of functions that a policy names by number, by protocol."""


def clause_text(protocol: str, clause: str) -> str:
    """Return a clause with the standard that it is of."""
    standard = STANDARDS.get(protocol, "")
    return f"{standard}{clause}" if clause[:1].isdigit() or (clause[:1] == "V" and clause[1:2].isdigit()) else clause


def _function_names(protocol: str, codes: str) -> str:
    """Return functions by number as "write_single_register (6)"; anything else as it is."""
    known = FUNCTIONS.get(protocol, {})
    parts = codes.split(", ")
    if not known or not all(code in known for code in parts):
        return codes
    ordered = sorted(parts, key=lambda code: [int(part) for part in code.split("/")])
    return ", ".join(f"{known[code]} ({code})" for code in ordered)


def instant(time: int) -> str:
    """Return a packet time as UTC text with milliseconds."""
    whole, rest = divmod(time, SECOND)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 1_000_000:03d}Z"


def asset_name(asset: AssetView) -> str:
    """Return "name (address)" or what there is of it."""
    address = asset.ip or asset.mac
    if asset.name and asset.name != address:
        return f"{asset.name} ({address})" if address else asset.name
    return address or asset.id


def station(asset: AssetView | None, endpoint: Endpoint) -> str:
    """Return what a station is called: by the inventory, else by its address."""
    if asset is not None:
        return asset_name(asset)
    return endpoint.ip or endpoint.mac or "a station without an address"


def client_id(context: Context) -> str:
    """Return the asset id of the client, or its address, or ""."""
    if context.client is not None:
        return context.client.id
    return (context.channel.client.ip or context.channel.client.mac) if context.channel else ""


def server_id(context: Context) -> str:
    """Return the asset id of the server, or its address, or ""."""
    if context.server is not None:
        return context.server.id
    return (context.channel.server.ip or context.channel.server.mac) if context.channel else ""


def host_id(context: Context) -> str:
    """Return the asset id of whose address the server answers at: of the gateway where it is a device behind one."""
    return context.server.host if context.server is not None and context.server.host else server_id(context)


def is_refused(context: Context, fact: Exchange) -> bool:
    """Return whether the server refused a request, by an error that does not leave open that it was carried out."""
    protocol = BY_NAME.get(context.channel.protocol) if context.channel is not None else None
    return fact.outcome == "failure" and not (protocol is not None and fact.error in protocol.undecided)


OUTCOMES: Final = {
    "unanswered": "not answered",
    "unseen": "no answer seen before the capture ended or lost bytes",
    "one_way": "sent; it asks for no answer",
    "late": "answered late",
}


def target_text(targets: Sequence[Target]) -> str:
    """Return the objects as text, e.g. "holding_register 100-101"."""
    parts = [
        target.kind
        if target.first < 0
        else f"{target.kind} {target.first}"
        if target.first == target.last
        else f"{target.kind} {target.first}-{target.last}"
        for target in targets[:SHOWN]
    ]
    if len(targets) > SHOWN:
        parts.append(f"and {len(targets) - SHOWN} more")
    return ", ".join(parts)[:CUT]


def value_text(values: Sequence[Value]) -> str:
    """Return the values as text, or "no value"."""
    if not values:
        return "no value"
    shown = ", ".join(str(value)[:40] for value in values[:SHOWN])
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return f"{'value' if len(values) == 1 else 'values'} {shown}{more}"[:CUT]


def range_text(ranges: Sequence[Sequence[Value]]) -> str:
    """Return as text what each point was written to by exchanges told together, "" for one told alone."""
    if not ranges or not ranges[0]:
        return ""
    shown = []
    for one in ranges[:SHOWN]:
        pairs = zip(one[::2], one[1::2], strict=True)
        shown.append(" or ".join(str(low)[:40] if low == high else f"{low} to {high}" for low, high in pairs))
    more = f" and {len(ranges) - SHOWN} more" if len(ranges) > SHOWN else ""
    return f"values {', '.join(shown)}{more}"[:CUT]


def _points(targets: Sequence[Target]) -> int:
    return sum(target.last - target.first + 1 if target.first >= 0 else 1 for target in targets)


def _operation_words(words: Words, fact: Exchange | OperationFirst) -> None:
    words["operation"] = fact.operation
    words["operation_and_values"] = fact.operation
    words["code"] = fact.code
    words["verb"] = fact.verb
    secret = fact.verb == "auth"
    count = _points(fact.targets)
    words["targets"] = target_text(fact.targets) or "no object"
    words["on"] = f" on {words['targets']}" if fact.targets else ""
    words["points"] = f"{count} point{'' if count == 1 else 's'}"
    words["outcome"] = "success"
    words["error"] = ""
    words["values"] = "no value"
    if isinstance(fact, Exchange):
        words["outcome"] = OUTCOMES.get(fact.outcome, fact.outcome)
        words["error"] = f" ({fact.error}, 0x{fact.error_code:02x})" if fact.error else ""
        words["values"] = "values withheld" if secret else range_text(fact.ranges) or value_text(fact.values)
        words["answers"] = "values withheld" if secret else value_text(fact.answers)
        if fact.verb in CHANGING:
            held = f" with {words['values']}" if fact.values else ""
            words["operation_and_values"] = (
                f"{fact.operation} (code {fact.code}){words['on']}{held}: {words['outcome']}{words['error']}"
            )


def _policy_words(words: Words, context: Context) -> None:
    verdict = context.verdict
    words["client_zone"] = (context.client.zone if context.client else "") or "no zone"
    words["server_zone"] = (context.server.zone if context.server else "") or "no zone"
    if verdict is None:
        return
    words["client_zone"] = verdict.client_zone or words["client_zone"]
    words["server_zone"] = verdict.server_zone or words["server_zone"]
    words["verdict"] = VERDICTS.get(verdict.kind, verdict.kind)
    words["missing"] = f", missing: {verdict.missing}" if verdict.missing else ""
    words["rule"] = verdict.rule or "no rule"
    words["policy_reason"] = verdict.reason or "no reason given"
    words["policy_expected"] = verdict.expected or "what the policy names"
    words["policy_observed"] = verdict.observed or "something else"
    words["conduit"] = verdict.conduit or "no conduit"
    words["ticket"] = verdict.ticket or "no ticket"
    expected = verdict.expected
    if verdict.missing == "functions" and context.channel is not None:
        expected = _function_names(context.channel.protocol, expected)
    words["closest"] = (
        f"The closest allow rule is {verdict.closest}; it expects {expected or 'other traffic'}."
        if verdict.closest
        else f"No allow rule comes close; default deny. {verdict.expected}".strip()
    )


def context_words(context: Context) -> Words:
    """Return the words of a context that every explanation may use."""
    fact, channel = context.fact, context.channel
    source = fact.interface or "all frames read" if isinstance(fact, Health) else fact.source
    if source.startswith("#"):  # an interface of a capture that has no name
        source = f"interface {source[1:]}"
    words = Words(
        time=instant(fact.time),
        source=source,
        protocol="",
        operation="traffic",
        operation_and_values="traffic",
        code="",
        unit="",
    )
    visibility = getattr(fact, "visibility", "complete")
    words["visibility"] = VISIBILITIES.get(visibility, visibility)
    if channel is not None:
        words["client"] = station(context.client, channel.client)
        words["server"] = station(context.server, channel.server)
        words["speaker"], words["listener"] = words["client"], words["server"]
        behind = context.server is not None and context.server.host
        words["host"] = (channel.server.ip or channel.server.mac) if behind else words["server"]
        words["unit"] = channel.unit
        words["unit_text"] = f" unit {channel.unit}" if channel.unit else ""
        words["protocol"] = channel.protocol or f"{channel.transport}/{channel.server.port}"
        words["transport"] = channel.transport
        words["port"] = channel.server.port
        words["state"] = channel.state
        words["operation"] = words["operation_and_values"] = f"conversation ({channel.state})"
    if isinstance(fact, Exchange | OperationFirst):
        _operation_words(words, fact)
    elif isinstance(fact, ChannelOpened):
        words["state"] = fact.state
    elif isinstance(fact, Violation):
        words["protocol"] = fact.protocol
        words["violation"] = fact.name
        words["at"] = fact.at
        words["clause"] = clause_text(fact.protocol, fact.clause) or f"the {fact.protocol} message format"
        words["text"] = fact.text[:CUT] or f"The message is a case of {fact.name}"
        words["sender"] = words["client"] if fact.from_client else words["server"]
        words["operation"] = f"violation {fact.name}"
    _policy_words(words, context)
    words["speaker_zone"], words["listener_zone"] = words["client_zone"], words["server_zone"]
    if isinstance(fact, Exchange | OperationFirst) and channel is not None:
        if fact.operation in FROM_SERVER.get(channel.protocol, ()):
            words["speaker"], words["listener"] = words["server"], words["client"]
            words["speaker_zone"], words["listener_zone"] = words["server_zone"], words["client_zone"]
    return words
