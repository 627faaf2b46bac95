"""Rows of the table: entries arranged, chosen, brought into order, and taken as samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from support.cases import (
    Array,
    Case,
    Input,
    anywhere,
    below_three,
    distinct,
    halves,
    off_halves,
    truths,
)

from autograd import vocabulary
from autograd.ops.arranging import Flip, Pad, Roll
from autograd.ops.ordering import ArgPartition, ArgSort, Rearrange, Restore, SearchSorted
from autograd.ops.windows import Convolve, Correlate, OverlapAdd, SlidingWindows

# References for our own operations, and functions whose inputs stand elsewhere than in NumPy


def roll(x: Array, shift: Any, axis: Any) -> Array:
    return np.roll(x, shift, axis)


def pad(x: Array, pad_width: Any, constant_values: Any = 0) -> Array:
    return np.pad(x, pad_width, constant_values=constant_values)


def windows(x: Array, window_shape: Any, axis: Any) -> Array:
    return sliding_window_view(x, window_shape, axis)


def overlap_add(x: Array, window_shape: Any, axis: Any, shape: Any) -> Array:
    out = np.zeros(shape, x.dtype)
    numbers = sliding_window_view(np.arange(out.size).reshape(shape), window_shape, axis)
    np.add.at(out.reshape(-1), numbers, x)
    return out


def rearrange(x: Array, order: Array, axis: int) -> Array:
    return np.take_along_axis(x, order, axis)


def restore(x: Array, order: Array, axis: int) -> Array:
    return np.take_along_axis(x, np.argsort(order, axis), axis)


def correlate(a: Array, v: Array) -> Array:
    return np.correlate(a, v, "valid")


def regrouped(name: str, call: Callable[..., Any]) -> tuple[Callable[..., Any], ...]:
    """Our function and NumPy's of that name, given inputs and settings as `call` hands them on."""

    def with_inputs_of(function: Callable[..., Any]) -> Callable[..., Any]:
        def regrouped(*inputs: Any, **settings: Any) -> Any:
            return call(function, *inputs, **settings)

        regrouped.__name__ = f"{name}_regrouped"
        return regrouped

    return with_inputs_of(getattr(vocabulary, name)), with_inputs_of(getattr(np, name))


def together(results: Any) -> Any:
    """Several results, each of which depends on other inputs, as one."""
    return sum(i * one for i, one in enumerate(results, 1))


BLOCK = regrouped("block", lambda block, a, b, c, d: block([[a, b], [c, d]]))
COMPRESS = regrouped("compress", lambda compress, a, where, axis=None: compress(where, a, axis))
EXTRACT = regrouped("extract", lambda extract, arr, where: extract(where, arr))
DIFF = regrouped("diff", lambda diff, a, start, end: diff(a, prepend=start, append=end))
BROADCAST = regrouped("broadcast_arrays", lambda broadcast, *args: together(broadcast(*args)))
GRADIENT = regrouped("gradient", lambda gradient, *args, **how: together(gradient(*args, **how)))
MESHGRID = regrouped("meshgrid", lambda meshgrid, *xi, **how: together(meshgrid(*xi, **how)))
EDIFF1D = regrouped("ediff1d", lambda diff, a, start, end: diff(a, to_begin=start, to_end=end))
INSERT = regrouped("insert", lambda insert, x, new, obj, axis=None: insert(x, obj, new, axis))
SELECT = regrouped(
    "select", lambda select, c, d, x, y, default: select([c, d], [x, y], default=default)
)


# Domains


def rising(*shape: int) -> Input:
    """Coordinates, at least one quarter apart."""
    return Input(lambda rng, s: np.sort(rng.permutation(24)[: s[0]]) / 4 - 3, shape)


def orders(*shape: int) -> Input:
    """Permutations along the last axis."""
    return Input(lambda rng, s: np.argsort(rng.random(s), axis=-1), shape)


# The table

