"""The policy as a file that nobody checked.

Invariant: bytes are a policy or a ``PolicyError`` that names at least one problem in the file; nothing else is raised. The
same bytes give the same answer, and a policy that loads can judge.
"""

from __future__ import annotations

from dissectors.facts import ChannelOpened, Endpoint
from rules.policy import Judge, Policy, PolicyError
from rules.policy.load import load_bytes
from tests.build import made
from tests.fuzz.target import Target
from tests.repository import ROOT

FILES = ("pcaps/policy.yaml", "tests/rules/policy/example.yaml")
BLOCK = 24
"""Lines of a part: a seed of single lines would be cut up before it is changed inside."""
CHANNEL = made(
    ChannelOpened,
    client=Endpoint("10.20.2.11", "00:1b:1b:aa:00:11", 40_000),
    server=Endpoint("10.20.1.21", "00:80:f4:01:02:21", 502),
)


def answer(data: bytes) -> Policy | str:
    """Return the policy, or what is wrong with it."""
    try:
        return load_bytes(data, "policy.yaml")
    except PolicyError as found:
        problems, text = found.problems, str(found)
    assert problems
    assert all(problem.file == "policy.yaml" and problem.line >= 0 and problem.text for problem in problems)
    return text


def check(data: bytes) -> None:
    """Load twice; judge with what loads."""
    found = answer(data)
    again = answer(data)
    if isinstance(found, str):
        assert found == again
        return
    assert isinstance(again, Policy)
    assert Judge([found], early=True).judge_channel(CHANNEL) == Judge([again], early=True).judge_channel(CHANNEL)


def seeds() -> list[list[bytes]]:
    """The policies of the repository, as stretches of lines and as lines."""
    found: list[list[bytes]] = []
    for file in FILES:
        lines = (ROOT / file).read_bytes().splitlines(keepends=True)
        found.append([b"".join(lines[at : at + BLOCK]) for at in range(0, len(lines), BLOCK)])
        found.append(lines)
    return found


TARGETS = (Target("policy", check, seeds, b"".join),)
