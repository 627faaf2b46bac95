"""Reductions beyond the everyday ones, and sums and products that run along an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import ops
from autograd.conditions import require
from autograd.functions import spell
from autograd.ops.cumulative import CumProd, CumSum, Prod
from autograd.ops.shaping import BroadcastTo, Concatenate, Reshape
from autograd.ops.statistics import LogSumExp, Smallest
from autograd.protocols import implements
from autograd.vocabulary.arguments import axes_of, axis_of, shape_of, values_of

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "all",
    "any",
    "average",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "logsumexp",
    "median",
    "prod",
    "ptp",
]

prod = spell("prod", Prod)
logsumexp = spell("logsumexp", LogSumExp)
all = spell("all", ops.AllTrue)
any = spell("any", ops.AnyTrue)


# Over axes


@implements(np.ptp)
def ptp(a: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Peak to peak: the largest entry minus the smallest; ties share the gradients evenly."""
    return ops.Subtract.apply(ops.Max.apply(a, axis, keepdims), ops.Min.apply(a, axis, keepdims))


@implements(np.median)
def median(a: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The entry in the middle of the sorted ones; of an even number, the mean of the middle two.

    NaN where an entry is NaN, or there are none. Entries that tie share the gradient evenly.
    """
    count = _count(a, axis, "median")
    if count == 0:
        return ops.Mean.apply(a, axis, keepdims)
    above = Smallest.apply(a, count // 2, axis, keepdims)
    if count % 2:
        return ops.Multiply.apply(above, 1.0)  # floating for whole numbers, too
    below = Smallest.apply(a, count // 2 - 1, axis, keepdims)
    return ops.Add.apply(ops.Multiply.apply(below, 0.5), ops.Multiply.apply(above, 0.5))


@implements(np.average)
def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False
) -> Any:
    """Weighted mean Σ w a / Σ w over axes; the plain mean without weights.

    Args:
        a: the values.
        axis: the axes to average over; all if None.
        weights: of the shape of a, or of its lengths along `axis`, in the order named there. A
            gradient flows to them too.
        returned: whether to answer the pair of the average and the sum of weights, in its shape.
        keepdims: whether the axes stay, with length 1.

    Raises:
        TypeError: the weights have another shape than a, and no axis is named.
        ValueError: the weights have a shape that fits neither a nor the axis, or sum to 0.
    """
    if weights is None:
        mean = ops.Mean.apply(a, axis, keepdims)
        count = _count(a, axis, "average")
        total = ops.Detach.apply(np.full_like(mean._data, count))
        return (mean, total) if returned else mean
    weights = _laid_along(a, axis, weights)
    total = ops.Sum.apply(weights, axis, keepdims)
    require(np.all(values_of(total) != 0), "average: the weights sum to 0, so there is no mean")
    mean = ops.Divide.apply(ops.Sum.apply(ops.Multiply.apply(a, weights), axis, keepdims), total)
    if not returned:
        return mean
    total = BroadcastTo.apply(total, mean.shape)
    return mean, total if total.dtype == mean.dtype else ops.AsType.apply(total, mean.dtype)


def _laid_along(a: Any, axis: Any, weights: Any) -> Any:
    """Weights in the shape of a, or with length 1 along the axes that they do not name."""
    shape, given = shape_of(a), shape_of(weights)
    if given == shape:
        return weights
    if axis is None:
        raise TypeError(
            f"average: weights of shape {given} for values of shape {shape}; name the axis that "
            "they go along: axis=…"
        )
    axes = axes_of(a, axis, "average")
    if given != tuple(shape[i] for i in axes):
        raise ValueError(
            f"average: weights of shape {given} fit neither the values, {shape}, nor the lengths "
            f"along axis={axis}, {tuple(shape[i] for i in axes)}."
        )
    in_order = ops.Transpose.apply(weights, sorted(range(-len(axes), 0), key=axes.__getitem__))
    return Reshape.apply(
        in_order, [n if i - len(shape) in axes else 1 for i, n in enumerate(shape)]
    )


def _count(a: Any, axis: Any, function: str) -> int:
    """How many entries of a go into each entry of a reduction's result."""
    shape = shape_of(a)
    return int(np.prod([shape[i] for i in axes_of(a, axis, function)]))


# Along an axis


@implements(np.cumsum)
def cumsum(a: Any, axis: int | None = None) -> Tensor:
    """Running sum along an axis; of all entries in one row if it is None."""
    return CumSum.apply(*_in_line(a, axis, "cumsum"))


@implements(np.cumprod)
def cumprod(a: Any, axis: int | None = None) -> Tensor:
    """Running product along an axis; of all entries in one row if it is None."""
    return CumProd.apply(*_in_line(a, axis, "cumprod"))


def cumulative_sum(x: Any, *, axis: int | None = None, include_initial: bool = False) -> Tensor:
    """Running sum along an axis, which a vector need not name; after a 0 if asked for."""
    return _cumulative(CumSum, x, axis, 0 if include_initial else None)


def cumulative_prod(x: Any, *, axis: int | None = None, include_initial: bool = False) -> Tensor:
    """Running product along an axis, which a vector need not name; after a 1 if asked for."""
    return _cumulative(CumProd, x, axis, 1 if include_initial else None)


if hasattr(np, "cumulative_sum"):  # since NumPy 2.1
    implements(np.cumulative_sum)(cumulative_sum)
    implements(np.cumulative_prod)(cumulative_prod)


def _in_line(a: Any, axis: int | None, function: str) -> tuple[Any, int]:
    """`a`, in one row if no axis is named or it has none, and the axis to run along."""
    a = Reshape.apply(a, -1) if axis is None or not shape_of(a) else a
    return a, axis_of(a, -1 if axis is None else axis, function)


def _cumulative(op: Any, x: Any, axis: int | None, first: int | None) -> Tensor:
    name, shape = f"cumulative_{op.__name__[3:].lower()}", shape_of(x)
    if axis is None and len(shape) > 1:
        raise ValueError(
            f"{name}: the array has shape {shape}; name the axis to run along, axis=…, or give "
            "all entries in one row: x.ravel()."
        )
    x, axis = _in_line(x, axis, name)
    running: Tensor = op.apply(x, axis=axis)
    if first is None:
        return running
    ones = [1 if i == axis else n for i, n in enumerate(running.shape, -running.ndim)]
    return Concatenate.apply(np.full_like(running._data, first, shape=ones), running, axis=axis)
