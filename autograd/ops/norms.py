"""Norms of vectors, over one or several axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.function import Array
from autograd.ops.matrices import one_over
from autograd.ops.reductions import Reduction, spread


class EuclideanNorm(Reduction):
    """√Σx² over axes; its derivative at 0 is taken as 0."""

    def forward(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return np.sqrt((x * x).sum(axis=axis, keepdims=keepdims))

    gradients = {
        "x": lambda g, x, out, x_shape, axis, keepdims: (
            spread(g * one_over(out), x_shape, axis, keepdims) * x
        )
    }


class PowerNorm(Reduction):
    """(Σ|x|ᵖ)^(1/p) over axes, for p = `ord`, a number but 0 and ±∞.

    The derivative with respect to an entry that is 0 is taken as 0, the second one too (for p < 2
    it is infinite, for p < 1 the first one is). For p < 0 an entry 0 makes the norm 0, and all
    derivatives with it.
    """

    settings = ("ord", "axis", "keepdims")
    normalize = {**Reduction.normalize, "ord": lambda ord: float(ord)}

    def forward(x: Array, ord: float, axis: Any = None, keepdims: bool = False) -> Array:
        return (np.absolute(x) ** ord).sum(axis=axis, keepdims=keepdims) ** (1 / ord)

    gradients = {
        "x": lambda g, x, out, x_shape, ord, axis, keepdims: (
            spread(g * (out != 0), x_shape, axis, keepdims)
            * np.sign(x)
            * (or_one(np.absolute(x)) / spread(or_one(out), x.shape, axis, keepdims)) ** (ord - 1)
        )
    }


def or_one(x: Array) -> Array:
    """x, and 1 where it is 0."""
    return x + (x == 0)
