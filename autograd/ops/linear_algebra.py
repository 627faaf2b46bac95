"""Matrix products."""

from __future__ import annotations

import numpy as np

from autograd.function import Array, Function


class MatMul(Function):
    """Matrix product over the last two axes; axes before them broadcast.

    Vectors are made matrices first, by `autograd.matmul`.
    """

    forward = np.matmul
    gradients = {
        "x": lambda g, y: g @ y.mT,
        "y": lambda g, x: x.mT @ g,
    }

    def diagnose(x: Array, y: Array) -> tuple[str, str | None] | None:
        if np.ndim(x) == 0 or np.ndim(y) == 0:
            return "a single number is no matrix", "multiply by it with *"
        if x.shape[-1] == y.shape[-2]:
            return None
        headline = f"inner sizes differ, {x.shape[-1]} and {y.shape[-2]}"
        if x.shape[-1] == y.shape[-1]:
            return headline, "x @ y.T"
        if x.shape[-2] == y.shape[-2]:
            return headline, "x.T @ y"
        return headline, "the columns of x must be as many as the rows of y"


class Affine(Function):
    """x Wᵀ + b for rows x: what a linear layer computes.

    Shapes: x (..., n_in), weight (n_out, n_in), bias (n_out,); the result is (..., n_out).
    """

    def forward(x: Array, weight: Array, bias: Array) -> Array:
        out = x @ weight.mT
        return np.add(out, bias, out=out if out.dtype == bias.dtype else None)

    gradients = {
        "x": lambda g, weight: g @ weight,
        "weight": lambda g, x: g.mT @ x,
        "bias": lambda g: g,  # the engine sums over the rows
    }

    def diagnose(x: Array, weight: Array, _: Array) -> tuple[str, str | None] | None:
        if x.ndim and x.shape[-1] == weight.shape[-1]:
            return None
        return (
            f"the layer takes rows of {weight.shape[-1]} numbers, and x has rows of "
            f"{x.shape[-1] if x.ndim else 0}",
            "check the size of the layer before, or flatten the input to (batch, features)",
        )
