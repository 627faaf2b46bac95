"""Products of two inputs' features."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, matmul
from autograd.diagnosis import describe
from nn.functional.operands import floating


def bilinear(x1: Any, x2: Any, weight: Any, bias: Any = None) -> Tensor:
    """x1ᵀ Wₖ x2 + bₖ for each output k: every product of a feature of x1 and one of x2, weighted.

    Shapes: x1 (..., n_1), x2 (..., n_2), weight (n_out, n_1, n_2), bias (n_out,); the result
    (..., n_out). The axes before the last are the same for both.
    Raises ValueError for other shapes.
    """
    x1, x2 = floating(x1), floating(x2)
    n_out, n_1, n_2 = weight.shape
    if x1.shape[-1:] != (n_1,) or x2.shape[-1:] != (n_2,) or x1.shape[:-1] != x2.shape[:-1]:
        swapped = n_1 != n_2 and (x1.shape[-1:], x2.shape[-1:]) == ((n_2,), (n_1,))
        raise ValueError(
            f"bilinear: x1 is (..., {n_1}) and x2 is (..., {n_2}), row for row.\n"
            f"  x1  {describe(x1)}\n  x2  {describe(x2)}"
            + ("\n  fix  the other way around: (x2, x1)" if swapped else "")
        )
    by_input = weight.transpose(1, 0, 2).reshape(n_1, n_out * n_2)
    sums = matmul(x1, by_input).reshape(*x1.shape[:-1], n_out, n_2)
    out = matmul(sums, x2.reshape(*x2.shape, 1)).squeeze(-1)
    return out if bias is None else out + bias
