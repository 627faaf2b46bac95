"""Choosing entries, and its counterpart: adding entries up where they were chosen from."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.broadcasting import Shape
from autograd.function import Array, Function


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
        if repeats(key):
            np.add.at(out, key, x)
        else:
            out[key] = x
        return out

    gradients = {"x": lambda g, key: GetItem.call(g, key=key)}
