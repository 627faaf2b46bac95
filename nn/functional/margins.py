"""Losses that ask for a margin, and are 0 beyond it."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, ops
from autograd.ops.classification import AtLabel, marks
from nn.checks import not_negative, number
from nn.checks import positive as positive_number
from nn.functional.labels import at_each_label, class_weights, weights_at
from nn.functional.operands import check_signs, floating, matched, values_of
from nn.functional.reductions import reduction_named
from nn.functional.similarity import pairwise_distance


def multi_class_hinge_loss(
    scores: Any, target: Any, *, p: int = 1, margin: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """Σ_{j≠y} max(0, f_j − f_y + margin)ᵖ for scores f and the label y: the multi-class SVM.

    With p = 2 the squared hinge. PyTorch's multi_margin_loss is this by the number of classes.

    Shapes: scores (..., classes), target (...) of whole numbers 0 … classes − 1; one loss for each
    row, reduced by "mean", "sum" or "none".
    Raises ValueError for labels that do not fit, and for p other than 1 and 2.
    Source: Weston and Watkins, Support vector machines for multi-class pattern recognition (1999).
    """
    who = "multi_class_hinge_loss"
    return reduction_named(reduction, who)(_hinges(who, scores, target, p, margin).sum(axis=-1))


def multi_margin_loss(
    scores: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    *,
    reduction: str = "mean",
) -> Tensor:
    """Σ_{j≠y} w_y max(0, f_j − f_y + margin)ᵖ / classes, as PyTorch has it.

    As `multi_class_hinge_loss`, but divided by the number of classes, and with a weight for each
    class, shape (classes,).
    """
    who = "multi_margin_loss"
    reduce = reduction_named(reduction, who)
    scores = floating(scores)
    weight = class_weights(who, weight, scores)
    losses = _hinges(who, scores, target, p, margin).mean(axis=-1)
    if weight is not None:
        losses = losses * weights_at(weight, values_of(target))
    return reduce(losses)


def hinge_embedding_loss(
    prediction: Any, target: Any, margin: float = 1.0, *, reduction: str = "mean"
) -> Tensor:
    """x where the target is 1, max(0, margin − x) where it is −1: for distances x.

    Reduced by "mean", "sum" or "none".
    Raises ValueError for another shape, and for targets other than −1 and 1.
    """
    who = "hinge_embedding_loss"
    reduce, margin = reduction_named(reduction, who), number(margin, who, "margin")
    prediction, target = matched(who, prediction, target)
    check_signs(who, target)
    apart = ops.ReLU.apply(margin - prediction)
    return reduce(ops.Where.apply(target == 1, prediction, apart))


def margin_ranking_loss(
    first: Any, second: Any, target: Any, margin: float = 0.0, *, reduction: str = "mean"
) -> Tensor:
    """max(0, margin − y (first − second)): the first is to rank higher where y is 1, else lower.

    All of one shape, y −1 or 1. Reduced by "mean", "sum" or "none".
    Raises ValueError for another shape, and for targets other than −1 and 1.
    """
    who = "margin_ranking_loss"
    reduce, margin = reduction_named(reduction, who), number(margin, who, "margin")
    first, second = matched(who, first, second)
    _, target = matched(who, first, target)
    check_signs(who, target)
    return reduce(ops.ReLU.apply(margin - target * (first - second)))


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: str = "mean",
) -> Tensor:
    """max(0, margin + ‖anchor − positive‖ − ‖anchor − negative‖): near to one, far from the other.

    Distances are p-norms over the last axis, of differences to which eps is added, as in PyTorch.
    With `swap` the negative example is to be far from the positive one too. One loss for each row,
    reduced by "mean", "sum" or "none". Raises ValueError unless all have one shape.
    Source: Schroff, Kalenichenko and Philbin, FaceNet (2015).
    """
    who = "triplet_margin_loss"
    reduce, margin = reduction_named(reduction, who), positive_number(margin, who, "margin")
    eps, p = not_negative(eps, who, "eps"), positive_number(p, who, "p")
    anchor, near = matched(who, anchor, positive)
    _, far = matched(who, anchor, negative)
    distance = pairwise_distance(anchor, far, p, eps)
    if swap:
        distance = ops.Minimum.apply(distance, pairwise_distance(near, far, p, eps))
    return reduce(ops.ReLU.apply(margin + pairwise_distance(anchor, near, p, eps) - distance))


def _hinges(who: str, scores: Any, target: Any, p: int, margin: float) -> Tensor:
    """max(0, f_j − f_y + margin)ᵖ for each class j, and 0 for the label itself."""
    if p not in (1, 2):
        raise ValueError(f"{who}: p is 1, or 2 for squared hinges, not {p!r}.")
    margin, scores = number(margin, who, "margin"), floating(scores)
    labels = values_of(target)
    own = at_each_label(who, AtLabel, scores, labels)
    others = ~marks(scores.data, labels)
    hinges = ops.ReLU.apply(scores - own[..., None] + margin) * others.astype(scores.dtype)
    return hinges if p == 1 else ops.Square.apply(hinges)
