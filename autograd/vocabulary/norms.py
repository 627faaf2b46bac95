"""Norms of vectors and matrices, of every order that NumPy knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.broadcasting import Shape
from autograd.ops.arithmetic import Divide, Multiply
from autograd.ops.comparisons import NotEqual
from autograd.ops.decompositions import Svd
from autograd.ops.elementwise import Absolute, AsType
from autograd.ops.inverses import Inv
from autograd.ops.norms import EuclideanNorm, PowerNorm
from autograd.ops.reductions import Max, Min, Sum
from autograd.ops.shaping import ExpandDims, Squeeze, Transpose
from autograd.protocols import implements
from autograd.vocabulary.arguments import as_tensor, axes_of, shape_of

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["cond", "matrix_norm", "norm", "svdvals", "vector_norm"]


@implements(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Norm of vectors (one `axis`) or matrices (a pair of axes).

    Without `axis`, x is one vector or matrix; without `ord` too, all entries count as one vector.
    For orders see `vector_norm` and `matrix_norm`. Raises ValueError for an order that there is
    not, and for more axes than two.
    """
    ndim = len(shape_of(x))
    if axis is None and (ord is None or (ord in ("f", "fro") and ndim == 2)):
        return _vector_norm(x, 2, tuple(range(-ndim, 0)), keepdims)
    axes = axes_of(x, axis, "norm")
    if len(axes) == 1:
        return _vector_norm(x, 2 if ord is None else ord, axes, keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, "fro" if ord is None else ord, axes, keepdims)
    raise ValueError(
        f"norm: order {ord!r} is for vectors or matrices, along one axis or two, and there are "
        f"{len(axes)}. Say which: axis=-1, or axis=(-2, -1). x has shape {shape_of(x)}."
    )


@implements(np.linalg.vector_norm)
def vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Tensor:
    """Norm over one or several axes (None: all), taken together as those of one vector.

    `ord` p is (Σ|x|ᵖ)^(1/p); ∞ the largest |x|, −∞ the smallest, ties sharing the gradient; 0 how
    many entries are not 0, without a gradient. At 0 the gradient is 0.
    """
    return _vector_norm(x, ord, axes_of(x, axis, "vector_norm"), keepdims)


@implements(np.linalg.matrix_norm)
def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Tensor:
    """Norm of the matrices along the last two axes.

    `ord` "fro" is √Σx², "nuc" the sum of singular values; 2 the largest of them, −2 the smallest;
    1 the largest sum of |x| of a column, −1 the smallest; ∞ and −∞ those of a row. Ties share the
    gradient; singular values of 0 have gradient 0.
    """
    return _matrix_norm(x, ord, axes_of(x, (-2, -1), "matrix_norm"), keepdims)


def _vector_norm(x: Any, ord: Any, axes: Shape, keepdims: bool) -> Tensor:
    x = _floating(x)
    if isinstance(ord, str):
        raise _no_such_order(ord, "vectors", "a number, np.inf or -np.inf")
    if ord == 2:
        return EuclideanNorm.apply(x, axes, keepdims)
    if ord == 0:
        return Sum.apply(AsType.apply(NotEqual.apply(x, 0), x.dtype), axes, keepdims)
    if ord == 1:
        return Sum.apply(Absolute.apply(x), axes, keepdims)
    if np.isinf(ord):
        return (Max if ord > 0 else Min).apply(Absolute.apply(x), axes, keepdims)
    return PowerNorm.apply(x, ord, axes, keepdims)


def _matrix_norm(x: Any, ord: Any, axes: Shape, keepdims: bool) -> Tensor:
    x = _floating(x)
    if ord in ("f", "fro"):
        return EuclideanNorm.apply(x, axes, keepdims)
    if ord in (2, -2, "nuc"):
        rest = [i for i in range(-len(shape_of(x)), 0) if i not in axes]
        # Their absolute values are the same, and have derivative 0 at 0.
        values = Absolute.apply(svdvals(Transpose.apply(x, (*rest, *axes))))
        found = {2: Max, -2: Min, "nuc": Sum}[ord].apply(values, -1)
        return ExpandDims.apply(found, axes) if keepdims else found
    if ord not in (1, -1, np.inf, -np.inf):
        raise _no_such_order(ord, "matrices", "'fro', 'nuc', 1, -1, 2, -2, np.inf or -np.inf")
    summed, chosen = axes if abs(ord) == 1 else axes[::-1]
    sums = Sum.apply(Absolute.apply(x), summed, True)
    found = (Max if ord > 0 else Min).apply(sums, chosen, True)
    return found if keepdims else Squeeze.apply(found, axes)


def _no_such_order(ord: Any, of: str, known: str) -> ValueError:
    return ValueError(f"norm: there is no order {ord!r} for {of}. Give {known}.")


def _floating(x: Any) -> Tensor:
    tensor = as_tensor(x)
    return tensor if tensor.dtype.kind == "f" else tensor.astype(float)


@implements(np.linalg.svdvals)
def svdvals(x: Any) -> Tensor:
    """Singular values of matrices (..., m, n), falling: shape (..., min(m, n))."""
    values: Tensor = Svd.apply(x)[1]
    return values


@implements(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Tensor:
    """Condition number of matrices (..., m, n): the norm of order `p` times that of the inverse.

    For p None or 2, the largest singular value over the smallest; for −2 the reverse; a matrix of
    zeros has none, nan. For other orders a singular matrix is an error (in NumPy ∞).
    """
    if p in (None, 2, -2):
        values = svdvals(x)
        ends = values[..., 0], values[..., -1]
        with np.errstate(divide="ignore", invalid="ignore"):  # ∞, where a matrix is singular
            return Divide.apply(*(ends[::-1] if p == -2 else ends))
    return Multiply.apply(matrix_norm(x, ord=p), matrix_norm(Inv.apply(x), ord=p))
