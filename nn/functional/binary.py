"""Losses of yes or no, for one question or for many labels at once.

The least binary cross-entropy is the maximum likelihood of yes-or-no answers (Bernoulli), where
the prediction, or σ of the logit, is the probability of yes.
"""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from autograd.ops.losses import BinaryCrossEntropy, SigmoidCrossEntropy
from nn.functional.labels import class_weights
from nn.functional.operands import (
    check_broadcast,
    check_range,
    check_signs,
    in_dtype_of,
    matched,
    weighted,
    with_shape,
)
from nn.functional.reductions import reduction_named
from nn.functional.squashed import warn_of_probabilities

NO_LABELS = "Of labels -1 and 1 make (labels + 1) / 2, or take soft_margin_loss."
NO_PROBABILITIES = (
    "Apply a sigmoid before this loss; or better none, and take binary_cross_entropy_with_logits, "
    "which is exact for large logits too."
)
SIGMOID_TWICE = (
    "{who} applies a sigmoid itself, and these logits already come out of {place}: twice squeezes "
    "all answers to between 0.5 and 0.73. Leave the {kind} layer out of the network; for "
    "probabilities apply nn.functional.sigmoid to its output."
)


def binary_cross_entropy(
    prediction: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
) -> Tensor:
    """−y log p − (1 − y) log(1 − p) for predicted probabilities p and targets y from 0 to 1.

    As in PyTorch no logarithm is below −100, and the gradient is (p − y) / max(p (1 − p), 10⁻¹²).
    For logits there is `binary_cross_entropy_with_logits`, which needs no such limits.

    Args:
        prediction: probabilities, of any shape.
        target: of the same shape; taken in the prediction's dtype.
        weight: what the losses are multiplied by; its shape broadcasts to theirs.
        reduction: "mean", "sum" or "none". The mean is that of the weighted losses.

    Raises ValueError for another shape, and for predictions or targets outside of [0, 1].
    """
    who = "binary_cross_entropy"
    reduce = reduction_named(reduction, who)
    prediction, target = matched(who, prediction, target)
    check_range(who, "predictions", prediction, 0, 1, NO_PROBABILITIES)
    check_range(who, "targets", target, 0, 1, NO_LABELS)
    return reduce(weighted(who, BinaryCrossEntropy.apply(prediction, target), weight))


def binary_cross_entropy_with_logits(
    logits: Any, target: Any, weight: Any = None, *, pos_weight: Any = None, reduction: str = "mean"
) -> Tensor:
    """Binary cross-entropy of σ(logits), exact for any logits, and targets y from 0 to 1.

    The gradient of one loss with respect to its logit is σ(logit) − y.

    Args:
        logits: of any shape, before any sigmoid.
        target: of the same shape; taken in the logits' dtype.
        weight: what the losses are multiplied by; its shape broadcasts to theirs.
        pos_weight: how much more the answer yes counts, for each class; broadcasts as well.
        reduction: "mean", "sum" or "none". The mean is that of the weighted losses.

    Raises ValueError for another shape, and for targets outside of [0, 1].
    Warns if the logits come out of a sigmoid or softmax: a second one flattens the gradient.
    """
    who = "binary_cross_entropy_with_logits"
    reduce = reduction_named(reduction, who)
    losses = _of_logits(who, logits, target, pos_weight)
    return reduce(weighted(who, losses, weight))


def multilabel_soft_margin_loss(
    logits: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
) -> Tensor:
    """Mean over the labels of their binary cross-entropies with logits: one loss for each row.

    Shapes: logits and target (..., labels), weight (labels,). Targets are from 0 to 1.
    Reduced by "mean", "sum" or "none". Errors and warnings are those of
    `binary_cross_entropy_with_logits`.
    """
    who = "multilabel_soft_margin_loss"
    reduce = reduction_named(reduction, who)
    losses = _of_logits(who, logits, target, None)
    weight = class_weights(who, weight, losses)
    return reduce((losses if weight is None else losses * weight).mean(axis=-1))


def soft_margin_loss(prediction: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """log(1 + e^(−y z)) for predictions z and targets y of −1 or 1, exact for any z.

    It is binary cross-entropy with logits, where no is −1. Reduced by "mean", "sum" or "none".
    Raises ValueError for another shape, and for targets other than −1 and 1.
    """
    who = "soft_margin_loss"
    reduce = reduction_named(reduction, who)
    prediction, target = matched(who, prediction, target)
    check_signs(who, target)
    return reduce(SigmoidCrossEntropy.apply(prediction * target, 1.0))


def _of_logits(who: str, logits: Any, target: Any, pos_weight: Any) -> Tensor:
    """Binary cross-entropies of logits, one for each entry."""
    z, y = matched(who, logits, target)
    check_range(who, "targets", y, 0, 1, NO_LABELS)
    warn_of_probabilities(who, z, SIGMOID_TWICE)
    if pos_weight is None:
        losses: Tensor = SigmoidCrossEntropy.apply(z, y)
        return losses
    positive = in_dtype_of(z, with_shape(pos_weight))
    check_broadcast(who, "pos_weight", positive, z)
    yes, no = (SigmoidCrossEntropy.apply(z, answer) for answer in (1.0, 0.0))
    return y * positive * yes + (1 - y) * no
