"""What the operations on matrices share: pieces of rules, and of their error messages."""

from __future__ import annotations

import numpy as np

from autograd.function import Array


def identity_like(x: Array) -> Array:
    """The identity, in the shape and dtype of the (stacked) square matrices x."""
    return np.triu(np.tril(np.ones_like(x)))


def one_over(x: Array) -> Array:
    """1 / x, and 0 where x is 0."""
    return (x != 0) / (x + (x == 0))


def apart(values: Array) -> Array:
    """Which pairs of values (..., n) differ by more than the rounding of those that found them."""
    n = values.shape[-1]
    largest = np.absolute(values).max(axis=-1, initial=0)[..., None, None]
    differences = np.absolute(values[..., None, :] - values[..., :, None])
    return differences > 8 * n * np.finfo(values.dtype).eps * largest


def differences(values: Array, apart: Array) -> Array:
    """1 / (λⱼ − λᵢ) for values λ, and 0 for pairs that are not apart; shape (..., n, n)."""
    return apart / (values[..., None, :] - values[..., :, None] + (apart == 0))


# Messages

Diagnosis = tuple[str, str | None] | None  # what is wrong, and how to mend it


def not_square(a: Array) -> Diagnosis:
    """What is wrong if a is no square matrix, nor a stack of them."""
    found = not_a_matrix(a)
    if found or a.shape[-2] == a.shape[-1]:
        return found
    return f"a is {a.shape[-2]} by {a.shape[-1]}, and must be square", None


def not_a_matrix(a: Array) -> Diagnosis:
    """What is wrong if a has fewer than two axes."""
    return None if np.ndim(a) > 1 else (f"a is no matrix: its shape is {np.shape(a)}", None)


def not_invertible(a: Array) -> Diagnosis:
    """Why a has no inverse: no square matrix, or a singular one, and which of a stack."""
    found = not_square(a)
    if found:
        return found[0], "np.linalg.lstsq and np.linalg.pinv take other matrices"
    ranks = np.linalg.matrix_rank(a)
    return (
        f"{which_of(a, ranks)} is singular: of its {a.shape[-1]} rows, only {ranks.min()} are "
        "independent",
        "np.linalg.lstsq or np.linalg.pinv do as well as it can be done; or add a small multiple "
        "of the identity",
    )


def which_of(a: Array, values: Array) -> str:
    """The name of the matrix in a stack that has the smallest of values."""
    if np.ndim(a) == 2:
        return "a"
    return f"a[{', '.join(map(str, np.unravel_index(np.argmin(values), values.shape)))}]"
