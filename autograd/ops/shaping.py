"""The same entries in another arrangement; gradients are arranged back."""

from __future__ import annotations

import math
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from autograd.broadcasting import Shape, negative_axes, negative_axis
from autograd.function import Array, Function


def full_shape(shape: Any, x: Array) -> Shape:
    """`shape` as a tuple in which the length given as −1 is worked out."""
    lengths = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    if lengths.count(-1) > 1:
        raise ValueError(f"only one length may be -1, and the shape is {lengths}")
    known = math.prod([n for n in lengths if n != -1])
    if -1 in lengths and known == 0:
        raise ValueError(f"the length given as -1 cannot be worked out beside a 0: {lengths}")
    missing = x.size // known if known else 0
    filled = tuple([missing if n == -1 else n for n in lengths])
    if math.prod(filled) != x.size:
        raise ValueError(f"{x.size} entries do not fill the shape {lengths}")
    return filled


class Reshape(Function):
    """The entries of x, in order, in another shape; one length may be −1."""

    batched = True
    numpy = np.reshape
    settings = ("shape",)
    normalize = {"shape": full_shape}

    def forward(x: Array, shape: Shape) -> Array:
        return x.reshape(shape)

    gradients = {"x": lambda g, x_shape: g.reshape(x_shape)}


class Transpose(Function):
    """The axes of x in another order; in reverse order if none is given."""

    batched = True
    numpy = np.transpose
    settings = ("axes",)
    normalize = {
        "axes": lambda axes, x: (
            negative_axes(axes, x.ndim) if axes else tuple(range(-1, -x.ndim - 1, -1))
        )
    }

    def forward(x: Array, axes: Any = None) -> Array:
        # The axes named are the last ones; any before them stay in front.
        return x.transpose(*range(x.ndim - len(axes)), *axes)

    gradients = {"x": lambda g, axes: Transpose.call(g, axes=inverse(axes))}


def inverse(axes: Shape) -> Shape:
    """The order of axes that undoes `axes` (both counted from the end)."""
    return tuple([axes.index(axis) - len(axes) for axis in range(-len(axes), 0)])


class BroadcastTo(Function):
    """x repeated along new and stretched axes, without copying."""

    batched = True
    numpy = np.broadcast_to
    settings = ("shape",)
    normalize = {"shape": lambda shape: tuple(shape) if np.iterable(shape) else (shape,)}

    def forward(x: Array, shape: Shape) -> Array:
        if isinstance(x, np.ndarray | np.generic) and x.size == 1 and x.ndim <= len(shape):
            # A view made directly takes a fifth of the time; every loss sends back one number.
            view = np.ndarray(shape, x.dtype, x, strides=(0,) * len(shape))
            view.flags.writeable = False
            return view
        return np.broadcast_to(x, shape)

    gradients = {"x": lambda g: g}  # the engine sums over what was repeated


class ExpandDims(Function):
    """x with new axes of length 1 at the places `axis` of the result."""

    batched = True
    numpy = np.expand_dims
    settings = ("axis",)
    normalize = {
        "axis": lambda axis, x: negative_axes(axis, x.ndim + int(np.size(axis))),
    }

    def forward(x: Array, axis: Any) -> Array:
        ndim = x.ndim + len(axis)
        lengths = iter(x.shape)
        return x.reshape(tuple([1 if i in axis else next(lengths) for i in range(-ndim, 0)]))

    gradients = {"x": lambda g, x_shape: g.reshape(x_shape)}


class Squeeze(Function):
    """x without axes of length 1: those named, or all."""

    batched = True
    numpy = np.squeeze
    settings = ("axis",)
    normalize = {
        "axis": lambda axis, x: (
            tuple(i - x.ndim for i, n in enumerate(x.shape) if n == 1)
            if axis is None
            else negative_axes(axis, x.ndim)
        )
    }

    def forward(x: Array, axis: Any = None) -> Array:
        return np.squeeze(x, axis)

    gradients = {"x": lambda g, x_shape: g.reshape(x_shape)}


class Concatenate(Function):
    """Arrays joined along an axis that they have."""

    batched = True
    inputs = ("*arrays",)
    settings = ("axis",)
    normalize = {"axis": lambda axis, arrays: negative_axis(axis, arrays[0].ndim)}

    def forward(*arrays: Array, axis: int = 0) -> Array:
        return np.concatenate(arrays, axis)

    gradients = {"arrays": lambda g, arrays_shape, axis: pieces(g, arrays_shape, axis)}


def pieces(g: Array, shapes: list[Shape], axis: int) -> list[Array]:
    """`g` cut along `axis` (negative) into the lengths that `shapes` have there."""
    after = (slice(None),) * (-axis - 1)
    cuts = accumulate((shape[axis] for shape in shapes), initial=0)
    return [g[(..., slice(start, stop), *after)] for start, stop in pairwise(cuts)]


class Stack(Function):
    """Arrays of one shape joined along a new axis of the result."""

    batched = True
    inputs = ("*arrays",)
    settings = ("axis",)
    normalize = {"axis": lambda axis, arrays: negative_axis(axis, arrays[0].ndim + 1)}

    def forward(*arrays: Array, axis: int = 0) -> Array:
        return np.stack(arrays, axis)

    gradients = {
        "arrays": lambda g, arrays_shape, axis: [
            g[(..., i, *(slice(None),) * (-axis - 1))] for i in range(len(arrays_shape))
        ]
    }
