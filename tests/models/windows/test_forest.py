"""The forest as arrays: the same scores as scikit-learn, and no array can make it read where it must not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sklearn.ensemble import IsolationForest

from models.windows.forest import KEYS, Forest, mean_path
from models.windows.grow import ANCHOR, flatten, grow, with_anchors

WIDTH = 6


def rows(number: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(number, WIDTH)).astype(np.float32)


@pytest.mark.parametrize(("number", "samples", "trees"), [(2, 2, 5), (3, 3, 20), (40, 40, 50), (1000, 256, 100)])
def test_scores_equal_those_of_scikit_learn_on_random_and_extreme_rows(number: int, samples: int, trees: int) -> None:
    model = IsolationForest(n_estimators=trees, max_samples=samples, random_state=3).fit(rows(number))
    forest = flatten(model, samples, WIDTH)
    extreme = np.array([[scale] * WIDTH for scale in (0, 1e-38, 1e30, -1e30, 3e38, -3e38)], dtype=np.float32)
    on_the_edge = np.resize(forest.threshold, (50, WIDTH)).astype(np.float32)
    asked = np.concatenate((rows(700, 1), extreme, on_the_edge, rows(number)))
    assert np.abs(forest.score(asked) + model.score_samples(asked)).max() < 1e-12


def test_growing_twice_gives_the_same_arrays() -> None:
    one, two = grow(rows(300), 20, 64, 0), grow(rows(300), 20, 64, 0)
    for key in KEYS:
        assert np.array_equal(getattr(one, key), getattr(two, key))
    assert one.problem() == ""


def test_scores_do_not_depend_on_the_rows_beside() -> None:
    forest = grow(rows(300), 20, 64, 0)
    asked = rows(1100, 5)
    alone = np.array([forest.score(row[None, :])[0] for row in asked])
    assert np.array_equal(alone, forest.score(asked))


def test_a_feature_that_never_moved_while_learning_is_found_odd_when_it_does() -> None:
    learned = rows(300)
    learned[:, 2] = 0
    moved = np.zeros((1, WIDTH), dtype=np.float32)
    moved[0, 2] = ANCHOR
    still = np.zeros((1, WIDTH), dtype=np.float32)
    forest = grow(with_anchors(learned), 100, 256, 0)
    assert forest.score(moved)[0] > forest.score(still)[0] + 0.05
    assert int(np.argmax(forest.blame(moved[0]))) == 2


def test_blame_goes_to_the_feature_that_is_far_off() -> None:
    forest = grow(with_anchors(rows(400)), 100, 256, 0)
    for feature in range(WIDTH):
        row = np.zeros(WIDTH, dtype=np.float32)
        row[feature] = 9
        blame = forest.blame(row)
        assert int(np.argmax(blame)) == feature
        assert blame.sum() == pytest.approx(1)


def test_the_oddest_rows_are_trimmed_before_growing() -> None:
    learned = np.concatenate((rows(199), np.full((1, WIDTH), 1e6, dtype=np.float32)))
    assert with_anchors(learned).max() < 100


def test_mean_path_has_its_published_values() -> None:
    assert [mean_path(number) for number in (0, 1, 2)] == [0.0, 0.0, 1.0]
    assert mean_path(256) == pytest.approx(10.2447, abs=1e-3)


SOUND = grow(rows(60), 4, 16, 0)


def test_a_sound_forest_has_no_problem() -> None:
    assert SOUND.problem() == ""


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(KEYS),
    st.integers(0, 10_000),
    st.sampled_from([-1, 0, 1, 2, 7, 32_000, -32_000, 2**31 - 1, -(2**31), float("nan"), float("inf"), -1e300, 1e300]),
)
def test_whatever_one_number_becomes_the_forest_is_refused_or_scores_in_range(key: str, at: int, value: float) -> None:
    array = getattr(SOUND, key).copy()
    kind = array.dtype
    if kind.kind == "i":
        if math.isnan(value) or abs(value) > np.iinfo(kind).max:
            value = float(np.iinfo(kind).min)
        array[at % len(array)] = int(value)
    else:
        array[at % len(array)] = value
    forest = replace(SOUND, **{key: array})
    if forest.problem() == "":
        scores = forest.score(rows(20, 2))
        assert np.isfinite(scores).all()
        assert ((scores >= 0) & (scores <= 1)).all()


def cyclic(forest: Forest) -> Forest:
    left = forest.left.copy()
    inner = int(np.flatnonzero(left != np.arange(len(left)))[1])
    left[inner] = 0
    return replace(forest, left=left)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (cyclic(SOUND), "child outside its tree or before its parent"),
        (replace(SOUND, left=SOUND.left[:-1]), "different lengths"),
        (replace(SOUND, root=SOUND.root[::-1].copy()), "roots out of order"),
        (replace(SOUND, width=1), "feature that does not exist"),
        (replace(SOUND, samples=2), "deeper than its samples allow"),
        (replace(SOUND, path=-SOUND.path - 1), "path length that cannot be"),
        (replace(SOUND, threshold=SOUND.threshold * np.nan), "not finite"),
        (replace(SOUND, root=SOUND.root[:0]), "no trees"),
    ],
)
def test_a_broken_forest_is_named(broken: Forest, reason: str) -> None:
    assert reason in broken.problem()
