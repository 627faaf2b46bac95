"""Orders of entries along an axis: finding one, bringing entries into it, and undoing that."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.broadcasting import Shape, negative_axis
from autograd.function import Array, Function
from autograd.ops.indexing import plain_key


def along(indices: Array, axis: int, shape: Shape) -> tuple[Any, ...]:
    """The key that chooses by `indices` along an axis (negative), and stays in line elsewhere.

    `indices` has as many axes as `shape`, which is that of the array to choose from; further axes
    before those are left as they are.
    """
    places = [
        indices if k == axis else np.arange(shape[k], like=indices).reshape(-1, *[1] * (-k - 1))
        for k in range(-indices.ndim, 0)
    ]
    return (..., *places)


class Rearrange(Function):
    """Each line of x along `axis` in the order given: out[i] = x[order[i]].

    `order` has the shape of x, and holds in each line every number 0 … n − 1 once.
    """

    batched = True
    settings = ("axis",)
    normalize = {"axis": lambda axis, x: negative_axis(axis, x.ndim)}

    def forward(x: Array, order: Array, axis: int) -> Array:
        return x[along(order, axis, order.shape)]

    gradients = {"x": lambda g, order, axis: Restore.call(g, order, axis=axis)}


class Restore(Function):
    """The inverse of `Rearrange`: out[order[i]] = x[i] in each line along `axis`."""

    batched = True
    settings = ("axis",)
    normalize = {"axis": lambda axis, x: negative_axis(axis, x.ndim)}

    def forward(x: Array, order: Array, axis: int) -> Array:
        out = np.empty_like(x)  # every entry is set, because order is a permutation
        out[along(order, axis, order.shape)] = x
        return out

    gradients = {"x": lambda g, order, axis: Rearrange.call(g, order, axis=axis)}


# Plain answers, through which no gradient flows


class ArgSort(Function):
    """The numbers of the entries along `axis`, in rising order of the entries."""

    settings = ("axis", "kind", "stable")
    normalize = {"axis": lambda axis, x: negative_axis(axis, x.ndim)}

    def forward(x: Array, axis: int = -1, kind: Any = None, stable: Any = None) -> Array:
        return np.argsort(x, axis=axis, kind=kind, stable=stable)


class ArgPartition(Function):
    """The numbers of the entries along `axis`, those of the smallest `kth` first."""

    settings = ("kth", "axis", "kind")
    normalize = {"axis": lambda axis, x: negative_axis(axis, x.ndim)}

    def forward(x: Array, kth: Any, axis: int = -1, kind: Any = "introselect") -> Array:
        return np.argpartition(x, kth, axis=axis, kind=kind)


class SearchSorted(Function):
    """Where in the rising numbers `a` each entry of `v` belongs: before equals, or after them."""

    settings = ("side", "sorter")
    normalize = {"sorter": lambda sorter: plain_key(sorter)}

    def forward(a: Array, v: Array, side: Any = "left", sorter: Any = None) -> Array:
        return np.searchsorted(a, v, side=side, sorter=sorter)
