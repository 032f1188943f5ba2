"""Watching the wire: rings, worker processes, and the supervisor that merges what they report."""
