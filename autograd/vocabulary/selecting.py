"""Entries chosen by number or condition, and brought into order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.conditions import require
from autograd.ops.elementwise import Where
from autograd.ops.indexing import GetItem
from autograd.ops.ordering import ArgPartition, ArgSort, Rearrange, SearchSorted, along
from autograd.protocols import implements
from autograd.vocabulary.arguments import (
    alike,
    as_tensor,
    at_axis,
    axis_of,
    dtype_of,
    shape_of,
    values_of,
    whole_numbers,
)
from autograd.vocabulary.axes import ravel

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "argpartition",
    "argsort",
    "argwhere",
    "choose",
    "compress",
    "extract",
    "flatnonzero",
    "nonzero",
    "partition",
    "searchsorted",
    "select",
    "sort",
    "take",
    "take_along_axis",
    "unique",
]

# By number


@implements(np.take)
def take(a: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Tensor:
    """The entries with these numbers along an axis; None: in one row.

    What lies beyond the axis is an error (mode "raise", in which negative numbers count from the
    end), counted on from the beginning ("wrap"), or replaced by the nearest entry ("clip").
    An entry that is taken several times gets the sum of their gradients.
    """
    if axis is None:
        return take(ravel(a), indices, axis=0, mode=mode)
    place = axis_of(a, axis, "take")
    numbers = _in_range(whole_numbers(indices, "take"), shape_of(a)[place], mode, "take")
    return GetItem.apply(a, at_axis(numbers, place))


def _in_range(numbers: Any, length: int, mode: str, function: str) -> Any:
    """Numbers of entries, brought between 0 and length − 1 as the mode says."""
    if mode == "raise":
        return numbers
    if mode not in ("wrap", "clip"):
        raise ValueError(f'{function}: mode is "raise", "wrap" or "clip", not {mode!r}.')
    if length == 0 and numbers.size:
        raise IndexError(f"{function}: there is nothing to take from along an axis of length 0.")
    return numbers % length if mode == "wrap" else np.clip(numbers, 0, length - 1)


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Tensor:
    """For each line along an axis the entries with that line's numbers; None: in one row.

    Shapes: arr and indices have equally many axes, and are broadcast against each other except
    along the axis. Numbers as `argsort` and `argmax` (with its axis kept) give them.
    """
    if axis is None:
        return take_along_axis(ravel(arr), indices, axis=0)
    place = axis_of(arr, axis, "take_along_axis")
    numbers, shape = whole_numbers(indices, "take_along_axis"), shape_of(arr)
    if numbers.ndim != len(shape):
        raise ValueError(
            f"take_along_axis: indices need as many axes as the array; the shapes are "
            f"{numbers.shape} and {shape}. With one number for each line: "
            f"indices = np.expand_dims(indices, {axis})."
        )
    return GetItem.apply(arr, along(numbers, place, shape))


@implements(np.choose)
def choose(a: Any, choices: Sequence[Any], mode: str = "raise") -> Tensor:
    """For each entry of `a` that of the choice with its number, all broadcast to one shape.

    Numbers beyond the choices are an error (mode "raise"), counted on from the beginning
    ("wrap"), or replaced by the nearest ("clip").
    """
    last = len(choices) - 1
    numbers = _in_range(whole_numbers(a, "choose"), last + 1, mode, "choose")
    inside = np.all((numbers >= 0) & (numbers <= last))
    require(inside, f"choose: a number is not in 0 … {last}, and there are {last + 1} choices.")
    arrays = alike(*choices)
    chosen: Tensor = arrays[last]
    for i in range(last, -1, -1):
        chosen = Where.apply(numbers == i, arrays[i], chosen)
    return chosen


# By condition


@implements(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None) -> Tensor:
    """The entries along an axis for which the condition holds; None: in one row.

    The condition is a vector; entries beyond its end are left out.
    """
    if axis is None:
        return compress(condition, ravel(a), axis=0)
    place, mask = axis_of(a, axis, "compress"), _mask(condition)
    length = shape_of(a)[place]
    if mask.ndim != 1:
        raise ValueError(
            f"compress: the condition is a vector, with a truth value for each of the {length} "
            f"entries along axis {axis}; its shape is {mask.shape}."
        )
    if mask.size > length:
        require(~np.any(mask[length:]), f"compress: axis {axis} has only {length} entries.")
    return GetItem.apply(a, at_axis(slice(mask.size), place))[at_axis(mask[:length], place)]


@implements(np.extract)
def extract(condition: Any, arr: Any) -> Tensor:
    """The entries for which the condition holds, in one row."""
    return compress(_mask(condition).reshape(-1), arr)


def _mask(condition: Any) -> Any:
    mask = values_of(condition)
    return (mask if hasattr(mask, "dtype") else np.asarray(mask)) != 0


@implements(np.select)
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Tensor:
    """For each entry that of the first choice whose condition holds; where none does, `default`.

    Raises TypeError for a condition that is not boolean.
    """
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(
            f"select: there is one choice for each condition, and at least one; there are "
            f"{len(condlist)} conditions and {len(choicelist)} choices."
        )
    for i, condition in enumerate(condlist):
        dtype = dtype_of(condition)
        if dtype.kind != "b":
            raise TypeError(f"select: a condition is true or false; condlist[{i}] is {dtype}.")
    *choices, chosen = alike(*choicelist, default)
    for condition, choice in reversed([*zip(condlist, choices, strict=True)]):
        chosen = Where.apply(condition, choice, chosen)
    result: Tensor = chosen
    return result


# In order


@implements(np.searchsorted)
def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Tensor:
    """Where in the rising numbers `a` each entry of `v` belongs: before equals, or after them.

    With `sorter`, the numbers that `argsort` gave, `a` may be in any order. No gradient.
    """
    return SearchSorted.apply(*alike(a, v), side, sorter)


@implements(np.sort)
def sort(
    a: Any, axis: int | None = -1, kind: str | None = None, *, stable: bool | None = None
) -> Tensor:
    """The entries along an axis in rising order; None: in one row.

    Each entry gets the gradient of its place in the result. Equal entries keep their order, so
    that each gets the same gradient everywhere. Where that does not matter, kind="quicksort" is
    several times faster.
    """
    if axis is None:
        return sort(ravel(a), axis=0, kind=kind, stable=stable)
    if kind is None and stable is None:
        stable = True
    axis = axis_of(a, axis, "sort")
    return Rearrange.apply(a, ArgSort.apply(a, axis, kind, stable), axis)


@implements(np.argsort)
def argsort(a: Any, axis: int | None = -1, kind: Any = None, *, stable: Any = None) -> Tensor:
    """The numbers of the entries along an axis in rising order; no gradient."""
    if axis is None:
        return argsort(ravel(a), axis=0, kind=kind, stable=stable)
    return ArgSort.apply(a, axis, kind, stable)


@implements(np.partition)
def partition(a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect") -> Tensor:
    """Entry `kth` along an axis where sorting puts it, no larger ones before it; None: in one row.

    The order of the others, and of equal ones, is that of `argpartition`.
    """
    if axis is None:
        return partition(ravel(a), kth, axis=0, kind=kind)
    axis = axis_of(a, axis, "partition")
    return Rearrange.apply(a, ArgPartition.apply(a, kth, axis, kind), axis)


@implements(np.argpartition)
def argpartition(a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect") -> Tensor:
    """The numbers of the entries in the order of `partition`; no gradient."""
    if axis is None:
        return argpartition(ravel(a), kth, axis=0, kind=kind)
    return ArgPartition.apply(a, kth, axis, kind)


@implements(np.unique)
def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
) -> Any:
    """The different entries (of one row if the axis is None), in rising order.

    Each gets its gradient at the first place where it stands. What is asked for beside them has
    none: their first places, their numbers for all entries, their counts.
    """
    asked: Any = {"return_inverse": return_inverse, "return_counts": return_counts}
    found = np.unique(values_of(ar), True, **asked, axis=axis, equal_nan=equal_nan)
    values = take(ar, found[1], axis)
    others = [as_tensor(one) for one in found[1 if return_index else 2 :]]
    return (values, *others) if others else values


# Plain answers, through which no gradient flows


@implements(np.nonzero)
def nonzero(a: Any) -> tuple[Tensor, ...]:
    """The places of the entries that are not 0, as an index key; no gradient."""
    return tuple(map(as_tensor, np.nonzero(values_of(a))))


@implements(np.flatnonzero)
def flatnonzero(a: Any) -> Tensor:
    """The numbers of the entries that are not 0, counted in one row; no gradient."""
    return as_tensor(np.flatnonzero(values_of(a)))


@implements(np.argwhere)
def argwhere(a: Any) -> Tensor:
    """The places of the entries that are not 0, one in each row; no gradient."""
    return as_tensor(np.argwhere(values_of(a)))
