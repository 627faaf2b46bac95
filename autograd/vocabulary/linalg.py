"""Linear algebra under NumPy's names: `autograd.linalg.solve` is `np.linalg.solve` for Tensors."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np
from numpy.linalg import LinAlgError

from autograd.function import Function
from autograd.functions import spell
from autograd.ops.arithmetic import Subtract
from autograd.ops.composed import concatenate
from autograd.ops.decompositions import Cholesky, Eigh, Qr, Svd
from autograd.ops.inverses import Det, Inv, Lstsq, Pinv, Slogdet, Solve, cutoff
from autograd.ops.linear_algebra import MatMul
from autograd.ops.reductions import Sum
from autograd.ops.shaping import Reshape, Transpose
from autograd.protocols import implements
from autograd.vocabulary.arguments import as_tensor, shape_of, values_of
from autograd.vocabulary.matrix_products import (
    cross,
    diagonal,
    matmul,
    matrix_power,
    matrix_transpose,
    multi_dot,
    outer,
    tensordot,
    trace,
    vecdot,
)
from autograd.vocabulary.norms import cond, matrix_norm, norm, svdvals, vector_norm

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "EighResult",
    "LinAlgError",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "tensorinv",
    "tensorsolve",
    "trace",
    "vecdot",
    "vector_norm",
]

# What several functions answer with, as NumPy's do


class SlogdetResult(NamedTuple):
    """Sign and logarithm of the absolute value of determinants."""

    sign: Tensor
    logabsdet: Tensor


class EighResult(NamedTuple):
    """Eigenvalues, rising, and the eigenvectors in the columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class SVDResult(NamedTuple):
    """Singular vectors of the columns, singular values (falling), and those of the rows."""

    U: Tensor
    S: Tensor
    Vh: Tensor


class QRResult(NamedTuple):
    """Orthonormal columns, and the upper triangle that makes the matrix of them."""

    Q: Tensor
    R: Tensor


# Inverses, systems of equations and determinants

inv = spell("inv", Inv)
det = spell("det", Det)


@implements(np.linalg.slogdet)
def slogdet(a: Any) -> SlogdetResult:
    """Sign and logarithm of the absolute value of the determinant of matrices (..., n, n)."""
    return SlogdetResult(*Slogdet.apply(a))


@implements(np.linalg.solve)
def solve(a: Any, b: Any) -> Tensor:
    """The x for which a x = b: a (..., n, n), and b one vector (n,) or matrices (..., n, k)."""
    if len(shape_of(b)) != 1:
        return Solve.apply(a, b)
    x = Solve.apply(a, Reshape.apply(b, (-1, 1)))
    return Reshape.apply(x, x.shape[:-1])


@implements(np.linalg.pinv)
def pinv(
    a: Any,
    rcond: Any = None,
    hermitian: bool = False,  # noqa: ARG001 (a promise that this does not need)
    *,
    rtol: Any = np._NoValue,
) -> Tensor:
    """Moore-Penrose pseudo-inverse of matrices (..., m, n); see `autograd.ops.inverses.Pinv`.

    Singular values below `rcond` (or `rtol`) times the largest count as 0.
    """
    if rtol is None:
        rcond = cutoff(as_tensor(a))
    elif rtol is not np._NoValue:
        rcond = rtol
    return Pinv.apply(a, rcond)


