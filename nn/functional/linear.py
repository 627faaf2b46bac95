"""Weighted sums."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, affine, matmul
from autograd.places import warn
from nn.checks import wider_data


def linear(x: Any, weight: Any, bias: Any = None) -> Tensor:
    """x Wᵀ + b for rows x: x (..., n_in), weight (n_out, n_in), bias (n_out,) or None.

    Warns if x has a wider dtype than the weight: then it computes in that.
    """
    out = weighted_sums(x, weight, bias)
    if out.dtype != weight.dtype:
        warn(wider_data("linear", x, weight, out))
    return out


def weighted_sums(x: Any, weight: Any, bias: Any) -> Tensor:
    """As `linear`, in whatever dtype results."""
    return matmul(x, weight.T) if bias is None else affine(x, weight, bias)
