"""Windows that slide over an array, and sums of products within them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograd.broadcasting import Shape
from autograd.function import Array, Function


class SlidingWindows(Function):
    """Every window of x: out[i, …, j, …] = x[i + j, …], a view.

    `axis` is a tuple of axes, in which one may stand twice, and `window_shape` has a length for
    each. In the result these axes are shorter by the window's length − 1, and the windows' own axes
    follow after all others.
    """

    batched = True
    settings = ("window_shape", "axis")

    def forward(x: Array, window_shape: Shape, axis: Shape) -> Array:
        return sliding_window_view(x, window_shape, axis)

    gradients = {
        "x": lambda g, x_shape, window_shape, axis: OverlapAdd.call(
            g, window_shape=window_shape, axis=axis, shape=x_shape
        )
    }


class OverlapAdd(Function):
    """An array of `shape` from its windows, laid where `SlidingWindows` takes them and added up."""

    batched = True
    settings = ("window_shape", "axis", "shape")

    def forward(x: Array, window_shape: Shape, axis: Shape, shape: Shape) -> Array:
        out = np.zeros_like(x, shape=shape)
        lengths = x.shape[: len(shape)]
        for offset in np.ndindex(*window_shape):
            starts = [0] * len(shape)
            for place, n in zip(axis, offset, strict=True):
                starts[place] += n
            part = tuple(slice(s, s + n) for s, n in zip(starts, lengths, strict=True))
            covered = out[part]
            covered += x[(..., *offset)]
        return out

    gradients = {
        "x": lambda g, window_shape, axis: SlidingWindows.call(
            g, window_shape=window_shape, axis=axis
        )
    }


class Convolve(Function):
    """Full convolution of two vectors: out[k] = Σ a[i] v[k − i], of length n + m − 1."""

    def forward(a: Array, v: Array) -> Array:
        return np.convolve(a, v)

    gradients = {
        "a": lambda g, v: Correlate.call(g, v),
        "v": lambda g, a: Correlate.call(g, a),
    }

    def diagnose(a: Array, v: Array) -> tuple[str, str | None] | None:
        return not_two_vectors(a, v)


class Correlate(Function):
    """Correlation of two vectors where v lies within a: out[k] = Σ a[k + j] v[j].

    a has length n, v length m ≤ n; the result has n − m + 1.
    """

    def forward(a: Array, v: Array) -> Array:
        return np.correlate(a, v)

    gradients = {
        "a": lambda g, v: Convolve.call(g, v),
        "v": lambda g, a: Correlate.call(a, g),
    }

    def diagnose(a: Array, v: Array) -> tuple[str, str | None] | None:
        return not_two_vectors(a, v)


def not_two_vectors(a: Any, v: Any) -> tuple[str, str | None] | None:
    """What is wrong with the operands, if they are no vectors with entries."""
    shapes = f"{np.shape(a)} and {np.shape(v)}"
    if np.ndim(a) != 1 or np.ndim(v) != 1:
        fix = "for axes of your choice: autograd.sliding_window_view(x, n, axis) @ weights"
        return f"both operands are vectors, and the shapes are {shapes}", fix
    return f"both vectors need entries, and the shapes are {shapes}", None
