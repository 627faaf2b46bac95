"""Metrics against scikit-learn's on random data, and the estimators against its `check_estimator`.

`make test-sklearn` runs it, in the environment that has scikit-learn. It stands here and not in
tests/, so that the test command neither needs scikit-learn nor passes over anything in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sklearn.metrics as theirs
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import neural_network
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from nn import metrics as ours
from nn.estimators import MLPClassifier, MLPRegressor

Array = Any

many = settings(max_examples=200, deadline=None)
seeds = st.integers(0, 2**32)
# Few examples, so that classes are missing and quotients 0/0, and enough that there are others.
lengths = st.integers(1, 40)

X = np.random.default_rng(0).normal(size=(50, 4))
CLASSES = X[:, :3].argmax(axis=1)
NUMBERS = X[:, 0] * X[:, 1]

# Classification

PER_CLASS: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
    (ours.precision, theirs.precision_score),
    (ours.recall, theirs.recall_score),
    (ours.f1, theirs.f1_score),
]
each_measure = pytest.mark.parametrize(("our", "their"), PER_CLASS)
each_average = pytest.mark.parametrize("average", ["macro", "micro", "weighted", None])
zero_divisions = st.sampled_from([0.0, 1.0, np.nan])


def classes(seed: int, n: int, kinds: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.integers(kinds, size=n), rng.integers(kinds, size=n)


def labels(seed: int, n: int, kinds: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    often = rng.random(kinds)
    return rng.random((n, kinds)), (rng.random((n, kinds)) < often).astype(int)


@pytest.mark.filterwarnings("ignore:A single label was found")
@many
@given(seeds, lengths, st.integers(1, 6))
def test_accuracy_and_confusion_matrix(seed: int, n: int, kinds: int) -> None:
    predicted, actual = classes(seed, n, kinds)
    assert ours.accuracy(predicted, actual) == theirs.accuracy_score(actual, predicted)
    matrix = ours.confusion_matrix(predicted, actual)
    every = range(len(matrix))
    np.testing.assert_array_equal(matrix, theirs.confusion_matrix(actual, predicted, labels=every))


@each_measure
@each_average
@many
@given(seeds, lengths, st.integers(1, 6), zero_divisions)
def test_measures_of_classes(
    our: Any, their: Any, average: Any, seed: int, n: int, kinds: int, zero_division: float
) -> None:
    predicted, actual = classes(seed, n, kinds)
    chosen = {"average": average, "zero_division": zero_division}
    every = range(max(predicted.max(), actual.max()) + 1) if average is None else None
    expected = their(actual, predicted, labels=every, **chosen)
    np.testing.assert_allclose(our(predicted, actual, **chosen), expected, rtol=1e-13)


@each_measure
@each_average
@many
@given(seeds, lengths, st.integers(2, 5), st.floats(0.05, 0.95), zero_divisions)
def test_measures_of_several_labels(
    our: Any,
    their: Any,
    average: Any,
    seed: int,
    n: int,
    kinds: int,
    threshold: float,
    zero_division: float,
) -> None:
    probabilities, actual = labels(seed, n, kinds)
    predicted = (probabilities > threshold).astype(int)
    chosen = {"average": average, "zero_division": zero_division}
    np.testing.assert_allclose(
        our(probabilities, actual, threshold=threshold, **chosen),
        their(actual, predicted, **chosen),
        rtol=1e-13,
    )
    accuracy = ours.accuracy(probabilities, actual, threshold=threshold)
    assert accuracy == theirs.accuracy_score(actual, predicted)


@each_measure
@many
@given(seeds, lengths, zero_divisions)
def test_measures_of_yes_and_no(
    our: Any, their: Any, seed: int, n: int, zero_division: float
) -> None:
    logits, actual = np.random.default_rng(seed).normal(size=n), labels(seed, n, 1)[1][:, 0]
    expected = their(actual, logits > 0, zero_division=zero_division)
    value = our(logits, actual, threshold=0, zero_division=zero_division)
    np.testing.assert_allclose(value, expected, rtol=1e-13)


@many
@given(seeds, lengths, st.integers(3, 8), st.data())
def test_top_k_accuracy(seed: int, n: int, kinds: int, data: Any) -> None:
    rng = np.random.default_rng(seed)
    scores, actual = rng.normal(size=(n, kinds)), rng.integers(kinds, size=n)
    k = data.draw(st.integers(1, kinds - 1))
    expected = theirs.top_k_accuracy_score(actual, scores, k=k, labels=range(kinds))
    assert ours.top_k_accuracy(scores, actual, k) == pytest.approx(expected, rel=1e-13)


# Regression


@pytest.mark.parametrize(
    ("our", "their"),
    [
        (ours.mae, theirs.mean_absolute_error),
        (ours.rmse, theirs.root_mean_squared_error),
        (ours.r2, theirs.r2_score),
    ],
)
@many
@given(seeds, st.integers(2, 40), st.sampled_from([(), (1,), (3,)]), st.sampled_from([0, 1, 1e4]))
def test_errors_of_numbers(
    our: Any, their: Any, seed: int, n: int, outputs: Any, offset: float
) -> None:
    rng = np.random.default_rng(seed)
    prediction, target = offset + rng.normal(size=(2, n, *outputs))
    if seed % 3 == 0:
        target[..., :1] = 1  # all equal, where there are outputs
    expected = their(target, prediction)
    assert our(prediction, target) == pytest.approx(expected, rel=1e-9)


# Estimators


@parametrize_with_checks([MLPClassifier(), MLPRegressor()])
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_checks_of_estimators(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
@pytest.mark.parametrize(
    ("our", "their", "y"),
    [
        (MLPClassifier, neural_network.MLPClassifier, CLASSES),
        (MLPRegressor, neural_network.MLPRegressor, NUMBERS),
    ],
)
def test_training_is_scikit_learns(
    our: Any, their: Any, y: Array, activation: str, solver: str
) -> None:
    """From the same weights, in the same order, the same losses and weights."""
    common: dict[str, Any] = {"hidden_layer_sizes": (7, 5), "activation": activation}
    common |= {"solver": solver, "alpha": 0.5, "batch_size": 16, "shuffle": False, "tol": 0}
    common |= {"learning_rate_init": 0.01, "warm_start": True, "max_iter": 1, "random_state": 0}
    one, other = our(**common).fit(X, y), their(**common).fit(X, y)
    for name in ("coefs_", "intercepts_"):
        for mine, start in zip(getattr(one, name), getattr(other, name), strict=True):
            mine[...] = start
    one.set_params(max_iter=10).fit(X, y)
    other.set_params(max_iter=10).fit(X, y)
    np.testing.assert_allclose(one.loss_curve_[1:], other.loss_curve_[1:], rtol=1e-4)
    for mine, last in zip(one.coefs_, other.coefs_, strict=True):
        np.testing.assert_allclose(mine, last, rtol=1e-3, atol=1e-4)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_digits_are_told_apart_as_well_as_scikit_learn_does() -> None:
    images, labels = load_digits(return_X_y=True)
    scores = []
    for kind in (MLPClassifier, neural_network.MLPClassifier):
        models = [kind(max_iter=100, random_state=seed) for seed in range(3)]
        parts = [train_test_split(images / 16, labels, random_state=seed) for seed in range(3)]
        scores.append(
            [
                model.fit(x, y).score(xt, yt)
                for model, (x, xt, y, yt) in zip(models, parts, strict=True)
            ]
        )
    assert np.mean(scores[0]) > np.mean(scores[1]) - 0.005


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_searches_run_in_several_processes() -> None:
    model = make_pipeline(StandardScaler(), MLPClassifier(max_iter=5, random_state=0))
    alone, several = (
        GridSearchCV(model, {"mlpclassifier__alpha": [0, 1]}, cv=2, n_jobs=jobs).fit(X, CLASSES)
        for jobs in (1, 2)
    )
    scores = [search.cv_results_["mean_test_score"].tolist() for search in (alone, several)]
    assert scores[0] == scores[1]
