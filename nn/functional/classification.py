"""Losses of one class among several.

The least cross-entropy is the maximum likelihood of the labels, where softmax of the logits is the
distribution over the classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd.conditions import require
from autograd.ops.classification import AtLabel
from nn.checks import number
from nn.functional.labels import at_each_label, class_weights, weights_at, without_ignored
from nn.functional.operands import floating, in_dtype_of, with_shape
from nn.functional.reductions import reduction_named, weighted_mean
from nn.functional.squashed import warn_of_probabilities

IGNORED = -100  # the label that is left out, if nothing else is said, as in PyTorch

SOFTMAX_TWICE = (
    "{who} applies softmax itself, and these logits already come out of {place}: twice "
    "makes all classes look alike and learning slow. Leave the {kind} layer out of the network; "
    "for probabilities apply nn.functional.softmax to its output."
)
NO_LOGARITHM = (
    "{who} takes logarithms of probabilities, and these are probabilities, out of {place}. Let the "
    "network end in LogSoftmax, or without either and take cross_entropy."
)


def cross_entropy(
    logits: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = IGNORED,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """−log softmax(logits) at the target, reduced by "mean", "sum" or "none".

    The gradient of one loss with respect to its logits is softmax(logits) − target.

    Args:
        logits: shape (..., classes), before any softmax. Classes are the last axis; where PyTorch
            has them second, (n, classes, length), give np.moveaxis(logits, 1, -1).
        target: whole numbers 0 … classes − 1, shape (...); or, in the logits' shape, rows with a
            probability for each class (one-hot rows are such).
        weight: for each class, shape (classes,): its losses count that much. The mean of losses of
            labels is divided by the sum of their weights; that of rows, as in PyTorch, is not.
        ignore_index: targets with this label are left out.
        reduction: "mean", "sum" or "none", which gives one loss for each row.
        label_smoothing: from 0 to 1; that part of each target is spread over all classes evenly
            (Szegedy and others, Rethinking the Inception architecture, 2016).

    Raises:
        ValueError: target's shape is neither; labels out of range; rows that are no probabilities;
            nothing left of which to take the mean; an unknown reduction.

    Warns if the logits come out of a softmax or sigmoid: a second one flattens the gradient.
    """
    reduce = reduction_named(reduction, "cross_entropy")
    smoothing = _smoothing(label_smoothing)
    logits, target = floating(logits), with_shape(target)
    weight = class_weights("cross_entropy", weight, logits)
    warn_of_probabilities("cross_entropy", logits, SOFTMAX_TWICE)
    if logits.ndim and target.shape == logits.shape:
        return reduce(_of_rows(logits, in_dtype_of(logits, target), weight, smoothing))

    if weight is None and not smoothing and ignore_index == IGNORED:
        try:  # straight on: the usual case has nobody look for ignored labels
            return reduce(ops.SoftmaxCrossEntropy.apply(logits, target))
        except ValueError:
            pass  # there are some, or else the same error comes again below
    labels, kept = without_ignored(target, ignore_index, logits.dtype)
    if smoothing:
        logp = ops.LogSoftmax.apply(logits)
        at_label = -at_each_label("cross_entropy", AtLabel, logp, labels)
        everywhere = -(logp if weight is None else logp * weight).mean(axis=-1)
        weights = kept * weights_at(weight, labels)
        losses = at_label * ((1 - smoothing) * weights) + everywhere * (smoothing * kept)
    else:
        losses = at_each_label("cross_entropy", ops.SoftmaxCrossEntropy, logits, labels)
        weights = kept * weights_at(weight, labels)
        losses = losses * weights
    return (
        weighted_mean(losses, weights, "cross_entropy") if reduction == "mean" else reduce(losses)
    )


def nll_loss(
    log_probabilities: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = IGNORED,
    reduction: str = "mean",
) -> Tensor:
    """−log p at each row's label, for rows of log-probabilities such as log-softmax gives them.

    Shapes: log_probabilities (..., classes), target (...) of whole numbers 0 … classes − 1. The
    settings are those of `cross_entropy`, and so are the errors.

    Warns if what is given comes out of a softmax or sigmoid, and so is no logarithm.
    """
    reduce = reduction_named(reduction, "nll_loss")
    logp = floating(log_probabilities)
    weight = class_weights("nll_loss", weight, logp)
    warn_of_probabilities("nll_loss", logp, NO_LOGARITHM)
    labels, kept = without_ignored(target, ignore_index, logp.dtype)
    losses = -at_each_label("nll_loss", AtLabel, logp, labels)
    weights = kept * weights_at(weight, labels)
    losses = losses * weights
    return weighted_mean(losses, weights, "nll_loss") if reduction == "mean" else reduce(losses)


def _of_rows(logits: Tensor, rows: Tensor, weight: Any, smoothing: float) -> Tensor:
    """The losses for rows of probabilities."""
    _check_probabilities(rows)
    if smoothing:
        rows = rows * (1 - smoothing) + smoothing / logits.shape[-1]
    terms = ops.LogSoftmax.apply(logits) * rows
    return -(terms if weight is None else terms * weight).sum(axis=-1)


def _smoothing(label_smoothing: Any) -> float:
    smoothing = number(label_smoothing, "cross_entropy", "label_smoothing")
    if not 0 <= smoothing <= 1:
        raise ValueError(
            f"cross_entropy: label_smoothing is a part from 0 to 1, not {label_smoothing}."
        )
    return smoothing


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
    hint = f"Labels, as whole numbers, would have the shape {values.shape[:-1]}."
    if values.ndim > 2 and np.allclose(values.sum(axis=1), 1):
        hint = (
            "Classes are the last axis here, and PyTorch's second: np.moveaxis(x, 1, -1) of both."
        )
    row = tuple(np.argwhere(~right)[0].tolist())
    which = f"row {', '.join(map(str, row))}" if row else "it"
    return ValueError(
        f"cross_entropy: a target of the logits' shape {values.shape} has rows of probabilities, "
        f"not negative and with the sum 1, but {which} is "
        f"{np.array2string(values[row], precision=4, threshold=10)}. {hint}"
    )
