"""Losses between distributions, and likelihoods of counts and of numbers with their own spread."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor, ops
from nn.checks import positive
from nn.functional.operands import check_all, floating, in_dtype_of, matched, with_shape
from nn.functional.reductions import mean_over_batch, reduction_named
from nn.functional.squashed import warn_of_probabilities

NO_LOGARITHM = (
    "{who} takes logarithms of probabilities, and these are probabilities, out of {place}. Give "
    "log_softmax of the logits instead."
)


def kl_div(
    log_prediction: Any, target: Any, *, reduction: str = "mean", log_target: bool = False
) -> Tensor:
    """y (log y − log p) for each entry of the targets y and the predicted probabilities p.

    The sum over a row is the Kullback-Leibler divergence of the prediction from the target; it is
    0 where they are the same.

    Args:
        log_prediction: log p, of any shape, such as log-softmax gives it.
        target: y, or log y with `log_target`; of the same shape. 0 log 0 is 0.
        reduction: "mean", as in PyTorch, is the mean over all entries; "batchmean", the sum by the
            number of rows, is what the definition says. Also "sum" and "none".
        log_target: whether the target is given as a logarithm.

    Raises ValueError for another shape, and for negative targets that are no logarithms.
    Warns if the prediction comes out of a softmax or sigmoid, and so is no logarithm.
    """
    who = "kl_div"
    reduce = reduction_named(reduction, who, batchmean=mean_over_batch)
    logp, target = matched(who, log_prediction, target)
    warn_of_probabilities(who, logp, NO_LOGARITHM)
    if log_target:
        return reduce(ops.Exp.apply(target) * (target - logp))
    cause = "They are probabilities; if these are logarithms, say log_target=True."
    check_all(who, "the targets must not be negative", target, target.data >= 0, cause)
    none = (target.data == 0).astype(target.dtype)
    return reduce(target * (ops.Log.apply(target + none) - logp))


def gaussian_nll_loss(
    prediction: Any,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    *,
    reduction: str = "mean",
) -> Tensor:
    """½ (log v + (prediction − target)² / v): targets from normal distributions of variance v.

    Args:
        prediction: the means, of any shape.
        target: of the same shape.
        var: the variances: of the same shape; one for each row, shape (..., 1) or (...); or a
            number. No variance counts as less than eps; the gradient is that for eps then.
        full: add the constant ½ log 2π, so that it is the likelihood itself.
        eps: the least variance.
        reduction: "mean", "sum" or "none".

    Raises ValueError for other shapes and for negative variances.
    """
    who = "gaussian_nll_loss"
    reduce, eps = reduction_named(reduction, who), positive(eps, who, "eps")
    prediction, target = matched(who, prediction, target)
    var = _variances(who, prediction, var)
    lifted = var + np.maximum(eps - var.data, 0)  # a constant is added: the gradient passes
    losses = 0.5 * (ops.Log.apply(lifted) + ops.Square.apply(prediction - target) / lifted)
    return reduce(losses + 0.5 * math.log(2 * math.pi) if full else losses)


def poisson_nll_loss(
    prediction: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    *,
    reduction: str = "mean",
) -> Tensor:
    """λ − y log λ: counts y from Poisson distributions of mean λ.

    Args:
        prediction: log λ, or λ itself without `log_input`; of any shape.
        target: the counts, of the same shape, not negative.
        log_input: whether the prediction is a logarithm.
        full: add log y!, by Stirling's formula and for y > 1 only, so that it is the likelihood.
        eps: what is added to λ before its logarithm is taken, without `log_input`.
        reduction: "mean", "sum" or "none".

    Raises ValueError for another shape and for negative targets.
    """
    who = "poisson_nll_loss"
    reduce, eps = reduction_named(reduction, who), positive(eps, who, "eps")
    prediction, target = matched(who, prediction, target)
    check_all(who, "the targets must not be negative", target, target.data >= 0, "They are counts.")
    if log_input:
        losses = ops.Exp.apply(prediction) - target * prediction
    else:
        losses = prediction - target * ops.Log.apply(prediction + eps)
    if full:
        many = ops.Maximum.apply(target, 1.0)
        stirling = many * ops.Log.apply(many) - many + 0.5 * ops.Log.apply(2 * math.pi * many)
        losses = losses + ops.Where.apply(target > 1, stirling, 0.0)
    return reduce(losses)


def _variances(who: str, prediction: Tensor, var: Any) -> Tensor:
    """The variances as a Tensor that broadcasts to the predictions."""
    variances = in_dtype_of(prediction, floating(with_shape(var)))
    shape = prediction.shape
    if variances.ndim and variances.shape not in (shape, (*shape[:-1], 1)):
        if variances.shape != shape[:-1]:
            raise ValueError(
                f"{who}: there is one variance for each prediction, shape {shape}, for each row, "
                f"shape {(*shape[:-1], 1)}, or one for all; var has shape {variances.shape}."
            )
        variances = variances[..., None]
    cause = "Let the network predict its logarithm, and give var=log_var.exp()."
    check_all(who, "variances must not be negative", variances, variances.data >= 0, cause)
    return variances
