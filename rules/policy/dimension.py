"""E15, E17: are protocol, functions, objects, ports and values of a rule stated in a way that can match?"""

from __future__ import annotations

from collections.abc import Mapping

from rules.policy.clause import Clause
from rules.policy.document import Document
from rules.policy.extent import ALL, parse_range, subtract, written
from rules.policy.finding import Findings
from rules.policy.source import Path
from rules.policy.vocabulary import NEVER_JUDGED, REQUIREMENTS, VOCABULARIES, Vocabulary, words_of

TRANSPORTS = frozenset({"tcp", "udp"})


def check_dimensions(document: Document, findings: Findings, path: Path, where: str, clause: Clause) -> None:
    """Note every dimension of ``clause`` that is missing, contradicts the protocol, or says nothing of a point."""
    words = words_of(clause.protocol)
    if clause.protocol == NEVER_JUDGED:
        findings.add("E17", (*path, "protocol"), where, f"{NEVER_JUDGED} is never judged; remove the rule")
    _ends(document, findings, path, where, clause, words)
    if words.dissected:
        _dissected(document, findings, path, where, clause, words)
    else:
        _undissected(findings, path, where, clause, words)
    for name in clause.require:
        if REQUIREMENTS[name] is not words:
            text = f"{name} is a requirement of {REQUIREMENTS[name].name}, the protocol is {clause.protocol}; remove it"
            findings.add("E17", (*path, "require"), where, text)


def _ends(document: Document, findings: Findings, path: Path, where: str, clause: Clause, words: Vocabulary) -> None:
    """Note ends that this protocol cannot have, and groups where none can stand."""
    protocol = clause.protocol
    if clause.from_.addresses:
        text = f"{clause.from_.addresses[0]} only receives; name who sends to it: an asset, a zone or a mac"
        findings.add("E17", (*path, "from", "group"), where, text)
    if clause.to.mac is not None:
        findings.add(
            "E17", (*path, "to", "mac"), where, "a mac can only be a publisher; name the asset that is reached"
        )
    if clause.from_.mac is not None and not clause.publishes:
        text = "a mac can only be the publisher of messages to a group; name an asset, or write the group in 'to'"
        findings.add("E17", (*path, "from", "mac"), where, text)
    if clause.publishes and protocol == "any":
        text = "protocol any to a group would judge every announcement; name the protocol that is sent to it"
        findings.add("E17", (*path, "protocol"), where, text)
    elif clause.publishes and not words.reaches_groups:
        text = f"{protocol} runs over TCP, which reaches no group; name the asset that is reached"
        findings.add("E17", (*path, "to", "group"), where, text)
    if words.link and clause.ports is not None:
        findings.add("E17", (*path, "ports"), where, f"{protocol} stands below IP and has no ports; remove them")
    for key, ends in (("from", clause.from_), ("to", clause.to)):
        asset = document.assets.get(ends.asset or "")
        if asset is not None and asset.ip is None and not words.link and protocol != "any":
            text = f"asset '{ends.asset}' has no ip, and {protocol} runs over IP; add the ip of the asset"
            findings.add("E17", (*path, key, "asset"), where, text)


def _dissected(
    document: Document, findings: Findings, path: Path, where: str, clause: Clause, words: Vocabulary
) -> None:
    protocol = clause.protocol
    for key, said in (("functions", clause.functions), ("objects", clause.objects)):
        if said == "opaque":
            text = f"{key} cannot be opaque, {protocol} is dissected; list the {key} or write any"
            findings.add("E17", (*path, key), where, text)
    if not isinstance(clause.functions, str):
        for number, function in enumerate(clause.functions):
            try:
                words.expand(function)
            except ValueError as error:
                findings.add("E15", (*path, "functions", number), where, str(error))
    if not isinstance(clause.objects, str):
        for number, name in enumerate(clause.objects):
            points = document.point_sets.get(name)
            if points is not None and points.protocol != protocol:
                text = f"point set '{name}' is for {points.protocol}, the rule for {protocol}; use one for {protocol}"
                findings.add("E01", (*path, "objects", number), where, text)
    if isinstance(clause.values, dict):
        _values(document, findings, path, where, clause, clause.values, words)


def _undissected(findings: Findings, path: Path, where: str, clause: Clause, words: Vocabulary) -> None:
    protocol = clause.protocol
    for key, said in (("functions", clause.functions), ("objects", clause.objects)):
        if protocol == "any" and said != "any":
            text = f"protocol any has no {key} of its own; write {key}: any or name the protocol"
            findings.add("E17", (*path, key), where, text)
        elif not isinstance(said, str):
            more = "" if words.link else ", and ports"
            text = f"{key} of {protocol} cannot be listed, it is not dissected; write {key}: opaque{more}"
            findings.add("E17", (*path, key), where, text)
    if isinstance(clause.values, dict):
        findings.add("E17", (*path, "values"), where, f"values of {protocol} are not dissected; write values: any")
    encrypted = "opaque" in (clause.functions, clause.objects)
    if words.link or (clause.publishes and protocol not in TRANSPORTS):
        return
    if clause.ports is None and (encrypted or (clause.action_allows and protocol != "any")):
        text = (
            f"dimension 'ports' is missing, which {protocol} needs as its content is not checked; add ports: [number]"
        )
        findings.add("E17", path, where, text)


def _values(
    document: Document,
    findings: Findings,
    path: Path,
    where: str,
    clause: Clause,
    values: Mapping[str, object],
    words: Vocabulary,
) -> None:
    if not words.protocol.values:
        limited = " and ".join(name for name, one in VOCABULARIES.items() if one.protocol.values)
        text = f"values of {clause.protocol} cannot be limited, only those of {limited}; write values: any"
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
        left = subtract([span for _, span in words.spans(points.entries())], listed)
        if left:
            shown = "every other index" if left[0][1] == ALL[1] else f"point {written(left[0])}"
            text = f"values say nothing of {shown} of {name}; add a range or any for it"
            findings.add("E17", (*path, "values"), where, text)
