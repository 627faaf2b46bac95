"""Products of vectors, matrices and arrays of any number of axes, under NumPy's names."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.broadcasting import Shape
from autograd.functions import spell
from autograd.ops.arithmetic import Multiply
from autograd.ops.composed import matmul
from autograd.ops.einsum import Einsum
from autograd.ops.indexing import GetItem, ScatterAdd
from autograd.ops.linear_algebra import MatMul
from autograd.ops.products import Cross, Tril, Triu
from autograd.ops.reductions import Sum
from autograd.ops.shaping import Reshape, Transpose
from autograd.protocols import implements
from autograd.vocabulary.arguments import axes_of, axis_of, shape_of, values_of

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "cross",
    "diag",
    "diagflat",
    "diagonal",
    "dot",
    "einsum",
    "einsum_path",
    "inner",
    "kron",
    "matvec",
    "outer",
    "tensordot",
    "tril",
    "triu",
    "vdot",
    "vecdot",
    "vecmat",
]

tril = spell("tril", Tril)
triu = spell("triu", Triu)

# Sums of products


@implements(np.dot)
def dot(a: Any, b: Any) -> Tensor:
    """Product over the last axis of a and the last but one of b (the only one of a vector)."""
    ndim = len(shape_of(b))
    if not shape_of(a) or not ndim:
        return Multiply.apply(a, b)
    return matmul(a, b) if ndim <= 2 else tensordot(a, b, (-1, -2))


@implements(np.inner)
def inner(a: Any, b: Any) -> Tensor:
    """Product over the last axis of both."""
    if not shape_of(a) or not shape_of(b):
        return Multiply.apply(a, b)
    _check_meet("inner", a, b, shape_of(a)[-1:], shape_of(b)[-1:])
    return tensordot(a, b, (-1, -1))


@implements(np.outer)
def outer(a: Any, b: Any) -> Tensor:
    """All products of an entry of a and one of b, both taken as one row: shape (a.size, b.size)."""
    return Multiply.apply(Reshape.apply(a, (-1, 1)), Reshape.apply(b, (1, -1)))


@implements(np.vdot)
def vdot(a: Any, b: Any) -> Tensor:
    """The sum of products of the entries of a and b, both taken as one row."""
    _check_meet("vdot", a, b, (prod(shape_of(a)),), (prod(shape_of(b)),))
    return matmul(Reshape.apply(a, -1), Reshape.apply(b, -1))


@implements(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Tensor:
    """Sum of products over pairs of axes: the other axes of a, then those of b, remain.

    `axes` is a number n (the last n axes of a meet the first n of b), or two lists: axes of a, and
    the axes of b that they meet. Raises ValueError if their lengths differ.
    """
    a_shape, b_shape = shape_of(a), shape_of(b)
    if np.iterable(axes):
        a_axes, b_axes = axes
    else:
        a_axes, b_axes = list(range(-axes, 0)), list(range(axes))
    a_axes = _each(axes_of(a, _each(a_axes), "tensordot"))
    b_axes = _each(axes_of(b, _each(b_axes), "tensordot"))
    met = [a_shape[i] for i in a_axes]
    _check_meet("tensordot", a, b, met, [b_shape[i] for i in b_axes])
    a_rest = [i for i in range(-len(a_shape), 0) if i not in a_axes]
    b_rest = [i for i in range(-len(b_shape), 0) if i not in b_axes]
    shape = [a_shape[i] for i in a_rest] + [b_shape[i] for i in b_rest]
    count = prod(met)
    left = _reordered(a, (*a_rest, *a_axes))
    right = _reordered(b, (*b_axes, *b_rest))
    product = MatMul.apply(
        _reshaped(left, (prod(a_shape[i] for i in a_rest), count)),
        _reshaped(right, (count, prod(b_shape[i] for i in b_rest))),
    )
    return _reshaped(product, tuple(shape))  # type: ignore[no-any-return]


# An operation that would change nothing is left out.


def _reordered(x: Any, axes: Sequence[int]) -> Any:
    return x if list(axes) == sorted(axes) else Transpose.apply(x, axes)


def _reshaped(x: Any, shape: Shape) -> Any:
    return x if shape_of(x) == shape else Reshape.apply(x, shape)


def _each(axes: Any) -> list[int]:
    return list(axes) if np.iterable(axes) else [axes]


def _check_meet(name: str, a: Any, b: Any, met: Sequence[int], meeting: Sequence[int]) -> None:
    """Raise ValueError if the lengths summed over, those of a and those of b, differ."""
    if tuple(met) != tuple(meeting):
        lengths = [" and ".join(map(str, one)) or "none" for one in (met, meeting)]
        raise ValueError(
            f"{name}: the axes summed over must have the same lengths, and have {lengths[0]} in "
            f"the first, {lengths[1]} in the second array. "
            f"Their shapes are {shape_of(a)} and {shape_of(b)}."
        )


@implements(np.einsum)
def einsum(*operands: Any, optimize: Any = False) -> Tensor:
    """Einstein summation, as `np.einsum`: einsum("ij,jk->ik", x, y), or einsum(x, [0, 1], …)."""
    if operands and isinstance(operands[0], str):
        return Einsum.apply(*operands[1:], subscripts=operands[0], optimize=optimize)
    if len(operands) < 2:
        raise ValueError('einsum takes subscripts and arrays: einsum("ij,jk->ik", x, y).')
    arrays, lists = operands[: len(operands) // 2 * 2 : 2], operands[1::2]
    subscripts = ",".join(map(_spelled, lists))
    if len(operands) % 2:
        subscripts += f"->{_spelled(operands[-1])}"
    return Einsum.apply(*arrays, subscripts=subscripts, optimize=optimize)


@implements(np.einsum_path)
def einsum_path(*operands: Any, **settings: Any) -> Any:
    """The order in which `einsum` would take the products, as NumPy finds it."""
    return np.einsum_path(*map(values_of, operands), **settings)


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # in sorting order


def _spelled(numbers: Sequence[Any]) -> str:
    """A list of numbers of axes, as einsum also takes them, in letters."""
    return "".join("..." if one is Ellipsis else LETTERS[one] for one in numbers)


@implements(np.kron)
def kron(a: Any, b: Any) -> Tensor:
    """Kronecker product: each entry of a times the whole of b, laid out as blocks."""
    ndim = max(len(shape_of(a)), len(shape_of(b)))
    a_shape = (1,) * (ndim - len(shape_of(a))) + shape_of(a)
    b_shape = (1,) * (ndim - len(shape_of(b))) + shape_of(b)
    left = Reshape.apply(a, tuple(chain(*((n, 1) for n in a_shape))))
    right = Reshape.apply(b, tuple(chain(*((1, n) for n in b_shape))))
    shape = tuple(n * m for n, m in zip(a_shape, b_shape, strict=True))
    return Reshape.apply(Multiply.apply(left, right), shape)


@implements(np.cross)
def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Tensor:
    """Vector product of vectors of three, along `axis` (of a, of b and of the result).

    Vectors of two, which NumPy has deprecated, are refused.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    axisa, axisb = axis_of(a, axisa, "cross"), axis_of(b, axisb, "cross")
    lengths = shape_of(a)[axisa], shape_of(b)[axisb]
    if lengths != (3, 3):
        raise ValueError(
            f"cross: the vectors have {lengths[0]} and {lengths[1]} entries, and a vector product "
            "is for vectors of 3. For vectors of 2, x[0] * y[1] - x[1] * y[0]. "
            f"a has shape {shape_of(a)}, b {shape_of(b)}."
        )
    product = Cross.apply(_axis_last(a, axisa), _axis_last(b, axisb))
    ndim = len(product.shape)
    order = list(range(-ndim, -1))
    order.insert(axis_of(product, axisc, "cross") + ndim, -1)
    return _reordered(product, order)  # type: ignore[no-any-return]


