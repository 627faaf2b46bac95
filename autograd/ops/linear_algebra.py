"""Matrix products."""

from __future__ import annotations

import numpy as np

from autograd.function import Array, Function


class MatMul(Function):
    """Matrix product over the last two axes; axes before them broadcast.

    Vectors are made matrices first, by `autograd.matmul`.
    """

    batched = True
    forward = np.matmul
    gradients = {
        "x": lambda g, y: g @ y.mT,
        "y": lambda g, x: x.mT @ g,
    }

    def diagnose(x: Array, y: Array) -> tuple[str, str | None] | None:
        if np.ndim(x) == 0 or np.ndim(y) == 0:
            return "a single number is no matrix", "multiply by it with *"
        if x.shape[-1] == y.shape[-2]:
            return (
                f"the axes before the last two, {x.shape[:-2]} and {y.shape[:-2]}, do not fit",
                "their lengths must be equal, or one of them 1",
            )
        headline = f"inner sizes differ, {x.shape[-1]} and {y.shape[-2]}"
        if x.shape[-1] == y.shape[-1]:
            return headline, "x @ y.T"
        if x.shape[-2] == y.shape[-2]:
            return headline, "x.T @ y"
        return headline, "the columns of x must be as many as the rows of y"


class Affine(Function):
    """x Wᵀ + b for rows x: what a linear layer computes.

    Shapes: x (n, n_in), weight (n_out, n_in), bias (n_out,); the result is (n, n_out). Vectors and
    further axes are made rows first, by `autograd.affine`.
    """

    batched = True

    def forward(x: Array, weight: Array, bias: Array) -> Array:
        out = x @ weight.mT
        return np.add(out, bias, out=out if out.dtype == bias.dtype else None)

    gradients = {
        "x": lambda g, weight: g @ weight,
        "weight": lambda g, x: g.mT @ x,
        "bias": lambda g: g,  # the engine sums over the rows
    }

    def diagnose(x: Array, weight: Array, bias: Array) -> tuple[str, str | None] | None:
        n_in = weight.shape[-1]
        if np.ndim(x) == 0:
            return "a single number is no row", f"give rows of {n_in} numbers, shape (n, {n_in})"
        if x.shape[-1] == n_in:
            n_out = len(weight)
            return (
                f"the weight makes {n_out} numbers of each row, and the bias has {np.size(bias)}",
                f"a bias of shape ({n_out},)",
            )
        headline = f"the layer takes rows of {n_in} numbers, and x has rows of {x.shape[-1]}"
        if np.prod(x.shape[1:]) == n_in:
            return headline, "x.reshape(len(x), -1)"
        if x.shape[0] == n_in:
            return headline, "x.T"
        return headline, "check the size of the layer before, or of the data"
