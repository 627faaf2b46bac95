"""Losses of predicted numbers.

Each is the negative log-likelihood of a distribution of the errors, up to constants: squared error
of a normal one, absolute error of a Laplace one, Huber's of a normal one with heavier tails.
"""

from __future__ import annotations

import math
from typing import Any

from autograd import Tensor, ops
from autograd.ops.losses import Huber
from autograd.ops.norms import EuclideanNorm
from nn.checks import not_negative, positive
from nn.functional.operands import matched
from nn.functional.reductions import half_sum, reduction_named, some


def mse_loss(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Squared error (prediction − target)², reduced by "mean", "sum", "none" or "half".

    "half" is ½ Σ (prediction − target)², whose gradient is the error itself. The least squared
    error is the maximum likelihood of a normal distribution around the prediction.

    The target has the prediction's shape, and is taken in its dtype.
    Raises ValueError for another shape (nothing is broadcast) and for an unknown reduction.
    """
    prediction, target = matched("mse_loss", prediction, target)
    reduce = reduction_named(reduction, "mse_loss", half=half_sum)
    return reduce(ops.Square.apply(prediction - target))


def l1_loss(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Absolute error |prediction − target|, reduced by "mean", "sum" or "none".

    Its derivative is ±1, and 0 where there is no error. The least absolute error is the maximum
    likelihood of a Laplace distribution. Shapes and errors as for `mse_loss`.
    """
    prediction, target = matched("l1_loss", prediction, target)
    return reduction_named(reduction, "l1_loss")(ops.Absolute.apply(prediction - target))


def rmse_loss(prediction: Any, target: Any) -> Tensor:
    """Root of the mean squared error, √(Σ (prediction − target)² / n): in the target's unit.

    One number for all n entries together, so there is no other reduction. Where every prediction is
    right, the gradient is taken as 0. Shapes and errors as for `mse_loss`.
    """
    x, y = matched("rmse_loss", prediction, target)
    root: Tensor = EuclideanNorm.apply(some(x - y)) / math.sqrt(x.size)
    return root


def huber_loss(prediction: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """½ e² for errors e up to delta, delta (|e| − ½ delta) beyond: outliers pull with ±delta only.

    Reduced by "mean", "sum" or "none". Shapes and errors as for `mse_loss`; ValueError also if
    delta is not positive. Source: Huber (1964).
    """
    delta = positive(delta, "huber_loss", "delta")
    prediction, target = matched("huber_loss", prediction, target)
    losses = Huber.apply(prediction - target, delta=delta)
    return reduction_named(reduction, "huber_loss")(losses)


def smooth_l1_loss(
    prediction: Any, target: Any, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    """½ e² / beta for errors e up to beta, |e| − ½ beta beyond: Huber's loss by beta; L1 for 0.

    Reduced by "mean", "sum" or "none". Shapes and errors as for `mse_loss`; ValueError also if
    beta is negative. Source: Girshick, Fast R-CNN (2015).
    """
    beta = not_negative(beta, "smooth_l1_loss", "beta")
    prediction, target = matched("smooth_l1_loss", prediction, target)
    errors = prediction - target
    losses = Huber.apply(errors, delta=beta) / beta if beta else ops.Absolute.apply(errors)
    return reduction_named(reduction, "smooth_l1_loss")(losses)
