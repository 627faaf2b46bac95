"""Broadcasting repeats entries; going back, the gradients of the copies add up. Done here, once."""

from __future__ import annotations

from typing import Any

from numpy.exceptions import AxisError

Shape = tuple[int, ...]


def sum_to_shape(g: Any, shape: Shape) -> Any:
    """Sum `g` over the axes along which an array of `shape` was broadcast to `g.shape`.

    `g` is an array or a Tensor. Raises ValueError if `shape` does not broadcast to `g.shape`.
    """
    if g.shape == shape:
        return g
    extra = g.ndim - len(shape)
    if extra > 0 and g.shape[extra:] == shape:  # by far the most frequent: a bias over its rows
        return g.sum(axis=tuple(range(extra)))
    if extra < 0 or any(n not in (1, m) for n, m in zip(shape, g.shape[extra:], strict=True)):
        raise ValueError(f"an input of shape {shape} cannot be broadcast to {g.shape}")
    stretched = tuple(i + extra for i, n in enumerate(shape) if n == 1 != g.shape[i + extra])
    return g.sum(axis=(*range(extra), *stretched), keepdims=True).reshape(shape)


def negative_axes(axis: Any, ndim: int) -> Shape:
    """`axis` (None, a number or several) as a tuple of negative numbers, None meaning all.

    Counted from the end, an axis keeps its meaning when the array gains a leading one, which is
    what lets one pass carry a whole Jacobian. Raises AxisError or ValueError, as NumPy does.
    """
    if axis is None:
        return tuple(range(-ndim, 0))
    axes = tuple(
        negative_axis(a, ndim) for a in (axis if isinstance(axis, tuple | list) else (axis,))
    )
    if len(set(axes)) != len(axes):
        raise ValueError(f"the same axis is named twice in axis={axis}")
    return axes


def negative_axis(axis: Any, ndim: int) -> int:
    """One axis, counted from the end: -ndim … -1."""
    if not hasattr(axis, "__index__"):
        raise TypeError(f"an axis is a whole number, not {axis!r}")
    number = axis.__index__()
    if not -ndim <= number < ndim:
        plural = "axis" if ndim == 1 else "axes"
        raise AxisError(f"axis {number} does not exist: the array has {ndim} {plural}")
    return int(number - ndim if number >= 0 else number)
