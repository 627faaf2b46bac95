"""Inverses, systems of equations and determinants, over the last two axes.

Sources: Giles (2008), "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation"; Golub & Pereyra (1973), "The differentiation of pseudo-inverses and
nonlinear least squares problems whose variables separate".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.function import Array, Function
from autograd.ops.matrices import Diagnosis, identity_like, not_a_matrix, not_invertible, not_square


class Inv(Function):
    """Inverse of square matrices (..., n, n)."""

    batched = True
    numpy = np.linalg.inv

    def forward(a: Array) -> Array:
        return np.linalg.inv(a)

    gradients = {"a": lambda g, out: -(out.mT @ g @ out.mT)}

    def diagnose(a: Array) -> Diagnosis:
        return not_invertible(a)


class Solve(Function):
    """The x for which a x = b: a (..., n, n), b (..., n, k); vectors go through `linalg.solve`."""

    batched = True

    def forward(a: Array, b: Array) -> Array:
        return np.linalg.solve(a, b)

    gradients = {
        "a": lambda g, a, out: -(Solve.call(a.mT, g) @ out.mT),
        "b": lambda g, a: Solve.call(a.mT, g),
    }

    def backward(g: Array, a: Array, out: Array) -> dict[str, Array]:
        b_gradient = Solve.call(a.mT, g)  # one system for both
        return {"a": -(b_gradient @ out.mT), "b": b_gradient}

    def diagnose(a: Array, b: Array) -> Diagnosis:
        if np.ndim(b) == 0:
            return "b is a single number", "give a vector with one entry for each row of a"
        if not_square(a) or a.shape[-1] == b.shape[-2]:
            return not_invertible(a)
        return (
            f"a has {a.shape[-2]} equations, and b has {b.shape[-2]} right-hand sides",
            "b must have as many rows as a; for a stack of vectors, b[..., None]",
        )


class Pinv(Function):
    """Moore-Penrose pseudo-inverse of matrices (..., m, n), of shape (..., n, m).

    Singular values below `rcond` times the largest count as 0. The derivative is the one among
    matrices of the same rank; where the rank changes, the pseudo-inverse jumps and has none.
    """

    batched = True
    settings = ("rcond",)

    def forward(a: Array, rcond: Any = None) -> Array:
        return np.linalg.pinv(a, rcond)

    gradients = {
        "a": lambda g, a, out: (
            -(out.mT @ g @ out.mT)
            + outside_columns(a, out, g.mT @ out @ out.mT)
            + outside_rows(a, out, out.mT @ out @ g.mT)
        )
    }

    def diagnose(a: Array) -> Diagnosis:
        return not_a_matrix(a)


def outside_columns(a: Array, pinv: Array, x: Array) -> Array:
    """(I − a a⁺) x: what of the columns of x is orthogonal to those of a."""
    return x - a @ (pinv @ x)


def outside_rows(a: Array, pinv: Array, x: Array) -> Array:
    """x (I − a⁺ a): what of the rows of x is orthogonal to those of a."""
    return x - (x @ pinv) @ a


class Lstsq(Function):
    """The shortest x (n, k) with least |b − a x|, for a (m, n), b (m, k); a's rank and singular
    values too.

    The derivative is the one among matrices of the same rank, as for `Pinv`.
    """

    batched = True
    settings = ("rcond",)
    normalize = {"rcond": lambda rcond, a: cutoff(a) if rcond is None else rcond}
    outputs = ("x", "rank", "s")
    constant_outputs = ("rank",)

    def forward(a: Array, b: Array, rcond: Any = None) -> tuple[Array, Array, Array]:
        x, _, rank, s = np.linalg.lstsq(a, b, rcond)
        return x, rank, s

    gradients = {
        ("a", "x"): lambda g, a, b, x, rcond: lstsq_gradient(g, a, b, x, Pinv.call(a, rcond=rcond)),
        ("b", "x"): lambda g, a, rcond: Pinv.call(a, rcond=rcond).mT @ g,
        ("a", "s"): lambda g, a: singular_values_gradient(g, a),
    }

    def diagnose(a: Array, b: Array) -> Diagnosis:
        if np.ndim(a) != 2:
            fix = "solve stacks one by one" if np.ndim(a) > 2 else "for one unknown, a[:, None]"
            return f"a is one matrix, and its shape is {np.shape(a)}", fix
        if a.shape[0] != b.shape[0]:
            return (
                f"a has {a.shape[0]} rows (one for each observation), and b has {b.shape[0]}",
                "b.T, or check which rows belong together",
            )
        return None


def cutoff(a: Array) -> float:
    """What singular values of a count as 0, relative to the largest: NumPy's rule."""
    precise = a.dtype if a.dtype.kind == "f" else np.float64
    return float(np.finfo(precise).eps * max(a.shape[-2:]))


