"""Entries brought to mean 0 and variance 1, or to a mean square of 1, over axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.broadcasting import Shape
from autograd.function import Array
from autograd.ops.classification import floating
from autograd.ops.reductions import Mean, Reduction, count, spread


class Standardize(Reduction):
    """(x − mean) / √(var + eps) over axes; and the mean and variance, which keep those axes as 1.

    The variance is the mean squared deviation. Statistics of half precision are in single
    precision. Constant entries give 0, and data far from 0 loses nothing by that: the first entry
    is taken off, then the mean, then what rounding left of it.
    """

    settings = ("axis", "eps")
    outputs = ("out", "mean", "var")

    def forward(x: Array, axis: Any = None, eps: float = 0.0) -> tuple[Array, Array, Array]:
        values = at_least_single(x)
        first = values[tuple(slice(1) if i in axis else slice(None) for i in range(-x.ndim, 0))]
        deviations = values - first
        mean = Mean.forward(deviations, axis, True)
        deviations -= mean
        rest = Mean.forward(deviations, axis, True)
        deviations -= rest
        var = Mean.forward(deviations * deviations, axis, True)
        deviations /= np.sqrt(var + eps)
        return in_half_if(x, deviations), first + (mean + rest), var

    gradients = {
        ("x", "out"): lambda g, out, var, x_size, var_size, axis, eps: across(
            centred(g / np.sqrt(var + eps), axis, count(x_size, var_size)),
            *(out, axis, count(x_size, var_size)),
        ),
        ("x", "mean"): lambda g, x_shape, x_size, mean_size, axis: spread(
            g / count(x_size, mean_size), x_shape, axis, True
        ),
        ("x", "var"): lambda g, out, var, x_shape, x_size, var_size, axis, eps: (
            spread(2 * g * np.sqrt(var + eps) / count(x_size, var_size), x_shape, axis, True) * out
        ),
    }


class UnitMeanSquare(Reduction):
    """x / √(mean of x² + eps) over axes."""

    settings = ("axis", "eps")
    outputs = ("out", "_square")

    def forward(x: Array, axis: Any = None, eps: float = 0.0) -> tuple[Array, Array]:
        values = at_least_single(x)
        square = Mean.forward(values * values, axis, True)
        return in_half_if(x, values / np.sqrt(square + eps)), square

    gradients = {
        ("x", "out"): lambda g, out, _square, x_size, _square_size, axis, eps: across(
            g / np.sqrt(_square + eps), out, axis, count(x_size, _square_size)
        ),
        ("x", "_square"): lambda g, out, _square, x_shape, x_size, _square_size, axis, eps: (
            spread(
                2 * g * np.sqrt(_square + eps) / count(x_size, _square_size), x_shape, axis, True
            )
            * out
        ),
    }


def at_least_single(x: Array) -> Array:
    """x, half precision as single: a square above 65504 would overflow."""
    return x.astype(np.float32) if x.dtype == np.float16 else floating(x)


def in_half_if(x: Array, result: Array) -> Array:
    """The result, in half precision if x is."""
    return result.astype(x.dtype) if x.dtype == np.float16 else result


def centred(g: Array, axis: Shape, n: float) -> Array:
    """g less its mean over axes of n entries."""
    return g - g.sum(axis=axis, keepdims=True) / n


def across(g: Array, out: Array, axis: Shape, n: float) -> Array:
    """g less its part along `out`, which has n entries with a mean square of 1 (or below)."""
    return g - out * ((g * out).sum(axis=axis, keepdims=True) / n)