def _axis_last(x: Any, axis: int) -> Any:
    rest = [i for i in range(-len(shape_of(x)), 0) if i != axis]
    return _reordered(x, (*rest, axis))


def vecdot(x1: Any, x2: Any, axis: int = -1) -> Tensor:
    """The sum of products along an axis, for stacks of vectors that broadcast."""
    places = axis_of(x1, axis, "vecdot"), axis_of(x2, axis, "vecdot")
    lengths = [(shape_of(x)[i],) for x, i in zip((x1, x2), places, strict=True)]
    _check_meet("vecdot", x1, x2, *lengths)
    left, right = _axis_last(x1, places[0]), _axis_last(x2, places[1])
    product = MatMul.apply(GetItem.apply(left, ROW), GetItem.apply(right, COLUMN))
    return Reshape.apply(product, product.shape[:-2])


def matvec(x1: Any, x2: Any) -> Tensor:
    """Matrices x1 (..., m, n) times vectors x2 (..., n), in stacks that broadcast."""
    _check_meet("matvec", x1, x2, shape_of(x1)[-1:], shape_of(x2)[-1:])
    product = MatMul.apply(x1, GetItem.apply(x2, COLUMN))
    return Reshape.apply(product, product.shape[:-1])


def vecmat(x1: Any, x2: Any) -> Tensor:
    """Vectors x1 (..., n) times matrices x2 (..., n, m), in stacks that broadcast."""
    _check_meet("vecmat", x1, x2, shape_of(x1)[-1:], shape_of(x2)[-2:-1])
    product = MatMul.apply(GetItem.apply(x1, ROW), x2)
    return Reshape.apply(product, (*product.shape[:-2], product.shape[-1]))


