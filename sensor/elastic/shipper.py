"""The loop's one step: take what is most important from the spool, send it, and settle every document by its answer.

A document leaves the spool only after it has arrived, was written to the dead letters, or was counted as dropped; the
counters are kept in the same transaction. Whatever happens in between, it is sent again, and its id makes that safe.
One line is reported for each change of state, none for each retry.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from sensor.documents.moment import moment
from sensor.elastic.backoff import Backoff, Pace
from sensor.elastic.bulk import Sender
from sensor.elastic.classify import Action, Answer, sentence
from sensor.elastic.dead_letter import DeadLetters
from sensor.elastic.tally import read_tally
from sensor.store import Store, Waiting

POLL_SECONDS: Final = 0.5
"""Between two looks into an empty spool; new documents gather meanwhile."""
PROBE_SECONDS: Final = 120.0
"""Between two attempts while something must be repaired."""
MAX_CULPRITS: Final = 3
"""Documents set aside one after the other, without any success in between, before the cluster is blamed instead."""
MAX_REPORTED: Final = 100

DONE: Final = {
    Action.STORED: "acked",
    Action.REJECTED: "acked",
    Action.DUPLICATE: "duplicates",
    Action.DEAD: "dead_letter",
    Action.OUTDATED: "outdated",
}
"""Actions after which a document leaves the spool, and what is counted."""


class Step(msgspec.Struct, frozen=True):
    """What one step did: whether documents left the spool, and how long to wait before the next one.

    ``state`` is "fine", "trouble" (not reached or busy) or "paused" (something must be repaired); ``idle`` that nothing waits.
    """

    progress: bool
    wait: float
    state: str
    idle: bool = False


class Shipper:
    """Ships the spool of ``store``. ``clock`` gives seconds since 1970; ``report`` takes one line."""

    def __init__(
        self,
        store: Store,
        sender: Sender,
        letters: DeadLetters,
        backoff: Backoff,
        report: Callable[[str], None],
        clock: Callable[[], float] = time.time,
        pace: Pace | None = None,
    ) -> None:
        self._store = store
        self._sender = sender
        self._letters = letters
        self._backoff = backoff
        self._report = report
        self._clock = clock
        self._paused: dict[str, float] = {}
        self._all_until = 0.0
        self._culprits = 0
        self._reported: set[tuple[str, str]] = set()
        self._state = "fine"
        self._causes: set[tuple[str, str]] = set()
        self.pace = pace or Pace()
        kept = read_tally(store)
        self.tally = msgspec.structs.replace(kept, paused=False, trouble=False, reason="", since=0.0)
        if kept != self.tally:
            # What was wrong in the last run is not known to be wrong now.
            store.note(*self.tally.row)

    def retry_now(self) -> None:
        """Forget every pause: the next step tries everything."""
        self._paused.clear()
        self._all_until = 0.0
        self._backoff.reset()

    def step(self) -> Step:
        """Send at most one batch. Raises ``StoreError`` when the store cannot be used."""
        now = self._clock()
        if now < self._all_until:
            return Step(False, self._all_until - now, "paused")
        self._paused = {stream: until for stream, until in self._paused.items() if now < until}
        batch = self._store.spool.batch(self.pace.documents, self.pace.byte_count, self._paused)
        if not batch:
            if self._paused:
                return Step(False, min(POLL_SECONDS, min(self._paused.values()) - now), "paused")
            return Step(False, POLL_SECONDS, self._state, idle=True)
        before = self._settled()
        stopped = self._deliver(batch)
        progress = self._settled() > before
        if progress:
            self._backoff.reset()
        if stopped is None:
            self.pace.faster()
            if not self._paused:
                self._become("fine", "")
            # Wait for more unless there is more already.
            return Step(progress, 0.0, self._state)
        if stopped.action is Action.RETRY:
            self._become("trouble", sentence(stopped), str(stopped.status))
            return Step(progress, self._backoff.wait(), "trouble")
        if self._all_until > now:
            return Step(progress, PROBE_SECONDS, "paused")
        return Step(progress, 0.0, "paused")

    def _settled(self) -> int:
        tally = self.tally
        return tally.acked + tally.duplicates + tally.dead_letter + tally.outdated + tally.dropped

    def _deliver(self, batch: Sequence[Waiting]) -> Answer | None:
        """Send a batch, in parts where it is refused as a whole; return the answer that keeps documents waiting."""
        created = moment(int(self._clock() * 1_000_000_000))
        answers = self._sender.send(batch, created)
        split = next((answer for answer in answers if answer.action is Action.SPLIT), None)
        if split is None:
            return self._take(batch, answers, created)
        if split.status == 413:
            self.pace.smaller(sum(len(document.body) for document in batch))
        if len(batch) > 1:
            middle = len(batch) // 2
            return self._deliver(batch[:middle]) or self._deliver(batch[middle:])
        self._culprits += 1
        if self._culprits > MAX_CULPRITS:
            # Not one document is at fault but the request: nothing may be set aside for that.
            return self._take(batch, [msgspec.structs.replace(split, action=Action.PAUSE, whole=True)], created)
        return self._take(batch, [msgspec.structs.replace(split, action=Action.DEAD)], created)

    def _take(self, batch: Sequence[Waiting], answers: Sequence[Answer], created: str) -> Answer | None:
        """Settle what is done and note what is not; return the worst answer that keeps a document waiting."""
        pairs = list(zip(batch, answers, strict=True))
        retried = [answer for answer in answers if answer.action is Action.RETRY]
        paused = [(document, answer) for document, answer in pairs if answer.action is Action.PAUSE]
        failed = self._settle(pairs, created, len(retried))
        if any(answer.action in {Action.STORED, Action.REJECTED, Action.DUPLICATE} for answer in answers):
            self._culprits = 0
        for document, answer in paused:
            self._pause(document.stream, answer)
        if retried:
            self.pace.slower(len(batch))
            return retried[0]
        if failed is not None:
            return failed
        return paused[0][1] if paused else None

    def _settle(self, pairs: Sequence[tuple[Waiting, Answer]], created: str, retried: int) -> Answer | None:
        """Write dead letters, then take what is done out of the spool; return a RETRY when letters cannot be written."""
        counts = {"retried": retried}
        failed: Answer | None = None
        dead = [(document, answer) for document, answer in pairs if answer.action is Action.DEAD]
        if dead:
            try:
                kept = self._letters.add(dead, created)
            except OSError as error:
                failed = Answer(
                    Action.RETRY, reason=f"{self._letters.path}: cannot be written ({error.strerror or error})"
                )
                pairs = [pair for pair in pairs if pair[1].action is not Action.DEAD]
            else:
                counts["dropped"] = len(dead) - kept
                counts["dead_letter"] = -counts["dropped"]
        places = []
        for document, answer in pairs:
            name = DONE.get(answer.action)
            if name is None:
                continue
            places.append(document.place)
            counts[name] = counts.get(name, 0) + 1
            if answer.action is Action.REJECTED:
                counts["failure_store"] = counts.get("failure_store", 0) + 1
            if answer.action in {Action.REJECTED, Action.DEAD}:
                self._mention(document, answer)
        changed = {name: getattr(self.tally, name) + count for name, count in counts.items()}
        tally = msgspec.structs.replace(self.tally, **changed)
        if places:
            tally = msgspec.structs.replace(tally, last_success=self._clock())
            self._store.spool.settle(places, dict([tally.row]))
        self.tally = tally
        return failed

    def _mention(self, document: Waiting, answer: Answer) -> None:
        """Report the first document of a stream that is refused for a reason of this kind."""
        key = (document.stream, f"{answer.action.value} {answer.status} {answer.kind}")
        if key in self._reported or len(self._reported) >= MAX_REPORTED:
            return
        self._reported.add(key)
        if answer.action is Action.REJECTED:
            self._report(f"{document.stream}: document {document.id} is in the failure store; its mapping does not fit")
        else:
            self._report(
                f"{document.stream}: document {document.id} was refused ({sentence(answer)}); "
                f"it and the like go to {self._letters.path}"
            )

    def _pause(self, stream: str, answer: Answer) -> None:
        until = self._clock() + PROBE_SECONDS
        if answer.whole:
            self._all_until = until
            self.pace.probe()
            self._become("paused", sentence(answer), str(answer.status))
            return
        self._paused[stream] = until
        self._become("paused", f"{stream}: {sentence(answer)}", f"{stream} {answer.status}")

    def _become(self, state: str, reason: str, cause: str = "") -> None:
        """Report and keep a change of state; the same trouble again, before all is well, is not reported."""
        if state == self._state and (state == "fine" or (state, cause) in self._causes):
            return
        is_new = (state, cause) not in self._causes
        self._state = state
        self._causes = (
            self._causes | {(state, cause)} if state != "fine" and len(self._causes) < MAX_REPORTED else set()
        )
        self.tally = msgspec.structs.replace(
            self.tally,
            paused=state == "paused",
            trouble=state == "trouble",
            reason=reason,
            since=self._clock() if state != "fine" else 0.0,
        )
        self._store.note(*self.tally.row)
        if not is_new:
            return
        if state == "fine":
            self._report("Elasticsearch takes documents again")
        elif state == "trouble":
            self._report(f"Elasticsearch does not take documents: {reason}. They wait in the store; trying again")
        else:
            self._report(
                f"sending is paused: {reason}. Documents wait in the store; trying every {PROBE_SECONDS:.0f} s"
            )
