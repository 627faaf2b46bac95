"""Layers and losses as functions, without parameters of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import (
    Tensor,
    affine,
    get_default_dtype,
    log_softmax,
    matmul,
    ops,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from autograd.conditions import require
from autograd.places import warn
from autograd.random import draw
from nn.checks import probability, reduction_named, whole_number, wider_data

__all__ = [
    "cross_entropy",
    "dropout",
    "linear",
    "log_softmax",
    "mse_loss",
    "one_hot",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]


SOFTMAX_TWICE = (
    "cross_entropy applies softmax itself, and these logits already come out of Softmax: twice "
    "makes all classes look alike and learning slow. Leave the Softmax layer out of the network; "
    "for probabilities apply nn.functional.softmax to its output."
)


def linear(x: Any, weight: Any, bias: Any = None) -> Tensor:
    """x Wᵀ + b for rows x: x (..., n_in), weight (n_out, n_in), bias (n_out,) or None.

    Warns if x has a wider dtype than the weight: then it computes in that.
    """
    out = weighted_sums(x, weight, bias)
    if out.dtype != weight.dtype:
        warn(wider_data("linear", x, weight, out))
    return out


def weighted_sums(x: Any, weight: Any, bias: Any) -> Tensor:
    """As `linear`, in whatever dtype results."""
    return matmul(x, weight.T) if bias is None else affine(x, weight, bias)


def dropout(
    x: Any,
    p: float = 0.5,
    training: bool = True,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """Each entry of x zero with probability p, else divided by 1 − p; x itself if not training.

    Raises TypeError or ValueError if p is not a number from 0 to 1.
    """
    p = probability(p, "dropout")
    values = _floating(x)
    if not training or p == 0:
        return values
    kept = draw("random", values.shape, values.dtype, generator) >= p
    scale = 1 / (1 - p) if p < 1 else 0.0
    return values * np.multiply(kept, scale, dtype=values.dtype)


def one_hot(labels: Any, num_classes: int) -> Tensor:
    """For each label a row of zeros with a 1 at the label's place, in the default dtype.

    Shapes: labels (...) of whole numbers 0 … num_classes − 1; the result (..., num_classes).
    Raises TypeError for labels that are not whole numbers, ValueError for labels out of range.
    """
    labels = np.asarray(labels)
    num_classes = whole_number(num_classes, "one_hot", "num_classes")
    if labels.dtype.kind not in "iu":
        raise TypeError(f"one_hot: labels are whole numbers, not {labels.dtype}.")
    wrong = labels[(labels < 0) | (labels >= num_classes)]
    if wrong.size:
        raise ValueError(
            f"one_hot: {wrong.size} of {labels.size} labels are not in 0 … {num_classes - 1}; "
            f"the first is {wrong[0]}."
        )
    rows = labels[..., None] == np.arange(num_classes)
    return Tensor(rows.astype(get_default_dtype()))


def mse_loss(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Squared error (prediction − target)², reduced by "mean", "sum" or "none".

    The target has the prediction's shape, and is taken in its dtype.
    Raises ValueError for another shape (nothing is broadcast) and for an unknown reduction.
    """
    prediction = _floating(prediction)
    target = _with_shape(target)
    if prediction.shape != target.shape:
        raise _other_shape("mse_loss", prediction, target)
    errors = prediction - _in_dtype_of(prediction, target)
    return reduction_named(reduction, "mse_loss")(ops.Square.apply(errors))


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
    logits = _floating(logits)
    if isinstance(logits.grad_fn, ops.Softmax):
        warn(SOFTMAX_TWICE)
    target = _with_shape(target)
    if logits.ndim and target.shape == logits.shape:
        rows = _in_dtype_of(logits, target)
        _check_probabilities(rows)
        losses = -(ops.LogSoftmax.apply(logits) * rows).sum(axis=-1)
    else:
        losses = ops.SoftmaxCrossEntropy.apply(logits, target)
    return reduction_named(reduction, "cross_entropy")(losses)


def _floating(x: Any) -> Tensor:
    """x as a Tensor; whole numbers in the default dtype."""
    values = x if isinstance(x, Tensor) else Tensor(x)
    return values if values.dtype.kind == "f" else values.astype(get_default_dtype())


def _with_shape(target: Any) -> Any:
    """The target as it is, or as an array if it is a list or number."""
    return target if hasattr(target, "shape") else np.asarray(target)


def _in_dtype_of(prediction: Tensor, target: Any) -> Tensor:
    """The target as a Tensor that does not widen the loss, as whole numbers and float64 would."""
    values = target if isinstance(target, Tensor) else Tensor(target)
    return values if values.dtype == prediction.dtype else values.astype(prediction.dtype)


def _other_shape(who: str, prediction: Tensor, target: Any) -> ValueError:
    ours, theirs = prediction.shape, target.shape
    lines = [f"{who}: there must be one target for each prediction, in the same shape."]
    try:
        together = np.broadcast_shapes(ours, theirs)
    except ValueError:
        together = ours
    if together not in (ours, theirs):
        lines[0] += f" Broadcast, they would make {together} errors, each with each."
    lines += [f"  prediction  {ours} {prediction.dtype}", f"  target      {theirs} {target.dtype}"]
    if ours == (*theirs, 1):
        lines.append("  fix  prediction.squeeze(-1), or target[..., None]")
    elif theirs == (*ours, 1):
        lines.append("  fix  target.squeeze(-1), or prediction[..., None]")
    elif prediction.size == target.size:
        lines.append("  fix  target.reshape(prediction.shape)")
    return ValueError("\n".join(lines))


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
