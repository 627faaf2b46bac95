"""The operations of activation and normalisation layers, in PyTorch."""

from __future__ import annotations

from typing import Any

import torch
from support import vocabulary_activations as activations
from support import vocabulary_normalization as normalization

from benchmarks.pytorch_everyday import Function

F = torch.nn.functional


def leaky_relu(x: torch.Tensor, slope: torch.Tensor) -> Any:
    return torch.where(x > 0, x, slope * x)


def elu(x: torch.Tensor, alpha: float = 1.0, width: float = 1.0) -> Any:
    return torch.where(x > 0, x, alpha / width * F.celu(x, width))


def binary_step(x: torch.Tensor) -> Any:
    return (x >= 0).to(x.dtype) + 0 * x


def axes_of(x: torch.Tensor, axis: Any) -> Any:
    return tuple(range(x.ndim)) if axis is None else axis


def standardize(x: torch.Tensor, axis: Any = None, eps: float = 0.0) -> Any:
    axes = axes_of(x, axis)
    mean = torch.mean(x, axes, keepdim=True)
    var = torch.var(x, axes, correction=0, keepdim=True)
    parts = ((x - mean) / torch.sqrt(var + eps), mean, var)
    return torch.cat([one.reshape(-1) for one in parts])


def unit_mean_square(x: torch.Tensor, axis: Any = None, eps: float = 0.0) -> Any:
    return x / torch.sqrt(torch.mean(x * x, axes_of(x, axis), keepdim=True) + eps)


LAYERS: dict[Function, Function] = {
    activations.leaky_relu: leaky_relu,
    activations.elu: elu,
    activations.softplus: lambda x, beta=1.0, threshold=1e9: F.softplus(x, beta, threshold),
    activations.log_sigmoid: F.logsigmoid,
    activations.softsign: F.softsign,
    activations.hardtanh: lambda x, low=-1.0, high=1.0: F.hardtanh(x, low, high),
    activations.binary_step: binary_step,
    activations.normal_cdf: torch.special.ndtr,
    activations.tanh_gelu: lambda x: F.gelu(x, approximate="tanh"),
    normalization.standardize: standardize,
    normalization.unit_mean_square: unit_mean_square,
}
