"""Products in `np.linalg`, and what it has under the names of functions of `np`.

The latter take matrices along the last two axes, and some arguments by name only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.linalg import LinAlgError

from autograd.function import Function
from autograd.ops.composed import matmul as product
from autograd.ops.inverses import Inv
from autograd.ops.linear_algebra import MatMul
from autograd.ops.matrices import identity_like
from autograd.protocols import implements
from autograd.vocabulary import products
from autograd.vocabulary.arguments import as_tensor, shape_of

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "cross",
    "diagonal",
    "matmul",
    "matrix_power",
    "matrix_transpose",
    "multi_dot",
    "outer",
    "tensordot",
    "trace",
    "vecdot",
]


@implements(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Tensor:
    """Square matrices (..., k, k) multiplied with themselves n times; the inverse's for n < 0.

    Raises TypeError if n is no whole number.
    """
    if not hasattr(n, "__index__"):
        raise TypeError(f"matrix_power: the power is a whole number, not {n!r}.")
    power, base = abs(n.__index__()), Inv.apply(a) if n < 0 else as_tensor(a)
    if base.ndim < 2 or base.shape[-1] != base.shape[-2]:
        raise LinAlgError(f"matrix_power: a must be square, and its shape is {base.shape}.")
    result = None
    while power:  # squares, multiplied where n has a binary digit 1
        if power & 1:
            result = base if result is None else MatMul.apply(result, base)
        power >>= 1
        base = MatMul.apply(base, base) if power else base
    return Function.tensor_type(identity_like(base.data)) if result is None else result


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[Any]) -> Tensor:
    """Product of two or more matrices, in the order that takes the fewest multiplications.

    The first and the last may be vectors. Source: Cormen, Leiserson, Rivest & Stein, "Introduction
    to Algorithms", matrix-chain multiplication.
    """
    shapes = [shape_of(one) for one in arrays]
    if len(shapes) < 2:
        raise ValueError(f"multi_dot: it takes two or more matrices, and {len(shapes)} were given.")
    ndims = [len(shape) for shape in shapes]
    if set(ndims[1:-1]) - {2} or {ndims[0], ndims[-1]} - {1, 2}:
        raise LinAlgError(
            "multi_dot: it takes matrices, and vectors only as the first and the last. The shapes "
            f"are {', '.join(map(str, shapes))}."
        )
    rows = [shape[0] if len(shape) == 2 else 1 for shape in shapes[:1]]
    sizes = rows + [shape[0] for shape in shapes[1:]] + [shapes[-1][-1] if ndims[-1] == 2 else 1]

    best: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, i) for i in range(len(shapes))}
    for length in range(1, len(shapes)):
        for i in range(len(shapes) - length):
            j = i + length
            best[i, j] = min(
                (best[i, k][0] + best[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            )

    def multiplied(i: int, j: int) -> Any:
        if i == j:
            return arrays[i]
        k = best[i, j][1]
        return product(multiplied(i, k), multiplied(k + 1, j))

    return multiplied(0, len(shapes) - 1)  # type: ignore[no-any-return]


# As in np


@implements(np.linalg.diagonal)
def diagonal(x: Any, /, *, offset: int = 0) -> Tensor:
    """Diagonals of matrices (..., m, n)."""
    return products.diagonal(x, offset, -2, -1)


@implements(np.linalg.trace)
def trace(x: Any, /, *, offset: int = 0) -> Tensor:
    """The sum of the diagonal of matrices (..., m, n)."""
    return products.trace(x, offset, -2, -1)


@implements(np.linalg.matrix_transpose)
def matrix_transpose(x: Any, /) -> Tensor:
    """The last two axes exchanged."""
    return as_tensor(x).mT


@implements(np.linalg.outer)
def outer(x1: Any, x2: Any, /) -> Tensor:
    """All products of an entry of one vector and one of another."""
    if len(shape_of(x1)) != 1 or len(shape_of(x2)) != 1:
        raise ValueError(
            f"outer: it takes two vectors, and the shapes are {shape_of(x1)} and {shape_of(x2)}. "
            "autograd.outer takes the entries of arrays as one row."
        )
    return products.outer(x1, x2)


@implements(np.linalg.cross)
def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """Vector product of vectors of three along an axis."""
    return products.cross(x1, x2, axis=axis)


@implements(np.linalg.tensordot)
def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Tensor:
    """As `autograd.tensordot`."""
    return products.tensordot(x1, x2, axes)


@implements(np.linalg.matmul)
def matmul(x1: Any, x2: Any, /) -> Tensor:
    """As `autograd.matmul`."""
    return product(x1, x2)


@implements(np.linalg.vecdot)
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """As `autograd.vecdot`."""
    return products.vecdot(x1, x2, axis)
