"""Reductions over axes. `axis` is None (all), a number or a tuple; `keepdims` keeps them as 1."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from autograd.broadcasting import Shape, negative_axes, negative_axis
from autograd.function import Array, Function
from autograd.ops.shaping import BroadcastTo, ExpandDims


def spread(a: Array, x_shape: Shape, axis: Shape, keepdims: bool) -> Array:
    """What belongs to a reduction's result, laid back over the entries it was made from."""
    if not keepdims and a.ndim:
        a = ExpandDims.call(a, axis=axis)
    return BroadcastTo.call(a, shape=x_shape)


def count(x_size: int, out_size: int) -> float:
    """How many entries of x went into each entry of the result."""
    return x_size / out_size if out_size else 1


class Reduction(Function):
    """An operation that reduces axes of x."""

    batched = True
    settings: ClassVar[tuple[str, ...]] = ("axis", "keepdims")
    # Of a number without axes NumPy sums over 0 and −1, too.
    normalize = {
        "axis": lambda axis, x: negative_axes(axis, x.ndim) if x.ndim or axis not in (0, -1) else ()
    }


class Sum(Reduction):
    """Sum over axes."""

    numpy = np.sum

    def forward(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return x.sum(axis=axis, keepdims=keepdims)

    gradients = {"x": lambda g, x_shape, axis, keepdims: spread(g, x_shape, axis, keepdims)}


class Mean(Reduction):
    """Mean over axes."""

    numpy = np.mean

    def forward(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        if x.dtype.char not in "fd":
            return x.mean(axis=axis, keepdims=keepdims)  # half precision needs its wider sum
        total = x.sum(axis=axis, keepdims=keepdims)  # x.mean() takes three times as long in Python
        return total / count(x.size, total.size)

    gradients = {
        "x": lambda g, x_shape, x_size, out_size, axis, keepdims: spread(
            g / count(x_size, out_size), x_shape, axis, keepdims
        )
    }


class Max(Reduction):
    """Largest entry over axes; entries that tie share the gradient evenly."""

    numpy = np.max

    def forward(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return x.max(axis=axis, keepdims=keepdims)

    gradients = {
        "x": lambda g, x, out, x_shape, axis, keepdims: (
            spread(g, x_shape, axis, keepdims)
            * evenly(x == spread(out, x.shape, axis, keepdims), axis)
        )
    }


class Min(Reduction):
    """Smallest entry over axes; entries that tie share the gradient evenly."""

    numpy = np.min

    def forward(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return x.min(axis=axis, keepdims=keepdims)

    gradients = Max.gradients


def evenly(mask: Array, axis: Shape) -> Array:
    """Shares that add up to 1 over `axis`, equal where the mask holds and 0 elsewhere."""
    return mask / mask.sum(axis=axis, keepdims=True)


class Var(Reduction):
    """Variance over axes: mean squared deviation, divided by the count minus `ddof`."""

    numpy = np.var
    settings = ("axis", "ddof", "keepdims")

    def forward(x: Array, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Array:
        return x.var(axis=axis, ddof=ddof, keepdims=keepdims)

    gradients = {
        "x": lambda g, x, x_shape, x_size, out_size, axis, ddof, keepdims: (
            spread(2 * g / (count(x_size, out_size) - ddof), x_shape, axis, keepdims)
            * (x - x.mean(axis=axis, keepdims=True))
        )
    }


# Plain answers, through which no gradient flows


class Search(Function):
    """Where along an axis (None: among all entries) the first entry of a kind is."""

    settings = ("axis",)
    normalize = {"axis": lambda axis, x: axis if axis is None else negative_axis(axis, x.ndim)}


class ArgMax(Search):
    """Where along an axis (None: among all entries) the largest entry is; the first of equals."""

    numpy = np.argmax

    def forward(x: Array, axis: Any = None) -> Array:
        return x.argmax(axis=axis)


class ArgMin(Search):
    """Where along an axis (None: among all entries) the smallest entry is; the first of equals."""

    numpy = np.argmin

    def forward(x: Array, axis: Any = None) -> Array:
        return x.argmin(axis=axis)


class AllTrue(Reduction):
    """Whether all entries over axes are true, that is not 0."""

    numpy = np.all

    def forward(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return x.all(axis=axis, keepdims=keepdims)


class AnyTrue(Reduction):
    """Whether any entry over axes is true, that is not 0."""

    numpy = np.any

    def forward(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return x.any(axis=axis, keepdims=keepdims)
