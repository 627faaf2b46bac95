"""Entries repeated: as a tile, in a row, over a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.ops.composed import concatenate
from autograd.ops.indexing import GetItem
from autograd.ops.shaping import BroadcastTo, ExpandDims, Reshape
from autograd.protocols import implements
from autograd.vocabulary.arguments import at_axis, axis_of, shape_of, values_of, whole_numbers
from autograd.vocabulary.axes import copy, ravel

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "broadcast_arrays",
    "meshgrid",
    "repeat",
    "resize",
    "tile",
]


@implements(np.tile)
def tile(A: Any, reps: Any) -> Tensor:
    """A laid out as a tile, `reps` times along each axis; further axes come first."""
    counts = tuple(np.atleast_1d(values_of(reps)).tolist())
    shape = (1,) * (len(counts) - len(shape_of(A))) + shape_of(A)
    counts = (1,) * (len(shape) - len(counts)) + counts
    apart = Reshape.apply(A, [length for n in shape for length in (1, n)])
    laid = BroadcastTo.apply(apart, [n for pair in zip(counts, shape, strict=True) for n in pair])
    return Reshape.apply(laid, [r * n for r, n in zip(counts, shape, strict=True)])


@implements(np.repeat)
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Tensor:
    """Each entry several times in a row, along an axis; as one row if it is None.

    `repeats` is one count, or one for each place along the axis.
    """
    if axis is None:
        return repeat(ravel(a), repeats, axis=0)
    place, shape = axis_of(a, axis, "repeat"), shape_of(a)
    counts = np.asarray(whole_numbers(repeats, "repeat"))
    if counts.size and counts.min() < 0:
        raise ValueError(f"repeat: a count is not negative, and repeats={counts.tolist()}.")
    if counts.size != 1:
        if counts.shape != (shape[place],):
            raise ValueError(
                f"repeat: {shape[place]} places along axis {axis} need as many counts, or one for "
                f"all; repeats has shape {counts.shape}."
            )
        return GetItem.apply(a, at_axis(np.repeat(np.arange(shape[place]), counts), place))
    at = len(shape) + place
    apart = ExpandDims.apply(a, at + 1)
    many = BroadcastTo.apply(apart, (*shape[: at + 1], counts.item(), *shape[at + 1 :]))
    return Reshape.apply(many, (*shape[:at], shape[at] * counts.item(), *shape[at + 1 :]))


@implements(np.resize)
def resize(a: Any, new_shape: Any) -> Tensor:
    """Another shape of any size: entries are taken in order, from the beginning again if needed."""
    shape = tuple(np.atleast_1d(new_shape).tolist())
    row, size = ravel(a), int(np.prod(shape))
    if min(shape, default=0) < 0:
        raise ValueError(f"resize: a length is not negative, and the shape is {shape}.")
    times = -(-size // row.size) if row.size else 0
    if times == 0:  # NumPy fills up with zeros what has no entries to repeat
        return concatenate([row[:0], np.zeros_like(row._data, shape=size)]).reshape(shape)
    return Reshape.apply(tile(row, times)[:size], shape)


# Over a grid


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Any) -> tuple[Tensor, ...]:
    """Arrays broadcast against each other, all to one shape, without copying."""
    shapes = [shape_of(one) for one in args]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        listed = ", ".join(map(str, shapes))
        raise ValueError(f"broadcast_arrays: these shapes do not broadcast: {listed}.") from None
    return tuple(BroadcastTo.apply(one, shape) for one in args)


@implements(np.meshgrid)
def meshgrid(
    *xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> tuple[Tensor, ...]:
    """Vectors laid over the grid that they span, each along an axis of its own.

    With indexing "xy" the first varies along axis 1 and the second along axis 0, as pictures are
    shown; with "ij" each along the axis of its number. With `sparse` they keep length 1 elsewhere.
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f'meshgrid: indexing is "xy" or "ij", not {indexing!r}.')
    places = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        places[:2] = 1, 0
    laid = [
        Reshape.apply(one, [-1 if i == place else 1 for i in range(len(xi))])
        for place, one in zip(places, xi, strict=True)
    ]
    grid = tuple(laid) if sparse else broadcast_arrays(*laid)
    return tuple(map(_copied, grid)) if copy else grid


_copied = copy  # the parameter of meshgrid has that name too
