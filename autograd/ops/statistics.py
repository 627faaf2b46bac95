"""Order statistics and the logarithm of a sum of exponentials, over axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.broadcasting import Shape
from autograd.function import Array
from autograd.ops.classification import floating
from autograd.ops.exponentials import lead
from autograd.ops.reductions import Max, Reduction, spread
from autograd.ops.shaping import ExpandDims


class Smallest(Reduction):
    """The k-th smallest entry over axes, counted from 0; NaN where one of the entries is.

    Entries that tie share the gradient evenly.
    """

    settings = ("k", "axis", "keepdims")

    def forward(x: Array, k: int, axis: Any = None, keepdims: bool = False) -> Array:
        kept = tuple(i for i in range(-x.ndim, 0) if i not in axis)
        rows = x.transpose(kept + axis)
        count = int(np.prod(rows.shape[len(kept) :]))
        rows = np.partition(rows.reshape((*rows.shape[: len(kept)], count)), (k, count - 1))
        found, last = rows[..., k], rows[..., -1]
        found = np.where(last == last, found, last)  # NaN comes last, and differs from itself
        return ExpandDims.call(found, axis=axis) if keepdims else found

    gradients = Max.gradients


class LogSumExp(Reduction):
    """ln Σ eˣ over axes, which never overflows; −∞ where there are no entries, or all are −∞.

    The derivative is softmax(x), except that it is taken as 0 where all entries are −∞.
    """

    def forward(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        x = floating(x)
        top = x.max(axis=axis, keepdims=True, initial=-np.inf)
        total = np.exp(x - np.where(np.isinf(top), 0, top)).sum(axis=axis, keepdims=keepdims)
        top = top.reshape(total.shape)
        return np.log(total + (top == -np.inf)) + top

    gradients = {
        "x": lambda g, x, out, x_shape, axis, keepdims: (
            spread(g, x_shape, axis, keepdims)
            * shares(np.exp(lead(x, spread(out, x.shape, axis, keepdims))), axis)
        )
    }


def shares(x: Array, axis: Shape) -> Array:
    """x over its sum, 0 where all is 0: rounding that all entries share drops out."""
    total = x.sum(axis=axis, keepdims=True)
    return x / (total + (total == 0))
