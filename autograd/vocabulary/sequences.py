"""Entries in a row as samples of a function: differences, slopes, areas, windows, convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.broadcasting import negative_axis
from autograd.ops.arithmetic import Subtract
from autograd.ops.comparisons import NotEqual
from autograd.ops.composed import concatenate
from autograd.ops.elementwise import AsType, Where
from autograd.ops.ordering import SearchSorted
from autograd.ops.shaping import BroadcastTo
from autograd.ops.windows import Convolve, Correlate, SlidingWindows
from autograd.protocols import implements
from autograd.vocabulary.arguments import (
    alike,
    as_tensor,
    at_axis,
    axes_of,
    axis_of,
    shape_of,
)
from autograd.vocabulary.axes import atleast_1d, flip, ravel

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "convolve",
    "correlate",
    "diff",
    "ediff1d",
    "gradient",
    "interp",
    "sliding_window_view",
    "trapezoid",
]


def _cut(x: Tensor, start: int | None, stop: int | None, axis: int) -> Tensor:
    """x[start:stop] along an axis (negative)."""
    return x[at_axis(slice(start, stop), axis)]


# Differences


@implements(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Tensor:
    """Differences of neighbours along an axis, x[i + 1] − x[i], `n` times over.

    `prepend` and `append` are joined to the array before; a number stands for one entry.
    Of truth values, whether the neighbours differ.
    """
    if n < 0:
        raise ValueError(f"diff: n says how often differences are taken, and is {n}.")
    place, shape = axis_of(a, axis, "diff"), list(shape_of(a))
    shape[place] = 1
    parts = alike(*(one for one in (prepend, a, append) if one is not None))
    parts = [one if shape_of(one) else BroadcastTo.apply(one, shape) for one in parts]
    result = as_tensor(parts[0]) if len(parts) == 1 else concatenate(parts, axis=place)
    op = NotEqual if result.dtype.kind == "b" else Subtract
    for _ in range(n):
        result = op.apply(_cut(result, 1, None, place), _cut(result, None, -1, place))
    return result


@implements(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Tensor:
    """Differences of neighbours in one row, between `to_begin` and `to_end` where given."""
    middle = diff(ravel(ary))
    ends = [None if end is None else _row(end, middle.dtype) for end in (to_begin, to_end)]
    parts = [one for one in (ends[0], middle, ends[1]) if one is not None]
    return concatenate(parts) if len(parts) > 1 else middle


def _row(end: Any, dtype: np.dtype[Any]) -> Tensor:
    row = ravel(alike(end, dtype=dtype)[0])
    if not np.can_cast(row.dtype, dtype, "same_kind"):
        raise TypeError(
            f"ediff1d: the array is {dtype}, and cannot hold ends that are {row.dtype}."
        )
    return row if row.dtype == dtype else AsType.apply(row, dtype)


# Slopes and areas


@implements(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Slopes of the samples f by finite differences; for derivatives of functions see `grad`.

    Args:
        f: the samples.
        varargs: their distances: nothing (1), one number for all axes, or for each axis a number
            or the vector of coordinates.
        axis: along which axes; all if None.
        edge_order: the order of accuracy at both ends, 1 or 2. Inside it is 2.

    Returns:
        An array of the shape of f, or where there are several axes a tuple, with one for each.

    The formulas are those of NumPy's documentation: the polynomial through three neighbours.
    """
    samples = as_tensor(f)
    if samples.dtype.kind != "f":
        samples = samples * 1.0
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order is 1 or 2, not {edge_order!r}.")
    axes = axes_of(samples, axis, "gradient")
    slopes = [
        _slopes(samples, distances, place, edge_order)
        for place, distances in zip(axes, _distances(samples, varargs, axes), strict=True)
    ]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _distances(f: Tensor, given: tuple[Any, ...], axes: tuple[int, ...]) -> list[Any]:
    """For each axis the distance of neighbours: one number, or n − 1 along the axis."""
    if not given or (len(given) == 1 and not shape_of(given[0])):
        return [*(given or (1.0,))] * len(axes)
    if len(given) != len(axes):
        raise TypeError(
            f"gradient: there are distances for {len(given)} axes, and {len(axes)} axes. Give "
            "none, one number for all, or one number or vector for each."
        )
    return [_distance(f, one, axis) for one, axis in zip(given, axes, strict=True)]


def _distance(f: Tensor, given: Any, axis: int) -> Any:
    shape = shape_of(given)
    if not shape:
        return given
    if shape != (f.shape[axis],):
        raise ValueError(
            f"gradient: the coordinates along an axis of length {f.shape[axis]} are a vector of "
            f"that length, and not of shape {shape}."
        )
    return diff(alike(given, dtype=f.dtype)[0]).reshape(-1, *[1] * (-axis - 1))


def _slopes(f: Tensor, d: Any, axis: int, edge_order: int) -> Tensor:
    if f.shape[axis] <= edge_order:
        raise ValueError(
            f"gradient: edge_order {edge_order} needs {edge_order + 1} entries or more along an "
            f"axis, and the shape is {f.shape}."
        )
    between = diff(f, axis=axis) / d
    before, after = _cut(between, None, -1, axis), _cut(between, 1, None, axis)
    share: Any = 0.5  # of the distance before an inner place, in that to both its neighbours
    if shape_of(d):
        share = _cut(d, None, -1, axis) / (_cut(d, None, -1, axis) + _cut(d, 1, None, axis))
    bend = after - before
    first, last = _cut(between, None, 1, axis), _cut(between, -1, None, axis)
    if edge_order == 2:
        first = first - _cut(share * bend, None, 1, axis)
        last = last + _cut((1 - share) * bend, -1, None, axis)
    slopes = concatenate([first, before + share * bend, last], axis=axis)
    return slopes if slopes.dtype == f.dtype else AsType.apply(slopes, f.dtype)


