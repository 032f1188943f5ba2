"""E15, E17: are protocol, functions, objects, ports and values of a rule stated in a way that can match?"""

from __future__ import annotations

from collections.abc import Mapping

from rules.policy.clause import Clause
from rules.policy.document import Document
from rules.policy.extent import ALL, REGISTER_LAST, Span, parse_range, subtract, write_span
from rules.policy.finding import Findings
from rules.policy.function import DISSECTED, expand
from rules.policy.source import Path


def check_dimensions(document: Document, findings: Findings, path: Path, where: str, clause: Clause) -> None:
    """Note every dimension of ``clause`` that is missing, contradicts the protocol, or says nothing of a point."""
    if clause.protocol in DISSECTED:
        _dissected(document, findings, path, where, clause)
    else:
        _undissected(findings, path, where, clause)
    if "select_before_operate" in clause.require and clause.protocol != "dnp3":
        text = f"select_before_operate is a DNP3 requirement, the protocol is {clause.protocol}; remove it"
        findings.add("E17", (*path, "require"), where, text)


def _dissected(document: Document, findings: Findings, path: Path, where: str, clause: Clause) -> None:
    protocol = clause.protocol
    for key, said in (("functions", clause.functions), ("objects", clause.objects)):
        if said == "opaque":
            text = f"{key} cannot be opaque, {protocol} is dissected; list the {key} or write any"
            findings.add("E17", (*path, key), where, text)
    if not isinstance(clause.functions, str):
        for number, function in enumerate(clause.functions):
            try:
                expand(protocol, (function,))
            except ValueError as error:
                findings.add("E15", (*path, "functions", number), where, str(error))
    if not isinstance(clause.objects, str):
        for number, name in enumerate(clause.objects):
            points = document.point_sets.get(name)
            if points is not None and points.protocol != protocol:
                text = f"point set '{name}' is for {points.protocol}, the rule for {protocol}; use one for {protocol}"
                findings.add("E01", (*path, "objects", number), where, text)
    if isinstance(clause.values, dict):
        _values(document, findings, path, where, clause, clause.values)


def _undissected(findings: Findings, path: Path, where: str, clause: Clause) -> None:
    protocol = clause.protocol
    for key, said in (("functions", clause.functions), ("objects", clause.objects)):
        if protocol == "any" and said != "any":
            text = f"protocol any has no {key} of its own; write {key}: any or name the protocol"
            findings.add("E17", (*path, key), where, text)
        elif not isinstance(said, str):
            text = f"{key} of {protocol} cannot be listed, it is not dissected; write {key}: opaque, and ports"
            findings.add("E17", (*path, key), where, text)
    if isinstance(clause.values, dict):
        findings.add("E17", (*path, "values"), where, f"values of {protocol} are not dissected; write values: any")
    encrypted = "opaque" in (clause.functions, clause.objects)
    if clause.ports is None and (encrypted or (clause.action_allows and protocol != "any")):
        text = (
            f"dimension 'ports' is missing, which {protocol} needs as its content is not checked; add ports: [number]"
        )
        findings.add("E17", path, where, text)


def _values(
    document: Document, findings: Findings, path: Path, where: str, clause: Clause, values: Mapping[str, object]
) -> None:
    if clause.protocol not in {"modbus", "dnp3"}:
        text = f"values of {clause.protocol} cannot be limited, only those of modbus and dnp3; write values: any"
        findings.add("E17", (*path, "values"), where, text)
        return
    listed = [parse_range(text, ALL[1]) for text in values]
    for number, one in enumerate(listed):
        if any(one[0] <= other[1] and other[0] <= one[1] for other in listed[:number]):
            text = f"point {list(values)[number]} is already in another key; state each point once"
            findings.add("E17", (*path, "values", list(values)[number]), where, text)
    if not clause.action_allows or isinstance(clause.objects, str):
        return
    for name in clause.objects:
        points = document.point_sets.get(name)
        if points is None or points.protocol != clause.protocol:
            continue
        ranges: list[Span] = [parse_range(text, ALL[1]) for text in points.ranges + points.indexes] or [ALL]
        left = subtract(ranges, listed)
        if left:
            shown = "every other index" if left[0][1] > REGISTER_LAST else write_span("point", left[0])
            text = f"values say nothing of {shown} of {name}; add a range or any for it"
            findings.add("E17", (*path, "values"), where, text)
