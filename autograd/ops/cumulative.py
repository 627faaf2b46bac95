"""Sums and products that run along an axis, and the product over axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.broadcasting import Shape, negative_axis
from autograd.function import Array, Function
from autograd.ops.reductions import Reduction, spread
from autograd.ops.shaping import Transpose, inverse

FIRST, REST, BUT_LAST = slice(None, 1), slice(1, None), slice(None, -1)


def along(axis: int, piece: slice) -> tuple[Any, ...]:
    """The key of a slice along an axis (negative)."""
    return (..., piece, *(slice(None),) * (-axis - 1))


def backwards(x: Array, axis: int) -> Array:
    """x in reverse order along an axis."""
    return x[along(axis, slice(None, None, -1))]


def delayed(x: Array, axis: int, first: Array) -> Array:
    """x one place later along an axis: `first`, then x without its last entry."""
    return np.concatenate((first, x[along(axis, BUT_LAST)]), axis=axis)


def ones_before(x: Array, axis: int) -> Array:
    """x one place later along an axis, after a 1."""
    return delayed(x, axis, np.ones_like(x[along(axis, FIRST)]))


def zeros_before(x: Array, axis: int) -> Array:
    """x one place later along an axis, after a 0."""
    return delayed(x, axis, np.zeros_like(x[along(axis, FIRST)]))


class Running(Function):
    """An operation that runs along an axis."""

    batched = True
    settings = ("axis",)
    normalize = {"axis": lambda axis, x: negative_axis(axis, x.ndim)}


class CumSum(Running):
    """Running sum along an axis: yᵢ = yᵢ₋₁ + xᵢ."""

    def forward(x: Array, axis: int = -1) -> Array:
        return np.cumsum(x, axis=axis)

    gradients = {"x": lambda g, axis: backwards(CumSum.call(backwards(g, axis), axis=axis), axis)}


class CumProd(Running):
    """Running product along an axis: yᵢ = yᵢ₋₁ xᵢ. Its derivatives are right at zeros too."""

    def forward(x: Array, axis: int = -1) -> Array:
        return np.cumprod(x, axis=axis)

    gradients = {"x": lambda g, x, out, axis: passed_back(g, x, axis) * ones_before(out, axis)}


class Recurrence(Running):
    """yᵢ = aᵢ yᵢ₋₁ + bᵢ along an axis, from y₋₁ = 0; a, the factors, broadcast to b, the terms.

    Two steps are one step of the same form, with the factor aᵢ aᵢ₋₁; so it takes log₂ n sweeps over
    windows of 1, 2, 4 … steps (Hillis & Steele, Data parallel algorithms, CACM 29, 1986), and no
    division that a zero could stop.
    """

    normalize = {"axis": lambda axis, terms: negative_axis(axis, terms.ndim)}

    def forward(factors: Array, terms: Array, axis: int = -1) -> Array:
        out = terms.astype(np.result_type(factors, terms))
        window = 1
        while window < out.shape[axis]:  # factors: the products over windows, from the first whole
            late, early = along(axis, slice(window, None)), along(axis, slice(None, -window))
            out[late] = out[late] + factors[along(axis, REST)] * out[early]
            factors = factors[late] * factors[early]
            window *= 2
        return out

    gradients = {
        "factors": lambda g, factors, out, axis: (
            passed_back(g, factors, axis) * zeros_before(out, axis)
        ),
        "terms": lambda g, factors, axis: passed_back(g, factors, axis),
    }


def passed_back(g: Array, factors: Array, axis: int) -> Array:
    """The gradient of each yᵢ of a recurrence, later ones counted in: hᵢ = gᵢ + aᵢ₊₁ hᵢ₊₁."""
    first, rest = factors[along(axis, FIRST)], factors[along(axis, REST)]
    later = np.concatenate((rest, first), axis=axis)  # the last has none later; any will do
    found = Recurrence.call(backwards(later, axis), backwards(g, axis), axis=axis)
    return backwards(found, axis)


class Prod(Reduction):
    """Product over axes. Its derivatives are right at zeros too, however many."""

    numpy = np.prod

    def forward(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return np.prod(x, axis=axis, keepdims=keepdims)

    gradients = {
        "x": lambda g, x, x_shape, axis, keepdims: (
            spread(g, x_shape, axis, keepdims) * products_of_others(x, axis)
        )
    }


def products_of_others(x: Array, axis: Shape) -> Array:
    """For each entry, the product over `axis` of all others: of those before it and those after."""
    order = (*(i for i in range(-x.ndim, 0) if i not in axis), *axis)
    last = Transpose.call(x, axes=order)  # the axes to reduce are made one, the last
    kept = last.shape[: x.ndim - len(axis)]
    count = math.prod(last.shape[len(kept) :])
    rows = last.reshape((*kept, count))
    before = ones_before(CumProd.call(rows, axis=-1), -1)
    after = backwards(ones_before(CumProd.call(backwards(rows, -1), axis=-1), -1), -1)
    return Transpose.call((before * after).reshape(last.shape), axes=inverse(order))
