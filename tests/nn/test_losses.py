"""What holds for every loss: each check walks the table of support/losses.py.

Their values are compared with PyTorch's in test_against_pytorch, what they do at the limits in
test_losses_extremes, their errors in test_losses_errors.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from support.checks import check_gradients, message
from support.losses import CROSS, LABELS, NLL, NUMBERS, OTHERS, SOME_IGNORED, TABLE, Row

import autograd
from autograd import Tensor
from nn import losses
from nn.functional.labels import one_hot
from nn.functional.regression import rmse_loss

each_row = pytest.mark.parametrize("row", TABLE, ids=str)
ALL = [getattr(losses, name) for name in losses.__all__]
MODULES = [one for one in ALL if issubclass(one, losses.base.Loss)]


def test_every_loss_has_a_row() -> None:
    assert {row.module for row in TABLE} == {*MODULES} - {losses.RMSELoss}


# Derivatives


@each_row
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_gradients_to_second_order_agree_with_finite_differences(row: Row, reduction: str) -> None:
    rest = row.inputs[row.learn :]
    check_gradients(
        lambda *learned: row.call(*learned, *rest, reduction=reduction), row.inputs[: row.learn]
    )


def test_a_gradient_reaches_rows_of_probabilities() -> None:
    def of_rows(rows: Tensor) -> Tensor:  # kept summing to 1
        return CROSS.function(Tensor(NUMBERS), rows / rows.sum(axis=-1, keepdims=True))

    check_gradients(of_rows, [np.full((5, 3), 0.4)])


def test_the_root_of_the_mean_squared_error() -> None:
    expected = np.sqrt(np.mean((NUMBERS - OTHERS) ** 2))
    assert rmse_loss(NUMBERS, OTHERS).item() == pytest.approx(expected, rel=1e-14)
    assert losses.RMSELoss()(NUMBERS, OTHERS).item() == pytest.approx(expected, rel=1e-14)
    check_gradients(rmse_loss, [NUMBERS, OTHERS])


def test_where_every_prediction_is_right_the_root_has_the_gradient_0() -> None:
    x = Tensor(NUMBERS, requires_grad=True)
    rmse_loss(x, NUMBERS).backward()
    np.testing.assert_array_equal(x.grad.data, np.zeros((5, 3)))


# Reductions


def reductions(row: Row, *inputs: Any) -> dict[str, Any]:
    return {name: row.call(*inputs, reduction=name).data for name in ("none", "sum", "mean")}


@each_row
def test_the_reductions_agree(row: Row) -> None:
    found = reductions(row, *row.inputs)
    assert found["sum"] == pytest.approx(found["none"].sum(), rel=1e-14)
    if row.function not in (CROSS.function, NLL.function) or not row.settings:
        assert found["mean"] == pytest.approx(found["none"].mean(), rel=1e-14)


@each_row
def test_the_mean_is_the_default(row: Row) -> None:
    assert row.call(*row.inputs).item() == row.call(*row.inputs, reduction="mean").item()


@each_row
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_modules_compute_what_functions_do(row: Row, reduction: str) -> None:
    module = row.module(reduction=reduction, **row.settings)
    expected = row.call(*row.inputs, reduction=reduction)
    np.testing.assert_array_equal(module(*row.inputs).data, expected.data)


def defaults(function: Any) -> dict[str, Any]:
    given = inspect.signature(function).parameters.items()
    return {name: one.default for name, one in given if one.default is not one.empty}


@each_row
def test_modules_and_functions_have_the_same_defaults(row: Row) -> None:
    assert defaults(row.module) == defaults(row.function)


def test_half_of_the_sum_and_the_mean_over_rows() -> None:
    squares = (NUMBERS - OTHERS) ** 2
    assert losses.MSELoss("half")(NUMBERS, OTHERS).item() == pytest.approx(squares.sum() / 2)
    total = losses.KLDivLoss("sum", log_target=True)(NUMBERS, OTHERS).item()
    mean = losses.KLDivLoss("batchmean", log_target=True)(NUMBERS, OTHERS).item()
    assert mean == pytest.approx(total / 5)


# What they are given


@each_row
def test_a_target_of_another_dtype_does_not_widen_the_loss(row: Row) -> None:
    first, *rest = row.inputs
    for dtype in (np.float32, np.float64):
        ours = row.call(first.astype(dtype), *rest, reduction="none")
        assert ours.dtype == dtype
        expected = row.call(*row.inputs, reduction="none").data
        np.testing.assert_allclose(ours.data, expected, rtol=3e-5, atol=3e-6)


@each_row
def test_inputs_may_be_tensors_arrays_or_lists(row: Row) -> None:
    expected = row.call(*row.inputs).item()
    assert row.call(*map(Tensor, row.inputs)).item() == expected
    autograd.set_default_dtype("float64")
    try:
        assert row.call(*(one.tolist() for one in row.inputs)).item() == expected
    finally:
        autograd.set_default_dtype("float32")


@each_row
def test_inputs_are_left_as_they_were(row: Row) -> None:
    copies = [one.copy() for one in row.inputs]
    first = Tensor(row.inputs[0], requires_grad=True)
    row.call(first, *row.inputs[1:]).backward()
    for one, copy in zip(row.inputs, copies, strict=True):
        np.testing.assert_array_equal(one, copy)


@each_row
def test_a_recorded_loss_answers_for_other_numbers(row: Row) -> None:
    first, *rest = row.inputs
    x = Tensor(first, requires_grad=True)
    graph = autograd.trace(lambda x, *rest: row.call(x, *rest), x, *rest)
    other = (Tensor(first * 0.9, requires_grad=True), *(one[::-1].copy() for one in rest))
    assert graph(*other).item() == pytest.approx(row.call(*other).item(), rel=1e-14)


def test_a_recorded_loss_checks_labels_at_every_replay() -> None:
    graph = autograd.trace(CROSS.function, NUMBERS, LABELS)
    with pytest.raises(ValueError, match="1 of 5 labels are not in 0 … 2; the first is 3"):
        graph(NUMBERS, LABELS + 1)


@pytest.mark.parametrize("kind", [np.uint8, np.int32])
def test_labels_may_be_any_whole_numbers(kind: Any) -> None:
    expected = CROSS.call(NUMBERS, LABELS).item()
    assert CROSS.call(NUMBERS, LABELS.astype(kind)).item() == expected


def test_one_hot_rows_are_probabilities() -> None:
    by_label = CROSS.call(NUMBERS, LABELS).item()
    for rows in (np.eye(3, dtype=int)[LABELS], np.eye(3)[LABELS].tolist(), one_hot(LABELS, 3)):
        assert CROSS.call(NUMBERS, rows).item() == pytest.approx(by_label, rel=1e-14)


@pytest.mark.parametrize("function", [CROSS.function, NLL.function])
def test_classes_are_the_last_axis_whatever_comes_before(function: Any) -> None:
    z = np.stack([NUMBERS, OTHERS])
    y = np.stack([LABELS, LABELS[::-1]])
    flat = function(z.reshape(10, 3), y.reshape(10), reduction="none").data
    folded = function(z, y, reduction="none").data
    np.testing.assert_array_equal(folded.ravel(), flat)
    assert function(z[0, 0], y[0, 0]).item() == flat[0]


# Rows left out


@pytest.mark.parametrize("settings", [{}, {"weight": [1, 2, 3]}, {"label_smoothing": 0.3}])
def test_ignored_rows_are_as_good_as_not_there(settings: dict[str, Any]) -> None:
    kept = SOME_IGNORED >= 0
    x = Tensor(NUMBERS, requires_grad=True)
    loss = CROSS.call(x, SOME_IGNORED, **settings)
    without = CROSS.call(NUMBERS[kept], SOME_IGNORED[kept], **settings)
    assert loss.item() == pytest.approx(without.item(), rel=1e-14)
    loss.backward()
    assert not x.grad.data[~kept].any()
    assert x.grad.data[kept].all()


def test_which_label_is_ignored_may_be_said() -> None:
    ours = CROSS.call(NUMBERS, LABELS, ignore_index=1, reduction="none").data
    expected = CROSS.call(NUMBERS, LABELS, reduction="none").data * (LABELS != 1)
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("function", [CROSS.function, NLL.function])
def test_a_batch_of_which_nothing_is_left_has_no_mean(function: Any) -> None:
    ignored = np.full(5, -100)
    assert message(ValueError, lambda: function(NUMBERS, ignored)) == (
        f"{function.__name__}: every target of this batch is left out (by ignore_index, or a "
        "weight of 0), so its losses have no mean. Skip such a batch, or take "
        'reduction="sum".'
    )
    assert function(NUMBERS, ignored, reduction="sum").item() == 0


# Shown and kept


def test_a_loss_shows_what_was_set() -> None:
    assert repr(losses.MSELoss()) == "MSELoss()"
    assert repr(losses.HuberLoss("sum", 2.0)) == "HuberLoss(reduction='sum', delta=2.0)"
    ours = losses.CrossEntropyLoss([1.0, 2.0], label_smoothing=0.1)
    assert repr(ours) == "CrossEntropyLoss(weight: (2,), label_smoothing=0.1)"
    assert repr(losses.CosineSimilarity()) == "CosineSimilarity(axis=1, eps=1e-08)"


def test_weights_are_part_of_the_state() -> None:
    ours, other = losses.BCEWithLogitsLoss(pos_weight=[1, 2, 3]), losses.BCEWithLogitsLoss()
    assert list(ours.parameters()) == []
    assert ours.pos_weight.data.tolist() == [1, 2, 3]
    assert other.pos_weight is None
