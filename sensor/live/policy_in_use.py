"""The policy that judges now, and how another one takes its place between two facts.

Everybody who asks a policy holds this object, so a new version is judged by from the next fact on, everywhere at once. A
version that cannot be used changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path

from dissectors.facts import ChannelOpened, Exchange, OperationFirst
from rules.policy import Judge, Limit, Maintenance, Policy, PolicyError, Verdict, load

SECOND = 1_000_000_000


class PolicyRefused(Exception):  # noqa: N818  # it is not an error of the program
    """A policy file cannot be used; the message says where and why."""


def read_policy(path: Path) -> Policy:
    """Return the policy in a file. Raises ``PolicyRefused`` with file, line and fix."""
    try:
        return load(path)
    except OSError as error:
        raise PolicyRefused(f"{path}: the policy cannot be read ({error.strerror or error}). Check --policy") from error
    except PolicyError as error:
        raise PolicyRefused(str(error)) from error


def name_of(policy: Policy) -> str:
    """Return a policy as operators know it: id, version and digest."""
    return f"{policy.id} version {policy.version} ({policy.sha256[:12]})"


class PolicyInUse:
    """A judge whose policy can change. The same questions as ``rules.policy.Judge``, answered by the newest one."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._judge = Judge([policy], early=True)

    def replace(self, policy: Policy, judge: Judge | None = None) -> None:
        """Judge by ``policy`` from now on; ``judge`` is a new one of this policy, where one was made already."""
        self._judge = judge or Judge([policy], early=True)
        self.policy = policy

    def review_is_over(self, now: int) -> bool:
        """Return whether the day by which the policy had to be reviewed is over at packet time ``now`` (ns, UTC)."""
        day = self.policy.document.metadata.review_by
        if day is None:
            return False
        return now // SECOND > int(datetime.combine(day, time.max, UTC).timestamp())

    def judge_channel(self, channel: ChannelOpened, at: int | None = None) -> Verdict | None:
        """Return whether this pair may talk this protocol at all."""
        return self._judge.judge_channel(channel, at)

    def judge_operation(self, channel: ChannelOpened, operation: OperationFirst | Exchange) -> Verdict | None:
        """Return whether this operation may be, at the time of its request."""
        return self._judge.judge_operation(channel, operation)

    def requires(self, channel: ChannelOpened, operation: OperationFirst | Exchange) -> tuple[str, ...]:
        """Return what the rule that allows an operation asks for besides."""
        return self._judge.requires(channel, operation)

    def limit_of(self, channel: ChannelOpened) -> Sequence[Limit]:
        """Return the rate limits of the live rules for this channel."""
        return self._judge.limit_of(channel)

    def maintenance(self, zone: str, at: int) -> Maintenance | None:
        """Return the maintenance window of a zone open at a packet time."""
        return self._judge.maintenance(zone, at)
