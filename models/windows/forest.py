"""An isolation forest as flat arrays: scored, explained and checked without scikit-learn.

Layout: the nodes of all trees one after the other; ``root`` holds the place of each tree's root. A leaf points to itself,
every child lies behind its parent, so a fixed number of steps reaches a leaf. ``path`` is the depth of a leaf plus the
mean depth c(n) that its n samples would have added (Liu, Ting, Zhou 2008).
"""

from __future__ import annotations

import math
from typing import Final

import msgspec
import numpy as np

from models.npz import Array

KEYS: Final = ("left", "right", "root", "feature", "threshold", "path")
DTYPES: Final = {"left": "<i4", "right": "<i4", "root": "<i4", "feature": "<i2", "threshold": "<f8", "path": "<f8"}
MAX_NODES: Final = 4_194_304
"""Nodes of one forest that is loaded."""
MAX_TREES: Final = 500
"""Trees of one forest that is loaded."""
CHUNK: Final = 512


class Forest(msgspec.Struct, frozen=True):
    """One forest grown on ``samples`` rows a tree over ``width`` features."""

    left: Array
    right: Array
    root: Array
    feature: Array
    threshold: Array
    path: Array
    samples: int
    width: int

    @property
    def steps(self) -> int:
        """Steps after which every leaf is reached."""
        return max(1, math.ceil(math.log2(max(2, self.samples))))

    def score(self, rows: Array) -> Array:
        """Return how odd each row is, the negative of scikit-learn's ``score_samples``: 0 to 1, high means odd."""
        rows = np.asarray(rows, dtype=np.float32)
        scores = np.empty(len(rows))
        for at in range(0, len(rows), CHUNK):
            part = rows[at : at + CHUNK]
            depth = self.path[self._leaves(part)].sum(axis=1)
            scores[at : at + CHUNK] = 2.0 ** (-depth / (len(self.root) * mean_path(self.samples)))
        return scores

    def _leaves(self, rows: Array) -> Array:
        # Flat arrays with indices of the machine's own width: twice as fast as looking up in two dimensions.
        values = rows.ravel()
        line = (np.arange(len(rows)) * rows.shape[1])[:, None]
        feature = self.feature.astype(np.intp)
        child = np.column_stack((self.right, self.left)).ravel().astype(np.intp)
        node = np.repeat(self.root[None, :].astype(np.intp), len(rows), axis=0)
        for _ in range(self.steps):
            goes_left = values.take(line + feature.take(node)) <= self.threshold.take(node)
            node = child.take(2 * node + goes_left)
        return node

    def blame(self, row: Array) -> Array:
        """Return the share of each feature in the shortness of the row's paths (like DIFFI: Carletti et al. 2023)."""
        row = np.asarray(row, dtype=np.float32)
        weights = np.zeros(self.width)
        node = self.root
        visited = []
        for _ in range(self.steps):
            inner = self.left[node] != node
            visited.append((inner, self.feature[node]))
            node = np.where(row[self.feature[node]] <= self.threshold[node], self.left[node], self.right[node])
        depth = np.sum([inner for inner, _ in visited], axis=0)
        gain = np.where(depth > 0, 1.0 / np.maximum(depth, 1) - 1.0 / (self.steps + 1), 0.0)
        for inner, feature in visited:
            np.add.at(weights, feature[inner], gain[inner])
        total = float(weights.sum())
        return weights / total if total > 0 else weights

    def problem(self) -> str:
        """Return what is wrong with the arrays, "" when they are sound. Never raises, whatever they hold."""
        nodes = len(self.left)
        trees = len(self.root)
        if not 1 <= nodes <= MAX_NODES or not 1 <= trees <= MAX_TREES:
            return "has no trees or too many nodes"
        if any(len(getattr(self, key)) != nodes for key in KEYS if key != "root"):
            return "has arrays of different lengths"
        if not (np.isfinite(self.threshold).all() and np.isfinite(self.path).all()):
            return "holds a number that is not finite"
        if (self.path < 0).any() or (self.path > 2 * MAX_NODES).any():
            return "holds a path length that cannot be"
        # Compared, not subtracted: the difference of two 32-bit numbers may not fit.
        if self.root[0] != 0 or (self.root[1:] <= self.root[:-1]).any() or self.root[-1] >= nodes:
            return "has roots out of order or out of range"
        if (self.feature < 0).any() or (self.feature >= self.width).any():
            return "splits on a feature that does not exist"
        return self._shape_problem(nodes)

    def _shape_problem(self, nodes: int) -> str:
        here = np.arange(nodes)
        end = np.append(self.root[1:], nodes)[np.searchsorted(self.root, here, side="right") - 1]
        leaf = (self.left == here) & (self.right == here)
        inside = (self.left > here) & (self.right > here) & (self.left < end) & (self.right < end)
        if not (leaf | inside).all():
            return "has a child outside its tree or before its parent"
        reached = np.asarray(self.root)
        for _ in range(self.steps):
            reached = np.unique(np.concatenate((self.left[reached], self.right[reached])))
        if not leaf[reached].all():
            return "has a leaf deeper than its samples allow"
        return ""


def mean_path(samples: int) -> float:
    """Return c(n), the mean depth of an unsuccessful search among ``samples``."""
    if samples <= 1:
        return 0.0
    if samples == 2:
        return 1.0
    return 2.0 * (math.log(samples - 1.0) + np.euler_gamma) - 2.0 * (samples - 1.0) / samples
