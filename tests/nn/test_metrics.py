"""Metrics: values worked out by hand or published, and that any split of the data gives the same.

Held against scikit-learn on random data in benchmarks/test_against_sklearn.py.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor
from nn import metrics
from nn.metrics import (
    F1,
    MAE,
    R2,
    RMSE,
    Accuracy,
    ConfusionMatrix,
    Metric,
    Precision,
    Recall,
    TopKAccuracy,
)

Array = Any

# Three classes: rows of the confusion matrix (2 0 0), (1 0 1), (0 2 0); the example of
# scikit-learn's documentation of f1_score (1.9).
PREDICTED, ACTUAL = [0, 2, 1, 0, 0, 1], [0, 1, 2, 0, 1, 2]
# Cats (1) and dogs (0): 6 hits, 2 missed, 1 false alarm; the first example of Wikipedia's article
# "Confusion matrix".
CATS = [0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
# Several labels: hits 1 2 1, predicted 2 2 1, actual 1 2 2; of scikit-learn's f1_score as well.
SEVERAL = [[0, 0, 0], [1, 1, 1], [1, 1, 0]], [[0, 0, 0], [1, 1, 1], [0, 1, 1]]
# scikit-learn's documentation of top_k_accuracy_score, and of the measures of regression.
SCORES, LABELS = [[0.5, 0.2, 0.2], [0.3, 0.4, 0.2], [0.2, 0.4, 0.3], [0.7, 0.2, 0.1]], [0, 1, 2, 2]
NUMBERS = [2.5, 0.0, 2, 8], [3, -0.5, 2, 7]
OUTPUTS = [[0.0, 2], [-1, 2], [8, -5]], [[0.5, 1], [-1, 1], [7, -6]]

NAN = float("nan")

# Metric, its settings, prediction and target, the value

VALUES: list[tuple[type[Metric], dict[str, Any], tuple[Any, Any], Any]] = [
    (Accuracy, {}, (PREDICTED, ACTUAL), Fraction(2, 6)),
    (Accuracy, {}, (SCORES, LABELS), Fraction(2, 4)),
    (Accuracy, {}, (SCORES, np.eye(3)[LABELS]), Fraction(2, 4)),
    (Accuracy, {}, ([SCORES, SCORES], [LABELS, [0, 1, 1, 0]]), Fraction(6, 8)),
    (Accuracy, {}, ([[1, 1], [1, 1]], [0, 1]), Fraction(1, 2)),  # the first of equal scores
    (Accuracy, {}, CATS, Fraction(9, 12)),
    (Accuracy, {"threshold": 0.5}, ([0.1, 0.5, 0.6, 0.9], [0, 1, 1, 0]), Fraction(2, 4)),
    (Accuracy, {"threshold": 0}, ([[-3.0], [0.0], [0.1], [8]], [[0], [0], [1], [1.0]]), 1),
    (Accuracy, {"threshold": 0}, ([-0.5, 0.25], [True, False]), 0),
    (Accuracy, {"threshold": 0.5}, (np.array([[0.2, 0.7], [0.9, 0.8]]), [[0, 1], [0, 1]]), 0.5),
    (Accuracy, {"threshold": 0.5}, SEVERAL, Fraction(2, 3)),
    (Accuracy, {}, ([[1], [0]], [[1], [1]]), Fraction(1, 2)),
    (TopKAccuracy, {"k": 1}, (SCORES, LABELS), Fraction(2, 4)),
    (TopKAccuracy, {"k": 2}, (SCORES, LABELS), Fraction(3, 4)),
    (TopKAccuracy, {"k": 3}, (SCORES, LABELS), 1),
    (TopKAccuracy, {"k": 2}, (np.zeros((3, 3)), [0, 0, 2]), Fraction(2, 3)),
    (TopKAccuracy, {"k": 2}, ([[[3, 1, 2], [3, 1, 2]]], [[1, 2]]), Fraction(1, 2)),
    (Precision, {}, CATS, Fraction(6, 7)),
    (Recall, {}, CATS, Fraction(6, 8)),
    (F1, {}, CATS, Fraction(12, 15)),
    (F1, {"threshold": 0.5}, CATS, Fraction(12, 15)),
    (F1, {"threshold": 0}, ([[0.5], [-0.5]], [[1], [1]]), Fraction(2, 3)),
    (Precision, {"average": None}, CATS, [Fraction(3, 5), Fraction(6, 7)]),
    (Precision, {"average": "micro"}, CATS, Fraction(9, 12)),
    (Precision, {"average": None}, (PREDICTED, ACTUAL), [Fraction(2, 3), 0, 0]),
    (Recall, {"average": None}, (PREDICTED, ACTUAL), [1, 0, 0]),
    (F1, {"average": None}, (PREDICTED, ACTUAL), [Fraction(4, 5), 0, 0]),
    (F1, {"average": "macro"}, (PREDICTED, ACTUAL), Fraction(4, 15)),
    (F1, {"average": "micro"}, (PREDICTED, ACTUAL), Fraction(2, 6)),
    (Recall, {"average": "weighted"}, ([0, 0, 1, 1], [0, 0, 0, 1]), Fraction(3, 4)),
    (Precision, {"average": "weighted"}, ([0, 0, 1, 1], [0, 0, 0, 1]), Fraction(7, 8)),
    (Precision, {"average": None, "threshold": 0}, SEVERAL, [Fraction(1, 2), 1, 1]),
    (Recall, {"average": None, "threshold": 0}, SEVERAL, [1, 1, Fraction(1, 2)]),
    (F1, {"average": None, "threshold": 0}, SEVERAL, [Fraction(2, 3), 1, Fraction(2, 3)]),
    (F1, {"average": "macro", "threshold": 0}, SEVERAL, Fraction(7, 9)),
    (F1, {"average": "micro", "threshold": 0}, SEVERAL, Fraction(8, 10)),
    (Recall, {"average": "weighted", "threshold": 0}, SEVERAL, Fraction(4, 5)),
    # Class 1 of three is in neither; 0/0 for None, no part of the mean.
    (F1, {"average": None}, ([2, 2], [2, 0]), [0, 0, Fraction(2, 3)]),
    (F1, {"average": None, "zero_division": 1}, ([2, 2], [2, 0]), [0, 1, Fraction(2, 3)]),
    (F1, {"average": "macro", "zero_division": 1}, ([2, 2], [2, 0]), Fraction(1, 3)),
    # Where each label is a question, one that is never said yes to is one too.
    (F1, {"average": "macro", "threshold": 0}, ([[1, 0]], [[1, 0]]), Fraction(1, 2)),
    # Class 0 is never predicted, so that its precision is 0/0.
    (Precision, {"average": "macro"}, ([2, 2], [2, 0]), Fraction(1, 4)),
    (Precision, {"average": "macro", "zero_division": 1}, ([2, 2], [2, 0]), Fraction(3, 4)),
    (Precision, {"average": "macro", "zero_division": NAN}, ([2, 2], [2, 0]), Fraction(1, 2)),
    (Precision, {"average": "weighted", "zero_division": NAN}, ([1, 1], [1, 0]), Fraction(1, 2)),
    (Recall, {}, ([0, 1], [0, 0]), 0),
    (Recall, {"zero_division": 1}, ([0, 0], [0, 0]), 1),
    (Recall, {"zero_division": NAN}, ([0, 0], [0, 0]), NAN),
    # No example has a label: nothing to weigh by.
    (Precision, {"average": "weighted", "threshold": 0}, ([[1, 1, 0]], [[0, 0, 0]]), 0),
    (ConfusionMatrix, {}, (PREDICTED, ACTUAL), [[2, 0, 0], [1, 0, 1], [0, 2, 0]]),
    (
        ConfusionMatrix,
        {},
        ([0, 0, 2, 2, 0, 2], [2, 0, 2, 2, 0, 1]),
        [[2, 0, 0], [0, 0, 1], [1, 0, 2]],
    ),
    (ConfusionMatrix, {"threshold": 0.5}, CATS, [[3, 1], [2, 6]]),
    (ConfusionMatrix, {"threshold": 0.5}, ([0.1, 0.2], [0, 0]), [[2, 0], [0, 0]]),
    (ConfusionMatrix, {"labels": "abc"}, ([0, 1], [0, 0]), [[1, 1, 0], [0, 0, 0], [0, 0, 0]]),
    (ConfusionMatrix, {}, (SCORES[:1], LABELS[:1]), [[1, 0, 0], [0, 0, 0], [0, 0, 0]]),
    (MAE, {}, NUMBERS, 0.5),
    (RMSE, {}, NUMBERS, np.sqrt(0.375)),
    (R2, {}, NUMBERS, 1 - 1.5 / 29.1875),  # 0.9486…
    (MAE, {}, OUTPUTS, 0.75),
    (RMSE, {}, OUTPUTS, (np.sqrt(1.25 / 3) + 1) / 2),  # 0.822…
    (R2, {}, OUTPUTS, 1 - (1.25 / (50.25 - 6.5**2 / 3) + 3 / (38 - 16 / 3)) / 2),
    (R2, {}, ([1.0, 2, 3], [3, 2, 1]), -3),
    (R2, {}, ([2.0, 2, 2], [3, 2, 1]), 0),
    (R2, {}, ([0.1, 0.1, 0.1], [0.1, 0.1, 0.1]), 1),  # targets that are all equal
    (R2, {}, ([0.1, 0.1, 0.2], [0.1, 0.1, 0.1]), 0),
]


def name_of(value: Any) -> str:
    return value.__name__ if isinstance(value, type) else ""


def exactly(value: Any) -> Any:
    shown = np.array(value, dtype=float) if isinstance(value, list) else float(value)
    return pytest.approx(shown, rel=1e-14, abs=1e-14, nan_ok=True)


each_value = pytest.mark.parametrize(("kind", "settings", "pair", "value"), VALUES, ids=name_of)


@each_value
def test_the_value(kind: type[Metric], settings: Any, pair: Any, value: Any) -> None:
    metric = kind(**settings)
    metric.update(*map(np.array, pair))
    assert metric.compute() == exactly(value)


FUNCTIONS: dict[type[Metric], Callable[..., Any]] = {
    Accuracy: metrics.accuracy,
    TopKAccuracy: metrics.top_k_accuracy,
    Precision: metrics.precision,
    Recall: metrics.recall,
    F1: metrics.f1,
    ConfusionMatrix: metrics.confusion_matrix,
    MAE: metrics.mae,
    RMSE: metrics.rmse,
    R2: metrics.r2,
}


@each_value
def test_the_function_gives_the_same(kind: Any, settings: Any, pair: Any, value: Any) -> None:
    assert FUNCTIONS[kind](*pair, **settings) == exactly(value)


def test_every_metric_has_rows_and_a_function() -> None:
    kinds = {one for one in vars(metrics).values() if isinstance(one, type)} - {Metric}
    assert kinds == set(FUNCTIONS) == {kind for kind, *_ in VALUES}
    functions = {one.__name__ for one in FUNCTIONS.values()}
    assert {one.__name__ for one in kinds} | functions | {"Metric"} == set(metrics.__all__)


@pytest.mark.parametrize("kind", [Accuracy, TopKAccuracy, F1, MAE, RMSE, R2], ids=name_of)
def test_numbers_are_python_floats(kind: Any) -> None:
    settings, pair = next((s, pair) for one, s, pair, _ in VALUES if one is kind)
    assert type(FUNCTIONS[kind](*pair, **settings)) is float


# Batch by batch


@each_value
@pytest.mark.parametrize("sizes", [1, 2, 4], ids="by {}".format)
def test_batches_give_the_value_of_the_whole(
    kind: Any, settings: Any, pair: Any, value: Any, sizes: int
) -> None:
    metric = kind(**settings)
    prediction, target = map(np.array, pair)
    for start in range(0, len(target) + sizes, sizes):  # the last one may be empty
        metric.update(prediction[start : start + sizes], target[start : start + sizes])
    assert metric.compute() == exactly(value)


METRICS: list[Callable[[], Metric]] = [
    Accuracy,
    lambda: TopKAccuracy(2),
    lambda: F1(average="macro"),
    lambda: Precision(average="weighted"),
    lambda: Recall(average=None),
    ConfusionMatrix,
]


@pytest.mark.parametrize("make", METRICS)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 30), max_size=5))
def test_any_split_gives_the_classification_of_the_whole(
    make: Any, seed: int, cuts: list[int]
) -> None:
    rng = np.random.default_rng(seed)
    scores, labels = rng.normal(size=(30, 5)).astype(np.float32), rng.integers(5, size=30)
    split = make()
    for rows in np.split(np.arange(30), sorted(cuts)):
        split.update(scores[rows], labels[rows])
    np.testing.assert_array_equal(split.compute(), make().of(scores, labels))


@pytest.mark.parametrize("kind", [MAE, RMSE, R2])
@given(st.integers(0, 2**32), st.lists(st.integers(0, 30), max_size=5))
def test_any_split_gives_the_errors_of_the_whole(kind: Any, seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    prediction, target = rng.normal(size=(2, 30, 2))
    split = kind()
    for rows in np.split(np.arange(30), sorted(cuts)):
        split.update(prediction[rows], target[rows])
    assert split.compute() == pytest.approx(kind().of(prediction, target), rel=1e-12)


def test_r2_keeps_its_digits_where_targets_are_large_and_vary_little() -> None:
    target = 1e9 + np.arange(1000.0)
    prediction = target + np.where(np.arange(1000) % 2, 10.0, -10)
    metric = R2()
    for rows in np.split(np.arange(1000), [1, 7, 300]):
        metric.update(prediction[rows], target[rows])
    # Σ(i − mean)² of n whole numbers in a row is n (n² − 1) / 12
    assert metric.compute() == pytest.approx(1 - 100 * 12 / (1000**2 - 1), rel=1e-12)


def test_targets_equal_throughout_have_no_spread_in_batches_either() -> None:
    metric = R2()
    for size in (3, 1, 7):
        metric.update(np.full(size, 0.1), np.full(size, 0.1))
    assert metric.compute() == 1


def test_float32_sums_are_taken_in_float64() -> None:
    errors = np.array([2**24, 1], np.float32)  # the sum is no float32
    assert metrics.mae(errors, np.zeros(2, np.float32)) == (2**24 + 1) / 2


def test_r2_of_one_example_is_not_defined() -> None:
    with pytest.warns(UserWarning, match="one example has no spread"):
        assert np.isnan(metrics.r2([1.0], [2.0]))


def test_reset_forgets() -> None:
    for kind, settings, pair, value in VALUES:
        metric = kind(**settings)
        metric.update(*map(np.array, pair))
        metric.compute()
        metric.reset()
        assert metric.examples == 0
        with pytest.raises(RuntimeError, match="no examples"):
            metric.compute()
        metric.update(*pair)
        assert metric.compute() == exactly(value)


def test_a_refused_batch_leaves_the_metric_as_it_was() -> None:
    accuracy, f1, matrix = Accuracy(), F1(average="macro"), ConfusionMatrix(labels="abc")
    for metric in (accuracy, f1, matrix):
        metric.update(PREDICTED, ACTUAL)
        before = metric.compute()
        for wrong in (([0, 1], [0, -1]), (np.zeros((2, 4)), [0, 4])):
            with pytest.raises(ValueError, match=r"labels"):
                metric.update(*wrong)
        np.testing.assert_array_equal(metric.compute(), before)
        assert metric.examples == 6


def test_what_was_computed_stays_as_it_is() -> None:
    matrix, recall = ConfusionMatrix(), Recall(average=None)
    for metric in (matrix, recall):
        metric.update(PREDICTED, ACTUAL)
        before = metric.compute()
        kept = before.copy()
        before[:] = 7
        np.testing.assert_array_equal(metric.compute(), kept)


def test_classes_that_come_later_are_counted() -> None:
    metric = F1(average=None)
    metric.update([0, 1], [0, 1])
    metric.update([3], [3])
    np.testing.assert_array_equal(metric.compute(), [1, 1, 0, 1])


# What is given


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.uint64, bool])
def test_labels_have_any_whole_dtype(dtype: Any) -> None:
    prediction, target = np.array([0, 1, 1, 0], dtype), np.array([0, 1, 0, 0], dtype)
    scores = np.eye(2)[prediction.astype(int)]
    for given_as in (prediction, scores):
        assert metrics.accuracy(given_as, target) == 0.75
        np.testing.assert_array_equal(metrics.confusion_matrix(given_as, target), [[2, 1], [0, 1]])
    assert metrics.top_k_accuracy(scores, target, 1) == 0.75


def test_differences_of_whole_numbers_do_not_wrap() -> None:
    small, large = np.array([1], np.uint8), np.array([3], np.uint8)
    assert metrics.mae(small, large) == metrics.rmse(small, large) == 2


def test_tensors_are_taken_and_no_graph_is_kept() -> None:
    scores = Tensor(np.array(SCORES), requires_grad=True)
    assert metrics.accuracy(scores * 2, Tensor(np.array(LABELS))) == 0.5
    assert metrics.mae(scores * 2, Tensor(np.zeros((4, 3)))) == pytest.approx(3.7 * 2 / 12)


def test_masked_scores_are_scores() -> None:
    assert metrics.accuracy([[-np.inf, 0.0], [3.0, -np.inf]], [1, 0]) == 1


# Reading them


def test_names_are_keys() -> None:
    made = [Accuracy(), TopKAccuracy(5), Precision(), Recall(average=None), F1(average="macro")]
    made += [ConfusionMatrix(), MAE(), RMSE(), R2()]
    assert [one.name for one in made] == [
        *("accuracy", "top_5_accuracy", "precision", "recall", "macro_f1"),
        *("confusion_matrix", "mae", "rmse", "r2"),
    ]


def test_repr_shows_the_settings() -> None:
    assert repr(Accuracy(threshold=0)) == "Accuracy(threshold=0.0)"
    assert repr(TopKAccuracy(5)) == "TopKAccuracy(k=5)"
    assert repr(F1(average=None)) == "F1(average=None)"
    assert repr(RMSE()) == "RMSE()"


def test_a_confusion_matrix_reads_as_a_table() -> None:
    metric = ConfusionMatrix(labels=["cat", "ice bear", "ox"])
    metric.update([0] * 12 + [1, 2, 2], [0] * 11 + [1, 1, 2, 0])
    assert str(metric).splitlines() == [
        "          predicted",
        "actual    cat  ice bear  ox",
        "cat        11         0   1",
        "ice bear    1         1   0",
        "ox          0         0   1",
    ]


def test_classes_without_names_are_numbered() -> None:
    metric = ConfusionMatrix()
    metric.update([1, 0], [1, 1])
    assert str(metric).splitlines() == [
        "        predicted",
        "actual  0  1",
        "0       0  0",
        "1       1  1",
    ]


# Errors

SHAPES = "\n  prediction  {} float64\n  target      {} {}"
THREE = np.eye(3)
ONE_COLUMN = np.array([[0.25], [0.75]])

ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: metrics.accuracy(ONE_COLUMN, [0, 1]),
        ValueError,
        "Accuracy: scores are (n, classes) against labels (n,), or one-hot rows (n, classes)."
        + SHAPES.format("(2, 1)", "(2,)", "int64")
        + "\n  fix  prediction.squeeze(-1), with threshold=0.5 for probabilities of a yes, or "
        "threshold=0 for logits",
    ),
    (
        lambda: metrics.accuracy(THREE, np.array([[0], [1], [2]])),
        ValueError,
        "Accuracy: scores are (n, classes) against labels (n,), or one-hot rows (n, classes)."
        + SHAPES.format("(3, 3)", "(3, 1)", "int64")
        + "\n  fix  target.squeeze(-1)",
    ),
    (
        lambda: metrics.top_k_accuracy(np.zeros((2, 5, 4)), np.zeros((2, 4), int), 1),
        ValueError,
        "TopKAccuracy: scores are (n, classes) against labels (n,), or one-hot rows (n, classes)."
        + SHAPES.format("(2, 5, 4)", "(2, 4)", "int64")
        + "\n  fix  np.moveaxis(prediction, 1, -1): classes are the last axis",
    ),
    (
        lambda: metrics.f1(THREE, [0, 1]),
        ValueError,
        "F1: scores are (n, classes) against labels (n,), or one-hot rows (n, classes)."
        + SHAPES.format("(3, 3)", "(2,)", "int64"),
    ),
    (
        lambda: metrics.accuracy(ONE_COLUMN, [0, 1], threshold=0.5),
        ValueError,
        "Accuracy: with a threshold, there is one number for each target, in the same shape."
        + SHAPES.format("(2, 1)", "(2,)", "int64")
        + "\n  fix  prediction.squeeze(-1), or target[..., None]",
    ),
    (
        lambda: metrics.accuracy(ONE_COLUMN[:, 0], np.array([[0], [1]]), threshold=0.5),
        ValueError,
        "Accuracy: with a threshold, there is one number for each target, in the same shape."
        + SHAPES.format("(2,)", "(2, 1)", "int64")
        + "\n  fix  target.squeeze(-1), or prediction[..., None]",
    ),
    (
        lambda: metrics.accuracy(THREE, [0, 1, 2], threshold=0.5),
        ValueError,
        "Accuracy: with a threshold, there is one number for each target, in the same shape."
        + SHAPES.format("(3, 3)", "(3,)", "int64")
        + "\n  fix  leave the threshold out, if these are scores of classes",
    ),
    (
        lambda: metrics.accuracy(np.zeros((2, 2, 2)), np.zeros((2, 2, 2)), threshold=0.5),
        ValueError,
        "Accuracy: with a threshold, the shape is (n,) for one question or (n, labels) for "
        "several, not (2, 2, 2). Where each entry stands alone, flatten both: .ravel().",
    ),
    (
        lambda: metrics.accuracy([0.25, 0.75], [0, 1]),
        TypeError,
        "Accuracy: the prediction is one float64 number for each target. If they are "
        "probabilities of a yes, say threshold=0.5; if logits, threshold=0. If they are "
        "labels, give whole numbers: prediction.astype(int).",
    ),
    (
        lambda: metrics.f1([-1.5, 0.75], [0, 1], threshold=0.5),
        ValueError,
        "F1: the prediction must be probabilities for threshold=0.5, and 1 of 2 are not; the "
        "first is -1.5 at [0]. For logits say threshold=0.",
    ),
    (
        lambda: metrics.accuracy([0.5, 0.75], [0, 2], threshold=0.5),
        ValueError,
        "Accuracy: the target must be 0 or 1, no or yes, and 1 of 2 are not; the first is 2 at "
        "[1].",
    ),
    (
        lambda: metrics.accuracy([[0, 3]], [[0, 1]], threshold=0.5),
        ValueError,
        "Accuracy: the prediction must be 0 or 1 if they are whole, and 1 of 2 are not; the first "
        "is 3 at [0, 1].",
    ),
    (
        lambda: metrics.accuracy(THREE, [[0, 1, 0], [1, 1, 0], [0, 0, 0]]),
        ValueError,
        "Accuracy: prediction and target have the same shape (3, 3), so that the target's rows "
        "should be one-hot, and row 1 is [1 1 0]. If a row may have several labels at once, give a "
        "threshold: 0.5 for probabilities, 0 for logits. If these are labels, flatten both: "
        ".ravel().",
    ),
    (
        lambda: metrics.accuracy(THREE, [1, 3, 2]),
        ValueError,
        "Accuracy: the target must be labels 0 … 2, for scores of 3 classes, and 1 of 3 are not; "
        "the first is 3 at [1].",
    ),
    (
        lambda: metrics.top_k_accuracy(THREE, [1, -1, 2], 2),
        ValueError,
        "TopKAccuracy: the target must be labels 0 … 2, for scores of 3 classes, and 1 of 3 are "
        "not; the first is -1 at [1].",
    ),
    (
        lambda: metrics.recall([1, -1], [0, 1]),
        ValueError,
        "Recall: the prediction must be labels, which count from 0, and 1 of 2 are not; the first "
        "is -1 at [1].",
    ),
    (
        lambda: metrics.accuracy(THREE, [1.0, 2.0, 0.0]),
        TypeError,
        "Accuracy: labels are whole numbers, and the target is float64. If they are whole, say "
        "target.astype(int).",
    ),
    (
        lambda: metrics.accuracy(THREE, ["cat", "dog", "ox"]),
        TypeError,
        "Accuracy: target has the dtype <U3, and holds no numbers. Number classes: "
        "nn.data.LabelEncoder().",
    ),
    (
        lambda: metrics.mae(None, [1.0]),
        TypeError,
        "MAE: prediction has the dtype object, and holds no numbers.",
    ),
    (
        lambda: metrics.accuracy(1, 1),
        ValueError,
        "Accuracy: prediction is the single number 1. Batches are measured: give arrays with "
        "examples along the first axis, np.atleast_1d for one.",
    ),
    (
        lambda: metrics.accuracy([[NAN, 0.0]], [1]),
        ValueError,
        "Accuracy: 1 of 2 numbers of the prediction are NaN. Unless the data has some, training "
        "has diverged: see autograd.detect_anomaly().",
    ),
    (
        lambda: metrics.rmse([1.0], [NAN]),
        ValueError,
        "RMSE: 1 of 1 numbers of the target are NaN. Unless the data has some, training has "
        "diverged: see autograd.detect_anomaly().",
    ),
    (
        lambda: metrics.mae(ONE_COLUMN, [1.0, 2.0]),
        ValueError,
        "MAE: there must be one target for each prediction, in the same shape. Broadcast, they "
        "would make (2, 2) errors, each with each."
        + SHAPES.format("(2, 1)", "(2,)", "float64")
        + "\n  fix  prediction.squeeze(-1), or target[..., None]",
    ),
    (
        lambda: metrics.f1(THREE, [0, 1, 2]),
        ValueError,
        'F1: average="binary" measures class 1 against class 0, and there are 3 classes. Choose '
        'average="macro" (all count alike), "weighted" (by their examples), "micro" (every '
        "decision counts alike), or None for one number each.",
    ),
    (
        lambda: metrics.precision(*SEVERAL, threshold=0.5),
        ValueError,
        'Precision: average="binary" measures class 1 against class 0, and there are 3 labels. '
        'Choose average="macro" (all count alike), "weighted" (by their examples), "micro" (every '
        "decision counts alike), or None for one number each.",
    ),
    (
        lambda: F1(average="mean"),  # type: ignore[arg-type]
        ValueError,
        'F1: average is "binary", "macro", "micro", "weighted", or None for one number of each '
        "class, not 'mean'.",
    ),
    (
        lambda: metrics.top_k_accuracy(THREE, [0, 1, 2], 4),
        ValueError,
        "TopKAccuracy: k is 4, and there are scores of 3 classes only.",
    ),
    (
        lambda: metrics.top_k_accuracy(THREE, [0, 1, 2], 0),
        ValueError,
        "TopKAccuracy: k is a positive whole number, not 0.",
    ),
    (
        lambda: metrics.confusion_matrix(*SEVERAL, threshold=0.5),
        ValueError,
        "ConfusionMatrix: an example may have 3 labels at once, each with a matrix of its own: "
        "give one column, prediction[:, i] and target[:, i].",
    ),
    (
        lambda: metrics.confusion_matrix(THREE, [0, 1, 2], labels=["cat", "dog"]),
        ValueError,
        "ConfusionMatrix: there are 3 classes and 2 names for them, cat, dog.",
    ),
    (
        lambda: Accuracy(THREE, [0, 1, 2]),
        TypeError,
        "Accuracy is made with its settings by name (threshold), and then updated: "
        "metric.update(prediction, target); metric.compute(). To measure predictions at once there "
        "are functions: nn.metrics.accuracy(prediction, target).",
    ),
    (
        lambda: MAE([1.0], [2.0]),
        TypeError,
        "MAE is made with its settings by name (it has none), and then updated: "
        "metric.update(prediction, target); metric.compute(). To measure predictions at once there "
        "are functions: nn.metrics.accuracy(prediction, target).",
    ),
    (
        lambda: Accuracy(threshold="half"),  # type: ignore[arg-type]
        TypeError,
        "Accuracy: threshold is a number, not 'half' (str).",
    ),
    (
        lambda: R2().compute(),
        RuntimeError,
        "R2: there are no examples to measure. Call update(prediction, target) for each batch, "
        "and then compute().",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), ERRORS)
def test_errors_say_what_is_wrong_and_what_to_do(call: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == message


def test_batches_of_another_kind_are_refused() -> None:
    f1 = F1(average="macro", threshold=0.5)
    f1.update(*SEVERAL)
    with pytest.raises(ValueError, match=r"this batch have 2 labels, and those before had 3"):
        f1.update([[1, 0]], [[1, 1]])
    with pytest.raises(ValueError, match=r"this batch have 1 labels, and those before had 3"):
        f1.update([1, 0], [1, 1])
    mae = MAE()
    mae.update(*OUTPUTS)
    with pytest.raises(ValueError, match=r"have the shape \(2,\), and those before had \(n, 2\)"):
        mae.update([1, 0], [1, 1])
