"""Functions made of several operations, or that take their arguments in another form."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import diagnosis
from autograd.broadcasting import negative_axis
from autograd.operands import constant
from autograd.ops.elementwise import Sqrt
from autograd.ops.indexing import GetItem
from autograd.ops.linear_algebra import Affine, MatMul
from autograd.ops.reductions import Max, Min, Var
from autograd.ops.shaping import Concatenate, Reshape, Stack, Transpose
from autograd.protocols import implements

if TYPE_CHECKING:
    from autograd.tensor import Tensor


@implements(np.matmul)
def matmul(x: Any, y: Any) -> Tensor:
    """Matrix product, as `np.matmul`: vectors are rows on the left and columns on the right."""
    x_ndim, y_ndim = np.ndim(getattr(x, "_data", x)), np.ndim(getattr(y, "_data", y))
    if x_ndim != 1 and y_ndim != 1:
        return MatMul.apply(x, y)
    left = Reshape.apply(x, (1, -1)) if x_ndim == 1 else x
    right = Reshape.apply(y, (-1, 1)) if y_ndim == 1 else y
    product = MatMul.apply(left, right)
    shape = product.shape
    if y_ndim == 1:
        shape = shape[:-1]
    if x_ndim == 1:
        shape = (*shape[:-2], shape[-1]) if y_ndim != 1 else shape[:-1]
    return Reshape.apply(product, shape)


@implements(np.transpose)
def transpose(x: Any, axes: Any = None) -> Tensor:
    """The axes of x in another order; in reverse order if none is given."""
    shape = np.shape(getattr(x, "_data", x))
    if axes is not None and len(axes) != len(shape):
        raise ValueError(
            f"transpose: {len(axes)} axes are named, and x has {len(shape)}; name all of them in "
            f"their new order (for the last two swapped: x.mT). x has shape {shape}."
        )
    return Transpose.apply(x, axes)


def affine(x: Any, weight: Any, bias: Any) -> Tensor:
    """x Wᵀ + b for a vector x or rows of any number of axes.

    Shapes: x (..., n_in), weight (n_out, n_in), bias (n_out,); the result is (..., n_out).
    """
    shape, n_in = np.shape(getattr(x, "_data", x)), np.shape(getattr(weight, "_data", weight))[-1:]
    if len(shape) == 2 or shape[-1:] != n_in:  # where the sizes differ, Affine says so
        return Affine.apply(x, weight, bias)
    count = int(np.prod(shape[:-1]))
    rows = Affine.apply(Reshape.apply(x, (count, shape[-1])), weight, bias)
    return Reshape.apply(rows, (*shape[:-1], rows.shape[-1]))


@implements(np.std)
def std(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False, **more: Any) -> Tensor:
    """Standard deviation over `axis`: the square root of the variance."""
    return Sqrt.apply(Var.apply(x, axis, ddof, keepdims, **more))


@implements(np.concatenate)
def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Tensor:
    """Join arrays along an axis that they have; flattened first if `axis` is None."""
    listed = axis is None or type(axis) is int or isinstance(axis, np.integer)
    if not listed or hasattr(arrays, "_data"):
        raise TypeError("concatenate takes the arrays as one list: concatenate([x, y], axis=0).")
    if axis is None:
        return Concatenate.apply(*(Reshape.apply(one, -1) for one in arrays), axis=0)
    return Concatenate.apply(*_some(arrays, "concatenate"), axis=axis)


@implements(np.stack)
def stack(arrays: Sequence[Any], axis: int = 0) -> Tensor:
    """Join arrays of one shape along a new axis."""
    return Stack.apply(*_some(arrays, "stack"), axis=axis)


def _some(arrays: Sequence[Any], name: str) -> Sequence[Any]:
    if len(arrays) == 0:
        raise ValueError(f"{name}: the list of arrays is empty; give at least one.")
    return arrays


@implements(np.split)
def split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """Cut x along `axis` into equal sections (a number), or before each of the given indices.

    Raises ValueError if x cannot be cut into that many equal sections.
    """
    shape = np.shape(getattr(x, "_data", x))
    try:
        place = negative_axis(axis, len(shape))
    except (TypeError, ValueError) as error:
        raise type(error)(f"split: {error}; x has shape {shape}.") from None
    length = shape[place]
    if isinstance(indices_or_sections, int | np.integer):
        sections = int(indices_or_sections)
        if sections < 1 or length % sections:
            raise diagnosis.uneven_split(length, sections, axis)
        step = length // sections
        cuts = list(range(0, length + 1, step)) if step else [0] * (sections + 1)
    else:
        cuts = [0, *indices_or_sections, length]
    after = (slice(None),) * (-place - 1)
    return [GetItem.apply(x, (..., slice(start, stop), *after)) for start, stop in pairwise(cuts)]


implements(np.amax)(Max.apply)
implements(np.amin)(Min.apply)


def _values(x: Any) -> Any:
    return x._data if hasattr(x, "_data") else constant(x)


PLAIN_ANSWERS = (
    *(np.allclose, np.array_equal, np.isclose, np.shape, np.ndim, np.size, np.count_nonzero),
    *(np.isnan, np.isfinite, np.isinf, np.zeros_like, np.ones_like),
)

for _plain_function in PLAIN_ANSWERS:

    def _on_values(*args: Any, function: Any = _plain_function, **settings: Any) -> Any:
        return function(*map(_values, args), **settings)

    implements(_plain_function)(_on_values)
