"""Grows an isolation forest with scikit-learn (training only) and flattens it.

A feature that never moved while learning could never be split on, and so never be found odd. ANCHORS far-off rows per
feature let every feature be asked for; they are few enough to leave the rest as it is.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.npz import Array
from models.windows.forest import Forest, mean_path

COPIES: Final = 8
"""At least this many rows for each anchor; short training is repeated to get there, which moves no split."""
ANCHOR: Final = 8.0
"""Distance of an anchor from the middle, in robust spreads."""
TRIM: Final = 0.01
"""Share of rows, the oddest, that are left out before growing."""


def grow(rows: Array, trees: int, samples: int, seed: int) -> Forest:
    """Return a forest over standardised ``rows`` (n x features, float32). The same rows and seed give the same forest."""
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415  (heavy, and only training needs it)

    samples = min(samples, len(rows))
    model = IsolationForest(n_estimators=trees, max_samples=samples, random_state=seed)
    model.fit(np.asarray(rows, dtype=np.float32))
    return flatten(model, samples, rows.shape[1])


def with_anchors(rows: Array) -> Array:
    """Return the trimmed rows with the anchors of each feature."""
    worst = np.abs(rows).max(axis=1)
    keep = len(rows) - int(len(rows) * TRIM)
    kept = rows[np.sort(np.argsort(worst, kind="stable")[:keep])]
    each = max(1, len(kept) // 400)
    middle = np.median(kept, axis=0)
    anchors = np.tile(middle, (rows.shape[1] * each, 1))
    for feature in range(rows.shape[1]):
        anchors[feature * each : (feature + 1) * each, feature] = ANCHOR
    copies = max(1, -(-COPIES * len(anchors) // len(kept)))
    return np.concatenate((np.tile(kept, (copies, 1)), anchors)).astype(np.float32)


def flatten(model: Any, samples: int, width: int) -> Forest:
    """Return the arrays of a fitted scikit-learn ``IsolationForest``."""
    left, right, root, feature, threshold, path = [], [], [], [], [], []
    offset = 0
    for estimator in model.estimators_:
        tree = estimator.tree_
        here = np.arange(tree.node_count)
        leaf = tree.children_left < 0
        depth = np.zeros(tree.node_count)
        for node in here[~leaf]:
            depth[tree.children_left[node]] = depth[tree.children_right[node]] = depth[node] + 1
        left.append(np.where(leaf, here, tree.children_left) + offset)
        right.append(np.where(leaf, here, tree.children_right) + offset)
        feature.append(np.where(leaf, 0, tree.feature))
        threshold.append(np.where(leaf, 0.0, tree.threshold))
        path.append(np.where(leaf, depth + [mean_path(int(count)) for count in tree.n_node_samples], 0.0))
        root.append(offset)
        offset += tree.node_count
    return Forest(
        left=np.concatenate(left).astype("<i4"),
        right=np.concatenate(right).astype("<i4"),
        root=np.asarray(root, dtype="<i4"),
        feature=np.concatenate(feature).astype("<i2"),
        threshold=np.concatenate(threshold).astype("<f8"),
        path=np.concatenate(path).astype("<f8"),
        samples=samples,
        width=width,
    )