@implements(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Tensor:
    """Area under the samples y along an axis, by the trapezoidal rule.

    `x` holds the samples' places: a vector, or an array that broadcasts with y. Without it they
    are `dx` apart.
    """
    samples, place = as_tensor(y), axis_of(y, axis, "trapezoid")
    width = dx
    if x is not None:
        (places,) = alike(x, dtype=samples.dtype)
        row = len(shape_of(x)) == 1
        width = diff(places).reshape(-1, *[1] * (-place - 1)) if row else diff(places, axis=axis)
    pairs = _cut(samples, 1, None, place) + _cut(samples, None, -1, place)
    area: Tensor = (width * pairs / 2).sum(axis=place)
    return area


@implements(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Tensor:
    """Straight lines through the points (xp, fp), at x; in float64, as NumPy computes it.

    Shapes: xp and fp are vectors of equal length, with xp rising; the result has the shape of x.
    Beyond the points the value is `left` and `right`, by default that of the nearest point. At a
    point the derivative with respect to x is the slope to its right; at the last one, to its left.
    """
    if shape_of(xp) != shape_of(fp) or len(shape_of(xp)) != 1 or shape_of(xp)[0] < 2:
        raise ValueError(
            "interp: xp and fp are vectors of one length, two or more; their shapes are "
            f"{shape_of(xp)} and {shape_of(fp)}."
        )
    x, xp, fp = (AsType.apply(one, float) for one in alike(x, xp, fp, dtype=np.float64))
    after = np.clip(SearchSorted.apply(xp, x, "right")._data, 1, xp.size - 1)
    x0, x1, f0, f1 = xp[after - 1], xp[after], fp[after - 1], fp[after]
    inside = f0 + (f1 - f0) / (x1 - x0) * (x - x0)
    known = Where.apply(x > xp[-1], fp[-1] if right is None else right, inside)
    return Where.apply(x < xp[0], fp[0] if left is None else left, known)


# Windows


def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, writeable: bool = False
) -> Tensor:
    """Every window of x, as a view: windows' own axes follow after the axes that they slide along.

    Args:
        x: an array.
        window_shape: the window's length, or one for each axis.
        axis: the axis or axes to slide along; all if None.
        writeable: False; what is computed from a Tensor is not written into.

    Shapes: an axis of length n becomes n − length + 1, and there are as many further axes as
    lengths: for x (n,) and window_shape 3 the result is (n − 2, 3).
    """
    if writeable:
        raise TypeError("sliding_window_view: windows of a Tensor cannot be written into.")
    shape, lengths = shape_of(x), tuple(np.atleast_1d(window_shape).tolist())
    named = range(len(shape)) if axis is None else np.atleast_1d(axis).tolist()
    axes = tuple(axes_of(x, one, "sliding_window_view", negative_axis) for one in named)
    if len(axes) != len(lengths):
        raise ValueError(
            f"sliding_window_view: there are {len(lengths)} lengths for {len(axes)} axes; the "
            f"shape is {shape}. Name the axes to slide along, such as axis=-1."
        )
    for place, n in zip(axes, lengths, strict=True):
        if not 0 <= n <= shape[place]:
            raise ValueError(
                f"sliding_window_view: a window of {n} does not fit into axis {place} of shape "
                f"{shape}."
            )
    return SlidingWindows.apply(x, lengths, axes)


implements(np.lib.stride_tricks.sliding_window_view)(sliding_window_view)


@implements(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Tensor:
    """Convolution of two vectors, out[k] = Σ a[i] v[k − i].

    All of it (mode "full", n + m − 1 entries), the middle of the longer one's length ("same"), or
    only where the shorter lies within the longer ("valid").
    """
    longer, shorter = map(atleast_1d, alike(a, v))
    if longer.size < shorter.size:
        longer, shorter = shorter, longer
    if _mode(mode, "convolve") == "valid":
        return Correlate.apply(longer, flip(shorter))
    return _middle(Convolve.apply(longer, shorter), longer.size, shorter.size, mode)


@implements(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Tensor:
    """Correlation of two vectors, out[k] = Σ a[k + j] v[j]; modes as those of `convolve`."""
    x, y = map(atleast_1d, alike(a, v))
    if x.size < y.size:
        return flip(correlate(y, x, mode))
    if _mode(mode, "correlate") == "valid":
        return Correlate.apply(x, y)
    return _middle(Convolve.apply(x, flip(y)), x.size, y.size, mode)


def _mode(mode: Any, function: str) -> Any:
    if mode not in ("full", "same", "valid"):
        raise ValueError(f'{function}: mode is "full", "same" or "valid", not {mode!r}.')
    return mode


def _middle(full: Tensor, n: int, m: int, mode: str) -> Tensor:
    start = (m - 1) // 2
    return full[start : start + n] if mode == "same" else full
