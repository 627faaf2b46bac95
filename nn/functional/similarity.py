"""The length of vectors, the distance and the angle between them, and losses of the angle."""

from __future__ import annotations

import math
from typing import Any

from autograd import Tensor, ops
from autograd.ops.norms import EuclideanNorm, PowerNorm
from nn.checks import not_negative, number, positive
from nn.functional.operands import check_signs, floating, in_dtype_of, matched, with_shape
from nn.functional.reductions import reduction_named
from nn.spelling import takes_dim

TINY = 1e-12  # what cosine_embedding_loss adds to squared lengths, as in PyTorch


@takes_dim
def cosine_similarity(x: Any, y: Any, axis: int = 1, eps: float = 1e-8) -> Tensor:
    """x · y / (‖x‖ ‖y‖) along an axis (or `dim`): the cosine of the angle, from −1 to 1.

    Shapes broadcast. No length counts as less than eps, so that of a vector 0 it is 0.
    """
    eps = positive(eps, "cosine_similarity", "eps")
    a, b = floating(x), floating(y)
    lengths = _length(a, axis, eps) * _length(b, axis, eps)
    return (a * b).sum(axis=axis) / lengths


def pairwise_distance(
    x: Any, y: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """‖x − y + eps‖ₚ over the last axis: the distance of each row of x from that of y.

    Shapes broadcast. As in PyTorch, eps is added to each difference, so that the root has a slope
    for equal rows. With `keepdim` the last axis stays, of length 1. p is positive.
    """
    who = "pairwise_distance"
    p, eps = positive(p, who, "p"), not_negative(eps, who, "eps")
    return _norm(floating(x) - floating(y) + eps, p, -1, keepdim)


@takes_dim
def normalize(x: Any, p: float = 2.0, axis: int = 1, eps: float = 1e-12) -> Tensor:
    """x / ‖x‖ₚ along an axis (or `dim`): vectors of length 1.

    No length counts as less than eps, so that a vector 0 stays 0. p and eps are positive.
    """
    p, eps = positive(p, "normalize", "p"), positive(eps, "normalize", "eps")
    values = floating(x)
    return values / ops.Maximum.apply(_norm(values, p, axis, keepdims=True), eps)


def cosine_proximity_loss(prediction: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """−cos of the angle between rows: −1 where they point the same way, whatever their lengths.

    Shapes: prediction and target (..., n); one loss for each row, reduced by "mean", "sum" or
    "none". Raises ValueError for another shape.
    """
    reduce = reduction_named(reduction, "cosine_proximity_loss")
    prediction, target = matched("cosine_proximity_loss", prediction, target)
    return reduce(-cosine_similarity(prediction, target, axis=-1))


def cosine_embedding_loss(
    first: Any, second: Any, target: Any, margin: float = 0.0, *, reduction: str = "mean"
) -> Tensor:
    """1 − cos for rows that belong together (target 1), max(0, cos − margin) for others (−1).

    Shapes: first and second (..., n), target (...); one loss for each row, reduced by "mean", "sum"
    or "none". Raises ValueError for other shapes, and for targets other than −1 and 1.
    """
    who = "cosine_embedding_loss"
    reduce, margin = reduction_named(reduction, who), number(margin, who, "margin")
    first, second = matched(who, first, second)
    target = in_dtype_of(first, with_shape(target))
    if target.shape != first.shape[:-1]:
        raise ValueError(
            f"{who}: there is one target for each row, shape {first.shape[:-1]}; target has shape "
            f"{target.shape}."
        )
    check_signs(who, target)
    squares = [ops.Square.apply(one).sum(axis=-1) + TINY for one in (first, second)]
    cosine = (first * second).sum(axis=-1) / ops.Sqrt.apply(squares[0] * squares[1])
    return reduce(ops.Where.apply(target == 1, 1 - cosine, ops.ReLU.apply(cosine - margin)))


def _norm(x: Tensor, p: float, axis: int, keepdims: bool) -> Tensor:
    if p == 2:
        norm: Tensor = EuclideanNorm.apply(x, axis=axis, keepdims=keepdims)
    elif math.isinf(p):
        norm = ops.Absolute.apply(x).max(axis=axis, keepdims=keepdims)
    else:
        norm = PowerNorm.apply(x, ord=p, axis=axis, keepdims=keepdims)
    return norm


def _length(x: Tensor, axis: int, eps: float) -> Tensor:
    squares = ops.Square.apply(x).sum(axis=axis)
    length: Tensor = ops.Sqrt.apply(ops.Maximum.apply(squares, eps**2))
    return length
