"""Losses of predicted classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd.conditions import require
from autograd.places import warn
from nn.checks import reduction_named
from nn.functional.operands import floating, in_dtype_of, with_shape

SOFTMAX_TWICE = (
    "cross_entropy applies softmax itself, and these logits already come out of Softmax: twice "
    "makes all classes look alike and learning slow. Leave the Softmax layer out of the network; "
    "for probabilities apply nn.functional.softmax to its output."
)


def cross_entropy(logits: Any, target: Any, reduction: str = "mean") -> Tensor:
    """−log softmax(logits) at the target, reduced by "mean", "sum" or "none".

    Shapes: logits (..., classes), before any softmax, classes last. target (...) of whole numbers
    0 … classes − 1, or of the logits' shape, each row a probability for each class (one-hot rows
    are such). One loss for each row.

    Raises:
        ValueError: target's shape is neither; labels out of range; rows that are no probabilities;
            an unknown reduction.

    Warns if the logits come out of a softmax: a second one flattens the gradient.
    """
    logits = floating(logits)
    if isinstance(logits.grad_fn, ops.Softmax):
        warn(SOFTMAX_TWICE)
    target = with_shape(target)
    if logits.ndim and target.shape == logits.shape:
        rows = in_dtype_of(logits, target)
        _check_probabilities(rows)
        losses = -(ops.LogSoftmax.apply(logits) * rows).sum(axis=-1)
    else:
        losses = ops.SoftmaxCrossEntropy.apply(logits, target)
    return reduction_named(reduction, "cross_entropy")(losses)


def _check_probabilities(rows: Tensor) -> None:
    """Raise ValueError if a row is negative somewhere or its sum is not 1."""
    values = rows.data
    sums = values.sum(axis=-1, dtype=np.float64)
    right = (np.absolute(sums - 1) < 1e-3) & (values >= 0).all(axis=-1)
    try:
        require(right.all(), "the target's rows are no probabilities")
    except ValueError:
        raise _no_probabilities(values, right) from None


def _no_probabilities(values: Any, right: Any) -> ValueError:
    row = tuple(np.argwhere(~right)[0].tolist())
    which = f"row {', '.join(map(str, row))}" if row else "it"
    return ValueError(
        f"cross_entropy: a target of the logits' shape {values.shape} has rows of probabilities, "
        f"not negative and with the sum 1, but {which} is "
        f"{np.array2string(values[row], precision=4, threshold=10)}. Labels, as whole numbers, "
        f"would have the shape {values.shape[:-1]}."
    )
