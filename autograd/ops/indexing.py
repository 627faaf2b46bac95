"""Choosing entries, and its counterpart: adding entries up where they were chosen from."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.broadcasting import Shape
from autograd.function import Array, Function

TURNS = 8  # in which `add_rows` adds to all rows together


def plain_key(key: Any) -> Any:
    """An index key with Tensors and lists in it turned into arrays."""
    if isinstance(key, tuple):
        return tuple(plain_key(one) for one in key)
    if isinstance(key, list):
        return np.asarray(key, dtype=None if key else np.intp)
    return getattr(key, "_data", key)


def is_array(part: Any) -> bool:
    """Whether a part of a key is an array, NumPy's or another library's."""
    return hasattr(part, "__array_function__")


def repeats(key: Any) -> bool:
    """Whether a key may choose an entry twice: only arrays of integers do."""
    parts = key if isinstance(key, tuple) else (key,)
    return any(is_array(one) and one.dtype.kind in "iu" for one in parts)


def separated(key: Any) -> bool:
    """Whether a slice stands between arrays in a key: NumPy then moves their axes to the front."""
    parts = key if isinstance(key, tuple) else (key,)
    truths, numbers = bool | np.bool_, int | np.integer
    if not any(is_array(one) or isinstance(one, truths) for one in parts):
        return False
    # Beside an array, numbers count as arrays too.
    places = [
        i for i, one in enumerate(parts) if is_array(one) or isinstance(one, truths | numbers)
    ]
    return places[-1] - places[0] + 1 != len(places)


def are_rows(key: Any, x: Array) -> bool:
    """Whether x is many rows of some length, or what more axes have, chosen by one array."""
    return type(key) is type(x) is np.ndarray and x.size >= max(4096, 16 * key.size)


def add_rows(out: Array, key: Array, x: Array) -> None:
    """Do what `np.add.at(out, key, x)` does, which goes entry by entry, with whole rows.

    The first of what is added to each row go in together, then the second ones, and so on, and
    what is left for rows chosen often one row at a time: so all sums are made in the same order.
    """
    rows = key.ravel().astype(np.intp) % len(out)
    order = rows.argsort(kind="stable")
    rows, x = rows[order], x.reshape(rows.size, *out.shape[1:])
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    counts = np.diff(starts, append=rows.size)
    for turn in range(min(TURNS, counts.max())):
        now = starts[counts > turn] + turn
        out[rows[now]] += x[order[now]]
    for start, count in zip(starts[counts > TURNS], counts[counts > TURNS], strict=True):
        row, rest = rows[start], order[start + TURNS : start + count]
        out[row] = np.concatenate([out[row : row + 1], x[rest]]).sum(axis=0)


class Indexing(Function):
    """An operation with an index key."""

    def carries_batch(self, kept: Any) -> bool:
        return not separated(kept[self.plan.kept_names.index("key")])


class GetItem(Indexing):
    """x[key]: entries chosen by numbers, slices, None, ..., integer arrays and masks."""

    settings = ("key",)
    normalize = {"key": plain_key}

    def forward(x: Array, key: Any) -> Array:
        return x[key]

    gradients = {"x": lambda g, x_shape, key: ScatterAdd.call(g, key=key, shape=x_shape)}


class ScatterAdd(Indexing):
    """Zeros of `shape` with the entries of x added at [key]; entries chosen twice add up."""

    settings = ("key", "shape")
    normalize = {"key": plain_key}

    def forward(x: Array, key: Any, shape: Shape) -> Array:
        out = np.zeros_like(x, shape=shape)
        if not repeats(key):
            out[key] = x
        elif are_rows(key, x):
            add_rows(out, key, x)
        else:
            np.add.at(out, key, x)
        return out

    gradients = {"x": lambda g, key: GetItem.call(g, key=key)}
