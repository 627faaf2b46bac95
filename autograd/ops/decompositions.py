"""Decompositions of matrices, over the last two axes.

Sources: Giles (2008), "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation"; Seeger, Hetzel, Dai, Meissner & Lawrence (2017), "Auto-differentiating
linear algebra"; Walter & Lehmann (2018), "Algorithmic differentiation of linear algebra functions".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.function import Array, Function
from autograd.ops.inverses import Inv, Solve
from autograd.ops.matrices import (
    Diagnosis,
    apart,
    differences,
    not_a_matrix,
    not_square,
    one_over,
    which_of,
)


class Cholesky(Function):
    """Lower triangular L with a = L Lᵀ, for symmetric positive definite a (..., n, n).

    As in NumPy only a's lower triangle is read. The gradient is symmetric: what of it belongs to
    a pair of entries is shared between them.
    """

    batched = True

    def forward(a: Array) -> Array:
        return np.linalg.cholesky(a)

    gradients = {"a": lambda g, out: cholesky_gradient(half_lower(out.mT @ g), Inv.call(out))}

    def diagnose(a: Array) -> Diagnosis:
        return not_positive_definite(a)


def cholesky_gradient(half: Array, inverse: Array) -> Array:
    """½ L⁻ᵀ (Φ + Φᵀ) L⁻¹, for Φ the lower half of Lᵀ L̄."""
    return 0.5 * (inverse.mT @ (half + half.mT) @ inverse)


def half_lower(x: Array) -> Array:
    """The lower triangle of x, its diagonal halved."""
    return 0.5 * (np.tril(x) + np.tril(x, -1))


def not_positive_definite(a: Array) -> Diagnosis:
    """How far a is from being positive definite."""
    found = not_square(a)
    if found:
        return found
    smallest = np.linalg.eigvalsh(a).min(axis=-1)
    return (
        f"{which_of(a, smallest)} is not positive definite: its smallest eigenvalue is "
        f"{smallest.min():.3g}",
        "if it should be one, as a covariance is, add a small multiple of the identity",
    )


class Eigh(Function):
    """Eigenvalues w (..., n), rising, and eigenvectors v (..., n, n) of symmetric matrices.

    As in NumPy only one triangle of a is read, the lower (UPLO = "L") or the upper one. The
    gradient is symmetric: what of it belongs to a pair of entries is shared between them.
    Eigenvectors of equal eigenvalues may turn freely and have no derivative. Theirs is taken as 0
    within the space they span, also where eigenvalues are differentiated twice.
    """

    batched = True
    settings = ("UPLO",)
    outputs = ("w", "v", "_apart")
    constant_outputs = ("_apart",)

    def forward(a: Array, UPLO: Any = "L") -> tuple[Array, Array, Array]:
        w, v = np.linalg.eigh(a, UPLO)
        return w, v, apart(w)

    gradients = {
        ("a", "w"): lambda g, v: v * g[..., None, :] @ v.mT,
        ("a", "v"): lambda g, w, v, _apart: (
            v @ symmetric(differences(w, _apart) * (v.mT @ g)) @ v.mT
        ),
    }

    def diagnose(a: Array) -> Diagnosis:
        return not_square(a)


def symmetric(x: Array) -> Array:
    """(x + xᵀ) / 2."""
    return 0.5 * (x + x.mT)


def skew(x: Array) -> Array:
    """(x − xᵀ) / 2."""
    return 0.5 * (x - x.mT)


class Svd(Function):
    """Singular values s (..., k), falling, with u (..., m, k) and vh (..., k, n): a = u s vh.

    Here k = min(m, n), the reduced form. Singular vectors of equal singular values may turn freely
    and have no derivative, nor have those of singular value 0 that are not fixed by the others.
    Theirs is taken as 0 within the space they span, also where singular values are differentiated
    twice; what turns u and vh together, as in u @ vh, is not affected.
    """

    batched = True
    outputs = ("u", "s", "vh", "_apart")
    constant_outputs = ("_apart",)

    def forward(a: Array) -> tuple[Array, Array, Array, Array]:
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return u, s, vh, apart(s)

    # With Ω⁻ for the turning that u and v share, and Ω⁺ for that against each other:
    # 1 / (sⱼ − sᵢ) goes with Ω⁻, and 1 / (sⱼ + sᵢ) with Ω⁺.
    gradients = {
        ("a", "u"): lambda g, u, s, vh, _apart: (
            u @ (skew(u.mT @ g) * (differences(s, _apart) + one_over_sums(s))) @ vh
            + outside(u, g) * one_over(s)[..., None, :] @ vh
        ),
        ("a", "s"): lambda g, u, vh: u * g[..., None, :] @ vh,
        ("a", "vh"): lambda g, u, s, vh, _apart: (
            u @ (skew(vh @ g.mT) * (differences(s, _apart) - one_over_sums(s))) @ vh
            + u * one_over(s)[..., None, :] @ outside(vh.mT, g.mT).mT
        ),
    }

    def diagnose(a: Array) -> Diagnosis:
        return not_a_matrix(a)


def one_over_sums(s: Array) -> Array:
    """1 / (sⱼ + sᵢ), and 0 where both are 0; shape (..., n, n)."""
    return one_over(s[..., None, :] + s[..., :, None])


def outside(u: Array, x: Array) -> Array:
    """What of x's columns is orthogonal to the columns of u, which are orthonormal: (I − u uᵀ) x.

    Where u is square there is nothing outside: exactly 0, so that no rounding is left to divide.
    """
    return x - u @ (u.mT @ x) if u.shape[-2] > u.shape[-1] else 0 * x


class Qr(Function):
    """Q (..., m, n) with orthonormal columns and upper triangular R (..., n, n): a = Q R.

    For matrices with at least as many rows as columns, m ≥ n, whose columns are independent;
    `linalg.qr` makes the others of these.
    """

    batched = True
    outputs = ("q", "r")

    def forward(a: Array) -> tuple[Array, Array]:
        q, r = np.linalg.qr(a)
        return q, r

    gradients = {
        ("a", "q"): lambda g, q, r: over(g - q @ mirrored(g.mT @ q), r),
        ("a", "r"): lambda g, q, r: over(q @ mirrored(r @ g.mT), r),
    }

    def diagnose(a: Array) -> Diagnosis:
        return not_a_matrix(a)


def mirrored(x: Array) -> Array:
    """The lower triangle of x, and its mirror image in the upper one."""
    return np.tril(x) + np.tril(x, -1).mT


def over(x: Array, r: Array) -> Array:
    """x R⁻ᵀ."""
    try:
        return Solve.call(r, x.mT).mT
    except np.linalg.LinAlgError as error:
        raise ValueError(
            "qr: the columns of the matrix are not independent, so Q and R have no gradient."
        ) from error