CASES: list[Case] = [
    # Axes
    Case(vocabulary.swapaxes, np.swapaxes, anywhere(2, 3, 4), axis1=0, axis2=-1),
    Case(vocabulary.moveaxis, np.moveaxis, anywhere(2, 3, 4), source=0, destination=-1),
    Case(vocabulary.moveaxis, np.moveaxis, anywhere(2, 3, 4), source=(2, 0), destination=(0, 1)),
    Case(vocabulary.rollaxis, np.rollaxis, anywhere(2, 3, 4), axis=2),
    Case(vocabulary.rollaxis, np.rollaxis, anywhere(2, 3, 4), axis=0, start=3),
    Case(vocabulary.matrix_transpose, np.matrix_transpose, anywhere(2, 3, 4)),
    Case(vocabulary.permute_dims, np.permute_dims, anywhere(2, 3, 4), axes=(1, 2, 0)),
    Case(vocabulary.ravel, np.ravel, anywhere(2, 3)),
    Case(vocabulary.ravel, np.ravel, anywhere(2, 3), order="F"),
    Case(vocabulary.atleast_1d, np.atleast_1d, anywhere()),
    Case(vocabulary.atleast_2d, np.atleast_2d, anywhere(3)),
    Case(vocabulary.atleast_3d, np.atleast_3d, anywhere(3)),
    Case(vocabulary.atleast_3d, np.atleast_3d, anywhere(2, 3)),
    Case(vocabulary.atleast_3d, np.atleast_3d, anywhere(2, 0, 3, 1)),
    Case(vocabulary.copy, np.copy, anywhere(2, 3)),
    # Turned and shifted
    Case(Flip, np.flip, anywhere(2, 3)),
    Case(Flip, np.flip, anywhere(2, 3, 4), axis=(0, -1)),
    Case(Flip, np.flip, anywhere(0, 3), axis=1),
    Case(Flip, np.flip, anywhere()),
    Case(vocabulary.fliplr, np.fliplr, anywhere(2, 3)),
    Case(vocabulary.flipud, np.flipud, anywhere(2, 3)),
    *(Case(vocabulary.rot90, np.rot90, anywhere(2, 3), k=k) for k in range(-1, 4)),
    Case(vocabulary.rot90, np.rot90, anywhere(2, 3, 4), axes=(2, 0)),
    Case(Roll, roll, anywhere(2, 3), shift=(1,), axis=(-1,)),
    Case(Roll, roll, anywhere(2, 3, 4), shift=(1, -2, 3), axis=(0, -1, 0)),
    Case(vocabulary.roll, np.roll, anywhere(2, 3), shift=2),
    Case(vocabulary.roll, np.roll, anywhere(2, 3), shift=1, axis=(0, 1)),
    Case(vocabulary.roll, np.roll, anywhere(0, 3), shift=(1, 4), axis=1),
    # Joined and cut
    Case(vocabulary.concat, np.concat, anywhere(2, 3), anywhere(1, 3)),
    Case(vocabulary.hstack, np.hstack, anywhere(2, 3), anywhere(2, 1)),
    Case(vocabulary.hstack, np.hstack, anywhere(2), anywhere(), anywhere(0)),
    Case(vocabulary.vstack, np.vstack, anywhere(3), anywhere(2, 3)),
    Case(vocabulary.vstack, np.vstack, anywhere(), anywhere()),
    Case(vocabulary.dstack, np.dstack, anywhere(3), anywhere(1, 3)),
    Case(vocabulary.column_stack, np.column_stack, anywhere(3), anywhere(3, 2), anywhere(3)),
    Case(*BLOCK, anywhere(2, 3), anywhere(2, 1), anywhere(4), anywhere(1, 0)),
    Case(vocabulary.append, np.append, anywhere(2, 3), anywhere()),
    Case(vocabulary.append, np.append, anywhere(2, 3), anywhere(2, 1), axis=1),
    Case(vocabulary.array_split, np.array_split, anywhere(5, 2), indices_or_sections=3),
    Case(vocabulary.array_split, np.array_split, anywhere(2, 2), indices_or_sections=3, axis=-1),
    Case(vocabulary.array_split, np.array_split, anywhere(5), indices_or_sections=[1, 3]),
    Case(vocabulary.hsplit, np.hsplit, anywhere(2, 4), indices_or_sections=2),
    Case(vocabulary.hsplit, np.hsplit, anywhere(4), indices_or_sections=2),
    Case(vocabulary.vsplit, np.vsplit, anywhere(4, 2), indices_or_sections=[1]),
    Case(vocabulary.dsplit, np.dsplit, anywhere(1, 2, 4), indices_or_sections=2),
    # Repeated, extended, left out
    Case(vocabulary.tile, np.tile, anywhere(2, 3), reps=2),
    Case(vocabulary.tile, np.tile, anywhere(3), reps=(2, 1, 3)),
    Case(vocabulary.tile, np.tile, anywhere(2, 3), reps=(0, 2)),
    Case(vocabulary.tile, np.tile, anywhere(), reps=2),
    Case(vocabulary.repeat, np.repeat, anywhere(2, 3), repeats=2),
    Case(vocabulary.repeat, np.repeat, anywhere(2, 3), repeats=3, axis=-1),
    Case(vocabulary.repeat, np.repeat, anywhere(2, 3), repeats=[2, 0, 1], axis=1),
    Case(vocabulary.repeat, np.repeat, anywhere(2, 3), repeats=0, axis=0),
    Case(vocabulary.resize, np.resize, anywhere(2, 3), new_shape=(3, 5)),
    Case(vocabulary.resize, np.resize, anywhere(2, 3), new_shape=4),
    Case(vocabulary.resize, np.resize, anywhere(0, 3), new_shape=(2, 2)),
    Case(vocabulary.delete, np.delete, anywhere(2, 3), obj=1),
    Case(vocabulary.delete, np.delete, anywhere(2, 4), obj=[0, -1], axis=1),
    Case(vocabulary.delete, np.delete, anywhere(5, 2), obj=slice(0, None, 2), axis=0),
    Case(*INSERT, anywhere(2, 3), anywhere(), obj=2),
    Case(*INSERT, anywhere(2, 3), anywhere(3, 2), obj=1, axis=1),
    Case(*INSERT, anywhere(2, 3), anywhere(2, 1), obj=[1], axis=1),
    Case(*INSERT, anywhere(3, 2), anywhere(3, 1), obj=[2, 0, 2], axis=0),
    Case(*INSERT, anywhere(2, 3), anywhere(2), obj=slice(0, 2), axis=1),
    # Framed
    Case(Pad, pad, anywhere(2, 3), pad_width=((1, 0), (0, 2))),
    Case(Pad, pad, anywhere(2, 3), pad_width=((1, 2), (1, 1)), constant_values=((1, 2), (3, 4))),
    Case(Pad, pad, anywhere(0, 3), pad_width=((2, 1), (0, 0))),
    Case(vocabulary.pad, np.pad, anywhere(), pad_width=1),
    Case(vocabulary.pad, np.pad, anywhere(2, 3), pad_width=1),
    Case(vocabulary.pad, np.pad, anywhere(2, 3), pad_width=(1, 2), constant_values=5),
    Case(vocabulary.pad, np.pad, anywhere(2, 3), pad_width=[(1, 0), (0, 2)], mode="edge"),
    Case(vocabulary.pad, np.pad, anywhere(3, 4), pad_width=2, mode="reflect"),
    Case(vocabulary.pad, np.pad, anywhere(2, 3), pad_width=4, mode="reflect"),
    Case(vocabulary.pad, np.pad, anywhere(2, 3), pad_width=3, mode="symmetric"),
    Case(vocabulary.pad, np.pad, anywhere(2, 3), pad_width=(0, 5), mode="wrap"),
    # Over a grid
    Case(*BROADCAST, anywhere(2, 1), anywhere(3), anywhere()),
    Case(*MESHGRID, anywhere(2), anywhere(3)),
    Case(*MESHGRID, anywhere(2), anywhere(3), anywhere(), indexing="ij"),
    Case(*MESHGRID, anywhere(2), anywhere(3), sparse=True, copy=False),
    # Chosen
    Case(vocabulary.take, np.take, anywhere(3, 4), below_three(2, 2)),
    Case(vocabulary.take, np.take, anywhere(3, 4), below_three(5), axis=0),
    Case(vocabulary.take, np.take, anywhere(3, 4, 2), below_three(2, 2), axis=-2),
    Case(vocabulary.take, np.take, anywhere(3, 4), below_three(), axis=1),
    Case(vocabulary.take, np.take, anywhere(2, 2), below_three(5), axis=1, mode="wrap"),
    Case(vocabulary.take, np.take, anywhere(2, 2), below_three(5), axis=1, mode="clip"),
    Case(vocabulary.take_along_axis, np.take_along_axis, anywhere(2, 3), orders(2, 3), axis=-1),
    Case(vocabulary.take_along_axis, np.take_along_axis, anywhere(3, 4), below_three(2, 4), axis=0),
    Case(vocabulary.take_along_axis, np.take_along_axis, anywhere(3, 4), below_three(1, 4), axis=0),
    Case(vocabulary.take_along_axis, np.take_along_axis, anywhere(1, 3), below_three(2, 5), axis=1),
    Case(vocabulary.take_along_axis, np.take_along_axis, anywhere(4), below_three(3), axis=None),
    Case(*COMPRESS, anywhere(2, 3), where=[False, True, True, False, True]),
    Case(*COMPRESS, anywhere(2, 4), where=[True, False, True], axis=-1),
    Case(*EXTRACT, anywhere(2, 3), where=[[True, False, True], [False, False, True]]),
    Case(*SELECT, truths(2, 3), truths(3), anywhere(2, 3), anywhere(3), anywhere()),
    # In order
    Case(Rearrange, rearrange, anywhere(2, 3), orders(2, 3), axis=-1),
    Case(Rearrange, rearrange, anywhere(0, 3), orders(0, 3), axis=1),
    Case(Restore, restore, anywhere(2, 3, 4), orders(2, 3, 4), axis=-1),
    Case(vocabulary.sort, np.sort, distinct(2, 3)),
    Case(vocabulary.sort, np.sort, distinct(2, 3, 2), axis=1),
    Case(vocabulary.sort, np.sort, distinct(2, 3), axis=None),
    Case(vocabulary.sort, np.sort, distinct(0, 3), axis=0),
    Case(vocabulary.partition, np.partition, distinct(2, 3), kth=1),
    Case(vocabulary.partition, np.partition, distinct(3), kth=1, axis=None),
    # Samples
    Case(vocabulary.diff, np.diff, anywhere(2, 4)),
    Case(vocabulary.diff, np.diff, anywhere(5, 2), n=3, axis=0),
    Case(vocabulary.diff, np.diff, anywhere(2, 4), n=0),
    Case(vocabulary.diff, np.diff, anywhere(2, 1), n=2),
    Case(*DIFF, anywhere(2, 3), anywhere(2, 2), anywhere()),
    Case(vocabulary.ediff1d, np.ediff1d, anywhere(2, 3)),
    Case(*EDIFF1D, anywhere(2, 3), anywhere(), anywhere(2)),
    Case(vocabulary.gradient, np.gradient, anywhere(5)),
    Case(vocabulary.gradient, np.gradient, anywhere(4, 3), edge_order=2),
    Case(vocabulary.gradient, np.gradient, anywhere(2, 5), rising(5), axis=1),
    Case(*GRADIENT, anywhere(4, 3), rising(4), rising(3), edge_order=2),
    Case(vocabulary.gradient, np.gradient, anywhere(2, 4, 3), off_halves(), axis=(0, 1)),
    Case(vocabulary.trapezoid, np.trapezoid, anywhere(2, 4)),
    Case(vocabulary.trapezoid, np.trapezoid, anywhere(4, 2), rising(4), axis=0),
    Case(vocabulary.trapezoid, np.trapezoid, anywhere(2, 4), anywhere(2, 4)),
    Case(vocabulary.trapezoid, np.trapezoid, anywhere(2, 4), dx=0.5),
    Case(vocabulary.interp, np.interp, anywhere(2, 3), rising(6), anywhere(6)),
    Case(vocabulary.interp, np.interp, anywhere(9), rising(2), anywhere(2), left=-1, right=2.5),
    Case(SlidingWindows, windows, anywhere(5), window_shape=(3,), axis=(-1,)),
    Case(SlidingWindows, windows, anywhere(4, 5), window_shape=(2, 3), axis=(-2, -1)),
    Case(SlidingWindows, windows, anywhere(2, 6), window_shape=(2, 3), axis=(-1, -1)),
    Case(OverlapAdd, overlap_add, anywhere(3, 3), window_shape=(3,), axis=(-1,), shape=(5,)),
    Case(OverlapAdd, overlap_add, anywhere(3, 2, 2), window_shape=(2,), axis=(-2,), shape=(4, 2)),
    Case(vocabulary.sliding_window_view, sliding_window_view, anywhere(5), window_shape=2),
    Case(vocabulary.sliding_window_view, sliding_window_view, anywhere(4, 3), window_shape=(2, 3)),
    Case(
        vocabulary.sliding_window_view, sliding_window_view, anywhere(4, 3), window_shape=2, axis=0
    ),
    Case(Convolve, np.convolve, anywhere(4), anywhere(3)),
    Case(Convolve, np.convolve, anywhere(2), anywhere(5)),
    Case(Correlate, correlate, anywhere(5), anywhere(3)),
    Case(Correlate, correlate, anywhere(3), anywhere(3)),
    Case(vocabulary.convolve, np.convolve, anywhere(5), anywhere(2), mode="same"),
    Case(vocabulary.convolve, np.convolve, anywhere(2), anywhere(5), mode="valid"),
    Case(vocabulary.correlate, np.correlate, anywhere(5), anywhere(3)),
    Case(vocabulary.correlate, np.correlate, anywhere(2), anywhere(5), mode="full"),
]

if hasattr(np, "unstack"):  # since NumPy 2.1
    CASES.append(Case(vocabulary.unstack, np.unstack, anywhere(2, 3), axis=-1))

# Plain answers, through which no gradient flows

PLAIN: list[Case] = [
    Case(ArgSort, np.argsort, distinct(2, 3)),
    Case(ArgSort, np.argsort, halves(4, 5), axis=0, kind="stable"),
    Case(ArgSort, np.argsort, distinct(0, 3), axis=1),
    Case(ArgPartition, np.argpartition, distinct(2, 3), kth=1),
    Case(SearchSorted, np.searchsorted, rising(5), halves(2, 3)),
    Case(SearchSorted, np.searchsorted, rising(5), halves(), side="right"),
    Case(vocabulary.argsort, np.argsort, distinct(2, 3), axis=None),
    Case(vocabulary.argpartition, np.argpartition, distinct(3), kth=1, axis=None),
    Case(vocabulary.searchsorted, np.searchsorted, rising(5), halves(3)),
]