ROW, COLUMN = (..., None, slice(None)), (..., None)

for _function in (vecdot, matvec, vecmat):
    if hasattr(np, _function.__name__):  # NumPy 2.0 has the first, 2.2 all
        implements(getattr(np, _function.__name__))(_function)

# Diagonals


@implements(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Diagonals of the matrices that two axes of a make, along a new last axis.

    `offset` counts the diagonals from the main one: above it 1, 2, …, below it −1, −2, …
    """
    shape = shape_of(a)
    if len(shape) < 2:
        raise ValueError(f"diagonal: a matrix has two axes, and a has shape {shape}.")
    first, second = axes_of(a, (axis1, axis2), "diagonal")
    rest = [i for i in range(-len(shape), 0) if i not in (first, second)]
    rows, columns = shape[first], shape[second]
    length = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    matrices = _reordered(a, (*rest, first, second))
    flat = Reshape.apply(matrices, (*(shape[i] for i in rest), rows * columns))
    return GetItem.apply(flat, (..., _places(length, columns, offset)))


def _places(length: int, columns: int, offset: int) -> slice:
    """Where the entries of a diagonal are among those of a matrix, row by row."""
    if length == 0:
        return slice(0, 0)
    start = offset if offset >= 0 else -offset * columns
    return slice(start, start + (length - 1) * (columns + 1) + 1, columns + 1)


@implements(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum of each diagonal that `diagonal` gives."""
    return Sum.apply(diagonal(a, offset, axis1, axis2), -1)


@implements(np.diag)
def diag(v: Any, k: int = 0) -> Tensor:
    """The matrix with the vector v on diagonal `k`; of a matrix, its diagonal `k`."""
    shape = shape_of(v)
    if len(shape) == 2:
        return diagonal(v, k)
    if len(shape) != 1:
        raise ValueError(
            f"diag: v is a vector or a matrix, and its shape is {shape}. For stacks of matrices, "
            "np.diagonal(v, axis1=-2, axis2=-1)."
        )
    n = shape[0] + abs(k)
    flat = ScatterAdd.apply(v, _places(shape[0], n, k), (n * n,))
    return Reshape.apply(flat, (n, n))


@implements(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Tensor:
    """The matrix with all entries of v, as one row, on diagonal `k`."""
    return diag(Reshape.apply(v, -1), k)
