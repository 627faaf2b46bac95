"""The angle between vectors, and losses of it."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, ops
from nn.checks import number, positive
from nn.functional.operands import check_signs, floating, in_dtype_of, matched, with_shape
from nn.functional.reductions import reduction_named

TINY = 1e-12  # what cosine_embedding_loss adds to squared lengths, as in PyTorch


def cosine_similarity(x: Any, y: Any, axis: int = -1, eps: float = 1e-8) -> Tensor:
    """x · y / (‖x‖ ‖y‖) along an axis: the cosine of the angle, from −1 to 1.

    Shapes broadcast. No length counts as less than eps, so that of a vector 0 it is 0.
    """
    eps = positive(eps, "cosine_similarity", "eps")
    a, b = floating(x), floating(y)
    lengths = _length(a, axis, eps) * _length(b, axis, eps)
    return (a * b).sum(axis=axis) / lengths


def cosine_proximity_loss(prediction: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """−cos of the angle between rows: −1 where they point the same way, whatever their lengths.

    Shapes: prediction and target (..., n); one loss for each row, reduced by "mean", "sum" or
    "none". Raises ValueError for another shape.
    """
    reduce = reduction_named(reduction, "cosine_proximity_loss")
    prediction, target = matched("cosine_proximity_loss", prediction, target)
    return reduce(-cosine_similarity(prediction, target))


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


def _length(x: Tensor, axis: int, eps: float) -> Tensor:
    squares = ops.Square.apply(x).sum(axis=axis)
    length: Tensor = ops.Sqrt.apply(ops.Maximum.apply(squares, eps**2))
    return length
