"""Axes exchanged, added, turned and shifted: the same entries, in another arrangement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.functions import spell
from autograd.ops.arranging import Flip, Roll
from autograd.ops.composed import concatenate, transpose
from autograd.ops.elementwise import AsPlain, AsType
from autograd.ops.shaping import Reshape, Transpose
from autograd.protocols import implements
from autograd.vocabulary.arguments import axes_of, axis_of, dtype_of, shape_of, values_of

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "astype",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "concat",
    "copy",
    "flip",
    "fliplr",
    "flipud",
    "matrix_transpose",
    "moveaxis",
    "permute_dims",
    "ravel",
    "roll",
    "rollaxis",
    "rot90",
    "swapaxes",
]

concat, permute_dims = concatenate, transpose  # NumPy 2 has two names for each
flip = spell("flip", Flip)


@implements(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Tensor:
    """Two axes exchanged."""
    order = list(range(-len(shape_of(a)), 0))
    i, j = axis_of(a, axis1, "swapaxes"), axis_of(a, axis2, "swapaxes")
    order[i], order[j] = order[j], order[i]
    return Transpose.apply(a, order)


@implements(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Tensor:
    """The axes `source` moved to the places `destination`; the others keep their order.

    Raises ValueError if the two do not name equally many axes.
    """
    ndim = len(shape_of(a))
    sources = [axis % ndim for axis in axes_of(a, source, "moveaxis")]
    places = [axis % ndim for axis in axes_of(a, destination, "moveaxis")]
    if len(sources) != len(places):
        raise ValueError(
            f"moveaxis: each axis to move needs a place, and source={source} names "
            f"{len(sources)}, destination={destination} {len(places)}."
        )
    order = [axis for axis in range(ndim) if axis not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return Transpose.apply(a, order)


@implements(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Tensor:
    """An axis moved to stand before the axis that is at `start`; `moveaxis` is easier to read."""
    ndim = len(shape_of(a))
    if not -ndim <= start <= ndim:
        raise np.exceptions.AxisError(f"rollaxis: start={start} is not in {-ndim} … {ndim}.")
    place, before = axis_of(a, axis, "rollaxis") % ndim, start + ndim * (start < 0)
    return moveaxis(a, place, before - (place < before))


@implements(np.matrix_transpose)
def matrix_transpose(x: Any) -> Tensor:
    """The last two axes exchanged: each matrix transposed."""
    shape = shape_of(x)
    if len(shape) < 2:
        raise ValueError(f"matrix_transpose: a matrix has two axes, and the shape is {shape}.")
    return swapaxes(x, -1, -2)


@implements(np.ravel)
def ravel(a: Any, order: str = "C") -> Tensor:
    """All entries in one row: the last axis varies fastest (order "C"), or the first ("F")."""
    if order not in ("C", "F"):
        raise TypeError(
            f'ravel: order is "C" or "F", not {order!r}: the result shall not depend on how an '
            "array lies in memory."
        )
    return Reshape.apply(Transpose.apply(a) if order == "F" else a, -1)


def _at_least(ndim: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with axes of length 1 added as `np.atleast_1d`, `2d` and `3d` do."""
    if len(shape) >= ndim:
        return shape
    if ndim == 3 and shape:
        return (1, *shape, 1)[-3:]  # before and after a vector, after a matrix
    return (1,) * (ndim - len(shape)) + shape


def _each_at_least(ndim: int, arrays: tuple[Any, ...]) -> Any:
    made = tuple(Reshape.apply(one, _at_least(ndim, shape_of(one))) for one in arrays)
    return made[0] if len(made) == 1 else made


@implements(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    """A number as a vector, other arrays as they are; a tuple for several."""
    return _each_at_least(1, arys)


@implements(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    """A vector as a row (1, n), other arrays likewise with two axes or more; a tuple for several.

    A number becomes (1, 1).
    """
    return _each_at_least(2, arys)


@implements(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    """Arrays with three axes or more; a tuple for several.

    A number becomes (1, 1, 1), a vector (1, n, 1), a matrix (m, n, 1).
    """
    return _each_at_least(3, arys)


def _has_axes(m: Any, ndim: int, function: str) -> None:
    if len(shape_of(m)) < ndim:
        raise ValueError(f"{function}: the array needs {ndim} axes; its shape is {shape_of(m)}.")


@implements(np.fliplr)
def fliplr(m: Any) -> Tensor:
    """Columns in reverse order: axis 1 flipped."""
    _has_axes(m, 2, "fliplr")
    return flip(m, 1)


@implements(np.flipud)
def flipud(m: Any) -> Tensor:
    """Rows in reverse order: axis 0 flipped."""
    _has_axes(m, 1, "flipud")
    return flip(m, 0)


@implements(np.rot90)
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Tensor:
    """Turned by 90 degrees k times, in the plane of two axes, from the first to the second."""
    plane = axes_of(m, axes, "rot90")
    if len(plane) != 2:
        raise ValueError(f"rot90: a plane has two axes, and axes={axes}.")
    turns = k % 4
    flipped = {0: (), 1: plane[1], 2: plane, 3: plane[0]}[turns]
    turned = flip(m, flipped)
    return swapaxes(turned, *plane) if turns % 2 else turned


@implements(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Tensor:
    """Shifted along axes (None: as one row); what leaves at the end comes in at the beginning.

    `shift` and `axis` may be tuples, one shift for each axis.
    """
    if axis is None:
        shape = shape_of(a)
        return Reshape.apply(Roll.apply(Reshape.apply(a, -1), (_sum(shift),), (0,)), shape)
    pairs = list(np.broadcast(values_of(shift), axis))
    axes = tuple(axis_of(a, place, "roll") for _, place in pairs)
    return Roll.apply(a, tuple(int(n) for n, _ in pairs), axes)


def _sum(shift: Any) -> int:
    """Shifts of one axis, one after the other."""
    return int(np.sum(values_of(shift)))


@implements(np.copy)
def copy(a: Any) -> Tensor:
    """A copy with memory of its own; a gradient flows through."""
    return AsType.apply(a, dtype_of(a))


def astype(x: Any, dtype: Any) -> Tensor:
    """Converted to another dtype. A gradient flows between floating ones only."""
    wanted = np.dtype(dtype)
    return (AsType if wanted.kind == "f" else AsPlain).apply(x, wanted)


if hasattr(np, "astype"):  # since NumPy 2.1
    implements(np.astype)(astype)
