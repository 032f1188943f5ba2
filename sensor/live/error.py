"""The one error of watching: something about an interface, a privilege or a worker process, with what to do about it."""

from __future__ import annotations


class LiveError(Exception):
    """Watching cannot begin or go on; the message is one sentence with the fix."""
