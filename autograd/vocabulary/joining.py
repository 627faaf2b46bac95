"""Arrays joined, cut, added to and left out of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.ops.composed import concatenate, split
from autograd.ops.elementwise import AsType
from autograd.ops.indexing import GetItem
from autograd.ops.shaping import BroadcastTo, Reshape
from autograd.protocols import implements
from autograd.vocabulary.arguments import (
    alike,
    at_axis,
    axis_of,
    dtype_of,
    shape_of,
    values_of,
)
from autograd.vocabulary.axes import atleast_1d, atleast_2d, atleast_3d, moveaxis, ravel

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "append",
    "array_split",
    "block",
    "column_stack",
    "delete",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "insert",
    "unstack",
    "vsplit",
    "vstack",
]

# Joining


@implements(np.hstack)
def hstack(tup: Sequence[Any]) -> Tensor:
    """Side by side: joined along axis 1, vectors and numbers along their one axis."""
    arrays = [atleast_1d(one) for one in alike(*tup)]
    return concatenate(arrays, axis=0 if arrays and arrays[0].ndim == 1 else 1)


@implements(np.vstack)
def vstack(tup: Sequence[Any]) -> Tensor:
    """One above the other: joined along axis 0, vectors as rows."""
    return concatenate([atleast_2d(one) for one in alike(*tup)], axis=0)


@implements(np.dstack)
def dstack(tup: Sequence[Any]) -> Tensor:
    """One behind the other: joined along axis 2, matrices as (m, n, 1), vectors as (1, n, 1)."""
    return concatenate([atleast_3d(one) for one in alike(*tup)], axis=2)


@implements(np.column_stack)
def column_stack(tup: Sequence[Any]) -> Tensor:
    """Side by side as columns of one matrix: vectors become columns, matrices stay."""
    columns = [atleast_2d(one).T if _ndim(one) < 2 else one for one in alike(*tup)]
    return concatenate(columns, axis=1)


def _ndim(x: Any) -> int:
    return len(shape_of(x))


@implements(np.block)
def block(arrays: Any) -> Tensor:
    """Joined as nested lists lay them out: the innermost along the last axis, and so outwards.

    Raises ValueError if the lists are not nested to one depth, or one is empty.
    """
    depth = _depth(arrays)
    blocks = alike(*_blocks(arrays))
    return _join(arrays, depth, max(depth, *map(_ndim, blocks)), iter(blocks))


def _depth(arrays: Any) -> int:
    """How deep lists are nested."""
    if not isinstance(arrays, list):
        return 0
    depths = {_depth(one) for one in arrays}
    if len(depths) != 1:
        found = f"there are depths {sorted(depths)}" if depths else "one is empty"
        raise ValueError(f"block: lists are nested to one depth everywhere, and {found}.")
    return 1 + depths.pop()


def _blocks(arrays: Any) -> list[Any]:
    """The arrays in nested lists."""
    if not isinstance(arrays, list):
        return [arrays]
    return [array for one in arrays for array in _blocks(one)]


def _join(nested: Any, depth: int, ndim: int, blocks: Iterator[Any]) -> Tensor:
    """The blocks joined as the lists are nested."""
    if not depth:
        block = next(blocks)
        return Reshape.apply(block, (1,) * (ndim - _ndim(block)) + shape_of(block))
    return concatenate([_join(one, depth - 1, ndim, blocks) for one in nested], axis=-depth)


@implements(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Tensor:
    """`values` joined to the end of `arr` along an axis; both as rows if it is None."""
    return concatenate(alike(arr, values), axis=axis)


# Cutting


@implements(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """As `split`, but a number of sections need not divide the length: the first are longer."""
    if np.ndim(indices_or_sections):
        return split(ary, indices_or_sections, axis)
    sections = int(indices_or_sections)
    if sections < 1:
        raise ValueError(f"array_split: there is at least one section, not {sections}.")
    each, longer = divmod(shape_of(ary)[axis_of(ary, axis, "array_split")], sections)
    cuts = accumulate(each + (i < longer) for i in range(sections - 1))
    return split(ary, list(cuts), axis)


@implements(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> list[Tensor]:
    """Cut into pieces side by side: along axis 1, a vector along its one axis."""
    _has_axes(ary, 1, "hsplit")
    return split(ary, indices_or_sections, axis=1 if _ndim(ary) > 1 else 0)


@implements(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> list[Tensor]:
    """Cut into pieces one above the other: along axis 0."""
    _has_axes(ary, 2, "vsplit")
    return split(ary, indices_or_sections, axis=0)


@implements(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> list[Tensor]:
    """Cut into pieces one behind the other: along axis 2."""
    _has_axes(ary, 3, "dsplit")
    return split(ary, indices_or_sections, axis=2)


def _has_axes(x: Any, ndim: int, function: str) -> None:
    if _ndim(x) < ndim:
        axes = "an axis" if ndim == 1 else f"{ndim} axes"
        raise ValueError(f"{function}: the array needs {axes}; its shape is {shape_of(x)}.")


def unstack(x: Any, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The parts of x along an axis, without that axis: the opposite of `stack`."""
    place = axis_of(x, axis, "unstack")
    return tuple(GetItem.apply(x, at_axis(i, place)) for i in range(shape_of(x)[place]))


if hasattr(np, "unstack"):  # since NumPy 2.1
    implements(np.unstack)(unstack)


# Adding and leaving out


@implements(np.delete)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Tensor:
    """Without the entries at `obj` (numbers, a slice or a mask) along an axis; None: as one row."""
    if axis is None:
        return delete(ravel(arr), obj, axis=0)
    place = axis_of(arr, axis, "delete")
    length = shape_of(arr)[place]
    kept = np.zeros(length, bool)
    kept[np.delete(np.arange(length), values_of(obj))] = True
    return GetItem.apply(arr, at_axis(kept, place))


@implements(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Tensor:
    """With `values` added before the places `obj` along an axis; None: as one row.

    As in NumPy, values take the dtype of `arr`, and one place as a number takes any number of
    entries, where a list of places takes one each.
    """
    if axis is None:
        return insert(ravel(arr), obj, values, axis=0)
    place, shape = axis_of(arr, axis, "insert"), shape_of(arr)
    length, ndim = shape[place], len(shape)
    where = np.arange(length)[obj] if isinstance(obj, slice) else np.asarray(values_of(obj))
    if where.dtype.kind == "b":
        where = np.flatnonzero(where)
    where = where if where.size else where.astype(np.intp)  # an empty list is one of places
    new = atleast_1d(alike(values, dtype=dtype_of(arr))[0])
    new = new.reshape((1,) * (ndim - new.ndim) + new.shape)
    if where.ndim == 0:
        new = moveaxis(new, 0, place)
    count = new.shape[place] if where.size == 1 else where.size
    new = BroadcastTo.apply(new, tuple(count if n == place else shape[n] for n in range(-ndim, 0)))
    dtype = dtype_of(arr)
    new = new if new.dtype == dtype else AsType.apply(new, dtype)
    order = np.insert(np.arange(length), where, np.arange(length, length + count))
    return GetItem.apply(concatenate([arr, new], axis=place), at_axis(order, place))