@implements(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Least squares: x with the least |b − a x|, for a (m, n) and b (m,) or (m, k).

    Returns:
        x, the sums of squared residuals (empty unless m > n and the rank is n), the rank of a, and
        its singular values. As a shape depends on the rank, a recording is refused where m > n.
    """
    is_vector = len(shape_of(b)) == 1
    columns = Reshape.apply(b, (-1, 1)) if is_vector else b
    x, rank, s = Lstsq.apply(a, columns, rcond)
    m, n = shape_of(a)
    if m > n and rank == n:
        residual = Subtract.apply(columns, MatMul.apply(a, x))
        squares = Sum.apply(residual * residual, 0)
    else:
        squares = Function.tensor_type(np.zeros_like(values_of(x), shape=(0,)))
    if is_vector:
        x = Reshape.apply(x, (n,))
    return x, squares, rank, s


@implements(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Tensor:
    """The x for which tensordot(a, x, x.ndim) = b; `axes` of a are moved to its end first."""
    ndim = len(shape_of(a))
    if axes is not None:
        moved = [i % ndim for i in axes]
        a = Transpose.apply(a, [i for i in range(ndim) if i not in moved] + moved)
    shape = shape_of(a)[len(shape_of(b)) :]
    matrix = Reshape.apply(a, (prod(shape_of(b)), prod(shape)))
    return Reshape.apply(solve(matrix, Reshape.apply(b, -1)), shape)


@implements(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Tensor:
    """The inverse of a for tensordot over its first `ind` axes."""
    if ind < 1:
        raise ValueError(f"tensorinv: ind counts axes, from 1 on, and is {ind}.")
    first, rest = shape_of(a)[:ind], shape_of(a)[ind:]
    return Reshape.apply(Inv.apply(Reshape.apply(a, (prod(first), prod(rest)))), (*rest, *first))


# Decompositions


@implements(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Tensor:
    """Lower triangular L with a = L Lᵀ, or with `upper` its transpose; see `ops.Cholesky`."""
    if not upper:
        return Cholesky.apply(a)
    return matrix_transpose(Cholesky.apply(matrix_transpose(a)))


@implements(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> EighResult:
    """Eigenvalues, rising, and eigenvectors of symmetric matrices (..., n, n)."""
    return EighResult(*Eigh.apply(a, UPLO))


@implements(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Tensor:
    """Eigenvalues of symmetric matrices (..., n, n), rising."""
    return eigh(a, UPLO).eigenvalues


@implements(np.linalg.eig)
def eig(a: Any) -> NoReturn:  # noqa: ARG001
    """Refused: eigenvalues are complex in general."""
    raise _complex("eig", "eigh")


@implements(np.linalg.eigvals)
def eigvals(a: Any) -> NoReturn:  # noqa: ARG001
    """Refused: eigenvalues are complex in general."""
    raise _complex("eigvals", "eigvalsh")


def _complex(name: str, instead: str) -> TypeError:
    return TypeError(
        f"np.linalg.{name} does not take Tensors: a matrix that is not symmetric has complex "
        f"eigenvalues in general, and derivatives here are of real numbers. For symmetric "
        f"matrices, np.linalg.{instead}(a); for values alone, np.linalg.{name}(a.numpy())."
    )


@implements(np.linalg.svd)
def svd(
    a: Any,
    full_matrices: bool = True,
    compute_uv: bool = True,
    hermitian: bool = False,  # noqa: ARG001 (a promise that this does not need)
) -> Any:
    """Singular value decomposition of matrices (..., m, n): U, S, Vh with a = U S Vh.

    With `full_matrices`, NumPy's default, U and Vh are square. Their further columns and rows are
    any that are orthogonal to the others, and have no derivative: TypeError if a requires one.
    """
    if not compute_uv:
        return svdvals(a)
    m, n = (
        shape_of(a)[-2:] if len(shape_of(a)) > 1 else (0, 0)
    )  # where it is no matrix, Svd says so
    if not full_matrices or m == n:
        return SVDResult(*Svd.apply(a))
    if getattr(a, "requires_grad", False):
        raise TypeError(
            f"svd: of a matrix that is {m} by {n}, full_matrices=True gives singular vectors that "
            "have no derivative. Write np.linalg.svd(a, full_matrices=False)."
        )
    return SVDResult(*map(Function.tensor_type, np.linalg.svd(values_of(a))))


@implements(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """Q with orthonormal columns and upper triangular R, for matrices (..., m, n): a = Q R.

    `mode` "reduced" gives both, "r" only R; "complete" is the same as "reduced" where m ≤ n, and
    refused elsewhere. The first min(m, n) columns must be independent for a gradient.
    """
    m, n = shape_of(a)[-2:] if len(shape_of(a)) > 1 else (0, 0)
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        raise TypeError(
            f"qr: mode={mode!r} has no derivative for a matrix that is {m} by {n}. "
            "Write np.linalg.qr(a), or mode='r' for R alone."
        )
    if m >= n:
        q, r = Qr.apply(a)
    else:  # the first columns make Q; it turns the others as they are
        a = as_tensor(a)
        q, left = Qr.apply(a[..., :m])
        r = concatenate([left, q.mT @ a[..., m:]], axis=-1)
    return r if mode == "r" else QRResult(q, r)


@implements(np.linalg.matrix_rank)
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """How many singular values are not 0; plain numbers, through which no gradient flows."""
    return np.linalg.matrix_rank(values_of(A), values_of(tol), hermitian, rtol=rtol)
