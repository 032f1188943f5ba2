"""Program blocks on their way: which block, how many bytes, which digest.

A download is followed by the name of its block, an upload by its id. Bounds: MAX_TRANSFERS at once per connection; the
oldest goes first and is counted. Compiled with mypyc.
"""

from __future__ import annotations

import hashlib
from typing import Final, final

from mypy_extensions import i64

from dissectors.base.message import REQUEST, Message
from dissectors.facts import Target, Value
from dissectors.iso.cotp import u16
from dissectors.s7.parse import ANSWER_HEADER, HEADER
from dissectors.s7.table import DOWNLOAD_BLOCK, DOWNLOAD_ENDED, END_UPLOAD, START_UPLOAD, UPLOAD

MAX_TRANSFERS: Final = 32
PART_HEADER: Final = 4
"""Length and a constant word before the bytes of a block."""


@final
class Transfer:
    """A block on its way."""

    def __init__(self, target: Target | None) -> None:
        self.target = target
        self.byte_count: i64 = 0
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, part: bytes) -> None:
        """Take the next part of the block."""
        self.byte_count += i64(len(part))
        self._digest.update(part)

    def detail(self) -> dict[str, Value]:
        """Return size and digest of what passed."""
        return {"bytes": int(self.byte_count), "digest": self._digest.hexdigest()}


@final
class Transfers:
    """The running transfers of one connection."""

    def __init__(self) -> None:
        self.running: dict[str, Transfer] = {}
        self.evicted: i64 = 0

    def follow(self, message: Message, data: bytes, start: i64, end: i64) -> None:
        """Take a job of a block transfer or its answer; report block, size and digest in ``message`` where known."""
        tag = f"#{int(message.tag)}"
        asks = message.kind == REQUEST
        header: i64 = HEADER if asks else ANSWER_HEADER
        if start + header >= end:
            return
        code: i64 = i64(data[start + header])
        if not asks:
            self._answered(message, code, tag, data, start + header + u16(data, start + 6), end)
        elif code == START_UPLOAD:
            self._keep(tag, Transfer(message.targets[0] if message.targets else None))
        elif code == UPLOAD or code == END_UPLOAD:
            self._upload(message, code, tag)
        elif code == DOWNLOAD_BLOCK or code == DOWNLOAD_ENDED:
            self._download(message, code, tag)

    def take_evicted(self) -> i64:
        """Return how many transfers were given up for others since the last call."""
        evicted = self.evicted
        self.evicted = 0
        return evicted

    def _answered(self, message: Message, code: i64, tag: str, data: bytes, middle: i64, end: i64) -> None:
        transfer = self.running.pop(tag, None)
        if transfer is None or message.error:
            return
        if code == START_UPLOAD:
            self._keep(f"up {message.detail.get('transfer', 0)}", Transfer(transfer.target))
        elif (code == UPLOAD or code == DOWNLOAD_BLOCK) and middle + PART_HEADER <= end:
            first: i64 = middle + PART_HEADER
            transfer.add(data[first : min(end, first + u16(data, middle))])

    def _upload(self, message: Message, code: i64, tag: str) -> None:
        key = f"up {message.detail.get('transfer', 0)}"
        transfer = self.running.get(key)
        if transfer is None:
            return
        if transfer.target is not None:
            message.targets = [transfer.target]
        if code == UPLOAD:
            self._keep(tag, transfer)
        else:
            message.detail.update(transfer.detail())
            del self.running[key]

    def _download(self, message: Message, code: i64, tag: str) -> None:
        if not message.targets:
            return
        target = message.targets[0]
        key = f"down {target.kind} {target.first}"
        transfer = self.running.get(key)
        if code == DOWNLOAD_BLOCK:
            if transfer is None:
                transfer = Transfer(target)
                self._keep(key, transfer)
            self._keep(tag, transfer)
        elif transfer is not None:
            message.detail.update(transfer.detail())
            del self.running[key]

    def _keep(self, key: str, transfer: Transfer) -> None:
        self.running.pop(key, None)
        if i64(len(self.running)) >= MAX_TRANSFERS:
            for oldest in self.running:
                del self.running[oldest]
                self.evicted += 1
                break
        self.running[key] = transfer
