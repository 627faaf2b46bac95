"""The vector product, and the triangles of matrices."""

from __future__ import annotations

import numpy as np

from autograd.function import Array, Function


class Cross(Function):
    """Vector product of vectors of three along the last axis; axes before it broadcast."""

    batched = True

    def forward(x: Array, y: Array) -> Array:
        return np.cross(x, y)

    gradients = {
        "x": lambda g, y: Cross.call(y, g),
        "y": lambda g, x: Cross.call(g, x),
    }


class Triangle(Function):
    """A triangle of matrices m (..., rows, columns); of a vector, that of its rows repeated."""

    batched = True
    settings = ("k",)

    def diagnose(m: Array) -> tuple[str, str | None] | None:
        return None if np.ndim(m) else ("a single number has no triangle", None)


class Tril(Triangle):
    """The lower triangle of matrices m, entries above diagonal `k` set to 0."""

    numpy = np.tril

    def forward(m: Array, k: int = 0) -> Array:
        return np.tril(m, k)

    gradients = {"m": lambda g, k: Tril.call(g, k=k)}


class Triu(Triangle):
    """The upper triangle of matrices m, entries below diagonal `k` set to 0."""

    numpy = np.triu

    def forward(m: Array, k: int = 0) -> Array:
        return np.triu(m, k)

    gradients = {"m": lambda g, k: Triu.call(g, k=k)}