def lstsq_gradient(g: Array, a: Array, b: Array, x: Array, pinv: Array) -> Array:
    """The gradient of a, where x = a⁺ b."""
    y = pinv.mT @ g
    residual = b - a @ x
    return residual @ (pinv @ y).mT - y @ x.mT + pinv.mT @ x @ (g - pinv @ (a @ g)).mT


def singular_values_gradient(g: Array, a: Array) -> Array:
    """The gradient of a, where g is that of its singular values."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return (u * g[..., None, :]) @ vh


class Det(Function):
    """Determinant of square matrices (..., n, n): a number for each.

    Its derivative is the matrix of cofactors, which singular matrices have too.
    """

    batched = True
    numpy = np.linalg.det

    def forward(a: Array) -> Array:
        return np.linalg.det(a)

    gradients = {"a": lambda g, a: g[..., None, None] * Cofactor.call(a)}

    def diagnose(a: Array) -> Diagnosis:
        return not_square(a)


class Cofactor(Function):
    """Cofactors of square matrices a (..., n, n), the transposed adjugate: det(a) a⁻ᵀ.

    Found from the singular values, so that singular matrices will do: where a = u s vᵀ, it is
    det(u) det(v) u c vᵀ, and cᵢ the product of all singular values but sᵢ. Its derivative holds
    for singular matrices too; the derivative of that, where singular values are distinct.
    """

    batched = True

    def forward(a: Array) -> Array:
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        turned = np.sign(np.linalg.det(u @ vh))  # 1 or -1
        return (u * (turned[..., None] * without_each(s))[..., None, :]) @ vh

    gradients = {"a": lambda g, a: cofactor_gradient(g, a)}


def cofactor_gradient(g: Array, a: Array) -> Array:
    """The second derivative of the determinant along g, in the axes of the singular vectors."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    turned = np.sign(np.linalg.det(u @ vh))[..., None, None]
    identity = identity_like(a)
    pairs = without_pairs(s) * (1 - identity)
    along = u.mT @ g @ vh.mT
    diagonal = pairs @ np.diagonal(along, axis1=-2, axis2=-1)[..., None]
    return turned * (u @ (identity * diagonal - pairs * along.mT) @ vh)


def without_each(s: Array) -> Array:
    """For each entry of s (..., n), the product of all others."""
    zeros = s == 0
    rest = s + zeros
    spared = zeros.sum(axis=-1, keepdims=True) == zeros  # no other entry is 0
    return spared * np.prod(rest, axis=-1, keepdims=True) / rest


def without_pairs(s: Array) -> Array:
    """For each two entries of s (..., n), the product of all others; shape (..., n, n)."""
    zeros = s == 0
    rest = s + zeros
    in_pair = 1 * zeros[..., None, :] + zeros[..., :, None]
    spared = zeros.sum(axis=-1, keepdims=True)[..., None] == in_pair
    products = np.prod(rest, axis=-1, keepdims=True)[..., None]
    return spared * products / (rest[..., None, :] * rest[..., :, None])


class Slogdet(Function):
    """Sign and logarithm of the absolute value of the determinant of matrices (..., n, n).

    A singular matrix has the values 0 and −∞, as in NumPy, and no gradient: LinAlgError.
    """

    batched = True
    outputs = ("sign", "logabsdet")
    constant_outputs = ("sign",)

    def forward(a: Array) -> tuple[Array, Array]:
        sign, logabsdet = np.linalg.slogdet(a)
        return sign, logabsdet

    gradients = {("a", "logabsdet"): lambda g, a: g[..., None, None] * inverse_of(a).mT}

    def diagnose(a: Array) -> Diagnosis:
        return not_square(a)


def inverse_of(a: Array) -> Array:
    """The inverse of a, for the gradient of the logarithm of its determinant."""
    try:
        return Inv.call(a)
    except np.linalg.LinAlgError as error:
        raise ValueError(
            "slogdet: the determinant is 0, where its logarithm has no gradient. np.linalg.det has "
            "one there."
        ) from error
