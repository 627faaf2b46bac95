"""Losses of predicted numbers."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, ops
from nn.checks import reduction_named
from nn.functional.operands import floating, in_dtype_of, other_shape, with_shape


def mse_loss(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Squared error (prediction − target)², reduced by "mean", "sum" or "none".

    The target has the prediction's shape, and is taken in its dtype.
    Raises ValueError for another shape (nothing is broadcast) and for an unknown reduction.
    """
    prediction = floating(prediction)
    target = with_shape(target)
    if prediction.shape != target.shape:
        raise other_shape("mse_loss", prediction, target)
    errors = prediction - in_dtype_of(prediction, target)
    return reduction_named(reduction, "mse_loss")(ops.Square.apply(errors))
