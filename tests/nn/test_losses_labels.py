"""What losses say to wrong labels, and what they warn of."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from support.checks import message
from support.losses import LABELS

import autograd
import nn
from autograd import Tensor
from nn.functional.binary import binary_cross_entropy, binary_cross_entropy_with_logits
from nn.functional.classification import cross_entropy, nll_loss
from nn.functional.distributions import kl_div
from nn.functional.labels import one_hot
from nn.functional.margins import multi_class_hinge_loss, multi_margin_loss
from nn.functional.regression import mse_loss

LOGITS = np.zeros((4, 3), np.float32)
ONES = np.ones((4, 3), np.float32)
BY_LABEL = [cross_entropy, nll_loss, multi_class_hinge_loss, multi_margin_loss]

# Labels


WRONG_LABELS: list[tuple[Any, list[str]]] = [
    ([1, 2, 3, 1], ["1 of 4 labels are not in 0 … 2; the first is 3 in row 2", "count from 1"]),
    ([0, 1, 7, 9], ["2 of 4 labels are not in 0 … 2; the first is 7 in row 2", "widen the last"]),
    ([0, -1, 2, -1], ["2 of 4 labels are not", "first is -1 in row 1", "ignore_index=-1"]),
    ([0, -1, 1, -1], ["if the labels count from −1: add 1; to leave these rows out", "index=-1"]),
    ([1, -1, 1, -1], ["2 of 4 labels are not", "for labels −1 and 1 there are nn.functional.s"]),
    ([0.0, 1.0, 2.0, 0.0], ["labels are whole numbers, and these are float64", "astype(int)"]),
    ([0.5, 1, 2, 0], ["labels are whole numbers", "rows of probabilities use"]),
    ([0, np.nan, 2, 0], ["labels are whole numbers", "label is not known (NaN)"]),
    ([True, False, True, True], ["labels are whole numbers, and these are bool"]),
    ([0, 1], ["one label for each row of", "shape (4,), not (2,)", "check the batch sizes"]),
    ([[0], [1], [2], [0]], ["one label for each row of", "fix  labels.squeeze(-1)"]),
]


@pytest.mark.parametrize("function", BY_LABEL)
@pytest.mark.parametrize(("labels", "expected"), WRONG_LABELS)
def test_labels_that_do_not_fit_are_refused(function: Any, labels: Any, expected: Any) -> None:
    said = message(ValueError, lambda: function(LOGITS, np.array(labels)))
    assert said.startswith(f"{function.__name__}: ")
    for part in expected:
        assert part in said


@pytest.mark.parametrize("settings", [{"weight": [1, 2, 3]}, {"label_smoothing": 0.1}])
def test_settings_change_nothing_in_what_is_said_of_labels(settings: Any) -> None:
    said = message(ValueError, lambda: cross_entropy(LOGITS, [0, 1, 2, 3], **settings))
    assert said.startswith("cross_entropy: ")
    assert "1 of 4 labels are not in 0 … 2; the first is 3 in row 3" in said


@pytest.mark.parametrize("function", BY_LABEL[1:])
@pytest.mark.parametrize("kind", [int, float])
def test_one_hot_rows_where_labels_are_meant(function: Any, kind: Any) -> None:
    said = message(ValueError, lambda: function(LOGITS, np.eye(3, dtype=kind)[[0, 1, 2, 0]]))
    assert "labels are numbers of classes, not one-hot rows" in said
    assert "fix  labels.argmax(axis=-1)" in said


def test_classes_where_pytorch_has_them() -> None:
    logits = np.zeros((4, 3, 7))
    said = message(ValueError, lambda: cross_entropy(logits, np.zeros((4, 7), int)))
    assert "np.moveaxis(logits, 1, -1)" in said
    cross_entropy(np.moveaxis(logits, 1, -1), np.zeros((4, 7), int))
    rows = np.full((4, 3, 7), 1 / 3)
    said = message(ValueError, lambda: cross_entropy(logits, rows))
    assert said.endswith(
        "Classes are the last axis here, and PyTorch's second: np.moveaxis(x, 1, -1) of both."
    )


def test_rows_that_are_no_probabilities_are_refused() -> None:
    z = np.zeros((2, 3))
    assert message(ValueError, lambda: cross_entropy(z, [[0.2, 0.3, 0.5], [1, 0, 1]])) == (
        "cross_entropy: a target of the logits' shape (2, 3) has rows of probabilities, not "
        "negative and with the sum 1, but row 1 is [1. 0. 1.]. Labels, as whole numbers, would "
        "have the shape (2,)."
    )
    for row in ([1.5, -0.5, 0], [0, 0, 0], [np.nan, 1, 0]):
        with pytest.raises(ValueError, match="row 1 is"):
            cross_entropy(z, [[1, 0, 0], row])
    assert "but it is [0. 1. 2.]" in message(ValueError, lambda: cross_entropy(z[0], [0, 1, 2]))


def test_targets_that_are_no_numbers() -> None:
    assert message(TypeError, lambda: mse_loss(LOGITS, None)) == (
        "A target holds numbers, not [None]."
    )
    assert message(TypeError, lambda: cross_entropy(LOGITS, ["cat", "dog", "cat", "owl"])) == (
        "A target holds numbers, not ['cat']. Number classes: "
        "np.unique(names, return_inverse=True)[1]."
    )


# What has gone through softmax or a sigmoid

SQUASHED = [
    (
        nn.Softmax,
        lambda p: cross_entropy(p, LABELS),
        "cross_entropy applies softmax itself, and these logits already come out of Softmax, which "
        "follows the layer of '2.weight': twice makes all classes look alike and learning slow. "
        "Leave the Softmax layer out of the network; for probabilities apply nn.functional.softmax "
        "to its output.",
    ),
    (
        nn.Sigmoid,
        lambda p: binary_cross_entropy_with_logits(p, np.ones((5, 3))),
        "binary_cross_entropy_with_logits applies a sigmoid itself, and these logits already come "
        "out of Sigmoid, which follows the layer of '2.weight': twice squeezes all answers to "
        "between 0.5 and 0.73. Leave the Sigmoid layer out of the network; for probabilities apply "
        "nn.functional.sigmoid to its output.",
    ),
    (
        nn.Softmax,
        lambda p: nll_loss(p, LABELS),
        "nll_loss takes logarithms of probabilities, and these are probabilities, out of Softmax, "
        "which follows the layer of '2.weight'. Let the network end in LogSoftmax, or without "
        "either and take cross_entropy.",
    ),
    (
        nn.Softmax,
        lambda p: kl_div(p, np.ones((5, 3))),
        "kl_div takes logarithms of probabilities, and these are probabilities, out of Softmax, "
        "which follows the layer of '2.weight'. Give log_softmax of the logits instead.",
    ),
]


@pytest.mark.parametrize(("last", "loss", "expected"), SQUASHED)
def test_a_loss_of_logits_warns_of_probabilities(last: Any, loss: Any, expected: str) -> None:
    net = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3), last())
    with pytest.warns(UserWarning, match="come out|out of") as caught:
        loss(net(np.ones((5, 4), np.float32)))
    assert [str(one.message) for one in caught] == [expected]
    assert caught[0].filename == __file__


def test_without_parameters_the_warning_names_only_the_operation() -> None:
    x = Tensor(LOGITS, requires_grad=True)
    with pytest.warns(UserWarning, match="come out of Softmax: twice"):
        cross_entropy(nn.Softmax()(x * x + x), [0, 1, 2, 0])


def test_the_warning_comes_once_for_each_place() -> None:
    x = Tensor(LOGITS, requires_grad=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            cross_entropy(nn.Softmax()(x), [0, 1, 2, 0])
    assert len(caught) == 1


def test_what_is_right_does_not_warn() -> None:
    x = Tensor(LOGITS, requires_grad=True)
    nll_loss(nn.LogSoftmax()(x), [0, 1, 2, 0])
    kl_div(nn.LogSoftmax()(x), ONES / 3)
    binary_cross_entropy(nn.Sigmoid()(x), ONES)
    multi_margin_loss(nn.Softmax()(x), [0, 1, 2, 0])


# One-hot rows


def test_one_hot_puts_a_one_at_the_label() -> None:
    rows = one_hot([[2], [0]], 3)
    assert rows.data.tolist() == [[[0, 0, 1]], [[1, 0, 0]]]
    assert rows.dtype == np.float32
    assert one_hot(Tensor(np.array(1)), 2).data.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("labels", "kind", "expected"),
    [
        ([0, 3, 5], ValueError, "one_hot: 2 of 3 labels are not in 0 … 2; the first is 3."),
        ([-1], ValueError, "one_hot: 1 of 1 labels are not in 0 … 2; the first is -1."),
        ([0.0], TypeError, "one_hot: labels are whole numbers, not float64."),
    ],
)
def test_one_hot_refuses_what_is_no_label(labels: Any, kind: Any, expected: str) -> None:
    assert message(kind, lambda: one_hot(labels, 3)) == expected


def test_one_hot_in_a_compiled_function_looks_at_the_labels_of_each_call() -> None:
    rows = autograd.compile(lambda labels: one_hot(labels, 3))
    for labels in ([0, 2], [1, 1], [2, 0]):
        np.testing.assert_array_equal(rows(np.array(labels)).data, np.eye(3)[labels])
    with pytest.raises(ValueError, match="1 of 2 labels are not in 0 … 2; the first is 3"):
        rows(np.array([0, 3]))
