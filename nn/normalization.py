"""Layer, root-mean-square and group normalisation: statistics of each example by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor, get_default_dtype
from nn.checks import not_negative, whole_number
from nn.functional.normalization import check_channels, group_norm, layer_norm, rms_norm
from nn.functional.operands import floating
from nn.parameter import Parameter
from nn.wider import SaysWhenWider


class LayerNorm(SaysWhenWider):
    """(x − mean) / √(variance + eps) · γ + β, the statistics those of each row of features.

    It does the same in training and in evaluation, and for a batch of one.

    Args:
        normalized_shape: the shape of a row: the last axes of x, of which the mean and the
            variance (the mean squared deviation) are taken. A number n is (n,).
        eps: added to the variance, so that constant rows give 0.
        elementwise_affine: whether there are γ and β.
        bias: whether there is β.
        dtype: of γ and β; the default dtype (float32) if None.

    Attributes:
        weight: γ, of the normalized_shape, ones at first; None without elementwise_affine.
        bias: β, of the same shape, zeros at first; None without.

    Shapes: x (..., *normalized_shape); the result has the shape of x.

    Raises:
        TypeError, ValueError: normalized_shape is no positive number, nor several, or has one
            entry, of which standardising leaves nothing; eps is negative; x does not end with it.

    Source: Ba, Kiros, Hinton, "Layer Normalization", arXiv:1607.06450 (2016).
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        dtype: DTypeLike | None = None,
    ) -> None:
        self.normalized_shape = _shape(normalized_shape, "LayerNorm")
        if np.prod(self.normalized_shape) == 1:
            raise ValueError(
                "LayerNorm: a single number less its mean is 0, whatever it was; normalize more "
                "features, or leave the layer out."
            )
        self.eps = not_negative(eps, "LayerNorm", "eps")
        self.elementwise_affine = elementwise_affine
        affine = (self.normalized_shape, elementwise_affine, elementwise_affine and bias, dtype)
        self.weight, self.bias = factor_and_offset(*affine)

    def forward(self, x: Any) -> Tensor:
        out = layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return self._said(x, self.weight, out)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps:g}, "
            f"elementwise_affine={self.elementwise_affine}"
        )


class RMSNorm(SaysWhenWider):
    """x / √(mean of x² + eps) · γ, the mean that of each row of features: no mean is taken off.

    Args:
        normalized_shape: the shape of a row, the last axes of x. A number n is (n,).
        eps: added to the mean square; if None, the distance from 1 to the next number of the dtype
            that it computes in: x's, at least float32.
        elementwise_affine: whether there is γ.
        dtype: of γ; the default dtype (float32) if None.

    Attributes:
        weight: γ, of the normalized_shape, ones at first; None without elementwise_affine.

    Shapes: x (..., *normalized_shape); the result has the shape of x.

    Raises:
        TypeError, ValueError: normalized_shape is no positive number, nor several; eps is
            negative; x does not end with it.

    Source: Zhang, Sennrich, "Root Mean Square Layer Normalization", NeurIPS 2019.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        dtype: DTypeLike | None = None,
    ) -> None:
        self.normalized_shape = _shape(normalized_shape, "RMSNorm")
        self.eps = eps if eps is None else not_negative(eps, "RMSNorm", "eps")
        self.elementwise_affine = elementwise_affine
        self.weight, _ = factor_and_offset(self.normalized_shape, elementwise_affine, False, dtype)

    def forward(self, x: Any) -> Tensor:
        return self._said(x, self.weight, rms_norm(x, self.normalized_shape, self.weight, self.eps))

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(SaysWhenWider):
    """(x − mean) / √(variance + eps) · γ + β, the statistics those of groups of channels.

    For each example by itself, neighbouring channels make `num_groups` groups of the same size;
    the mean and the variance are those of a group, γ and β belong to a channel. One group is layer
    normalisation of all but the first axis.

    Args:
        num_groups: how many groups there are.
        num_channels: how many channels there are; a multiple of num_groups.
        eps: added to the variance.
        affine: whether there are γ and β.
        dtype: of γ and β; the default dtype (float32) if None.
        bias: whether there is β, where there is γ.

    Attributes:
        weight, bias: γ, ones at first, and β, zeros at first, of shape (num_channels,); or None.

    Shapes: x (n, num_channels, ...); the result has the shape of x.

    Raises:
        TypeError, ValueError: a size is not a positive whole number, or the channels make no such
            groups; eps is negative; x has other channels, or groups of a single value.

    Source: Wu, He, "Group Normalization", ECCV 2018.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        self.num_groups = whole_number(num_groups, "GroupNorm", "num_groups")
        self.num_channels = whole_number(num_channels, "GroupNorm", "num_channels")
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: {num_channels} channels do not make {num_groups} groups of the same "
                "size. The first argument is num_groups, the second num_channels, a multiple of it."
            )
        self.eps = not_negative(eps, "GroupNorm", "eps")
        self.affine = affine
        self.weight, self.bias = factor_and_offset((num_channels,), affine, affine and bias, dtype)

    def forward(self, x: Any) -> Tensor:
        values = floating(x)
        check_channels("GroupNorm", values, self.num_channels, most_axes=None)
        out = group_norm(values, self.num_groups, self.weight, self.bias, self.eps)
        return self._said(x, self.weight, out)

    def extra_repr(self) -> str:
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps:g}, affine={self.affine}"


# What all normalisations share


def factor_and_offset(
    shape: tuple[int, ...], factor: bool, offset: bool, dtype: DTypeLike | None
) -> tuple[Parameter | None, Parameter | None]:
    """γ of ones and β of zeros, each if it is wanted."""
    dtype = get_default_dtype() if dtype is None else np.dtype(dtype)
    return (
        Parameter(np.ones(shape, dtype)) if factor else None,
        Parameter(np.zeros(shape, dtype)) if offset else None,
    )


def _shape(normalized_shape: int | Sequence[int], who: str) -> tuple[int, ...]:
    """The normalized_shape as a tuple. Raises TypeError or ValueError if it is none."""
    if isinstance(normalized_shape, tuple | list):
        lengths = tuple(normalized_shape)
    else:
        lengths = (normalized_shape,)
    if not lengths:
        raise ValueError(f"{who}: normalized_shape is empty; give the shape of a row of features.")
    return tuple(whole_number(n, who, "normalized_shape") for n in lengths)
