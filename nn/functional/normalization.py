"""Normalisation: rows, groups of channels or a batch brought to mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.diagnosis import describe
from autograd.ops.normalization import Standardize, UnitMeanSquare
from nn.functional.operands import floating, in_dtype_of

NOT_RECORDED = (
    "This cannot be recorded: batch normalisation in training moves its running statistics at each "
    "call, in place. Record it in evaluation mode, model.eval(), or without running statistics, "
    "BatchNorm1d(…, track_running_stats=False); or train with layer normalisation."
)


def batch_norm(
    x: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """(x − mean) / √(variance + eps) · weight + bias, the statistics those of each channel.

    Shapes: x (n, channels) or (n, channels, length), channels in axis 1; all others (channels,).
    In training the statistics are the batch's own, and the running ones move toward them in place,
    by the share `momentum` of the difference (the variance divided by one less than the count);
    otherwise they are the running ones.

    Raises:
        ValueError: x has other axes or channels; a training batch has one value for each channel,
            or none; there are no running statistics to use.
    """
    x = floating(x)
    for given in (running_mean, running_var, weight, bias):
        if given is not None:
            check_channels("batch_norm", x, given.size)
    if not training:
        if running_mean is None or running_var is None:
            raise ValueError(
                "batch_norm: outside training it takes the running statistics, and there are "
                "none. Give running_mean and running_var, or training=True."
            )
        std = (floating(running_var) + eps).sqrt()
        standardized = (x - per_channel(x, running_mean)) / per_channel(x, std)
        return scaled(x, in_dtype_of(x, standardized), weight, bias)
    standardized, mean, var = batch_standardized(x, eps)
    track(x, running_mean, running_var, mean, var, momentum)
    return scaled(x, standardized, weight, bias)


def batch_standardized(x: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """x with mean 0 and variance 1 in each channel, and what these were: (1, channels[, 1])."""
    count = x.size // x.shape[1] if x.size else 0
    if count < 2:
        one = "one value" if count else "no value"
        raise ValueError(
            f"batch_norm: in training a batch has several values for each channel, whose mean and "
            f"variance it takes; this one, {describe(x)}, has {one}. Use larger batches, leave a "
            "small last one out, or call model.eval() first if this is no training."
        )
    return Standardize.apply(x, axis=(0, *range(2, x.ndim)), eps=eps)  # type: ignore[return-value]


def track(
    x: Tensor, running_mean: Any, running_var: Any, mean: Tensor, var: Tensor, momentum: float
) -> None:
    """Move running statistics, where there are any, toward those of the batch x."""
    count = x.size / x.shape[1]
    for running, seen in ((running_mean, mean.data), (running_var, var.data * count / (count - 1))):
        if running is not None:
            home = running if isinstance(running, Tensor) else Tensor(running)
            moved = (1 - momentum) * home.data + momentum * seen.reshape(home.shape)
            try:
                home.copy_(moved)
            except autograd.TracingError as error:
                raise autograd.TracingError(NOT_RECORDED) from error


def layer_norm(
    x: Any,
    normalized_shape: int | Sequence[int],
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Tensor:
    """(x − mean) / √(variance + eps) · weight + bias, the statistics those of each row.

    Shapes: x (..., *normalized_shape); weight and bias have the normalized_shape, which is all
    that the mean and the variance are taken over.
    Raises ValueError if x does not end with that shape.
    """
    x, axes = _rows("layer_norm", x, normalized_shape, weight, bias)
    standardized, _, _ = Standardize.apply(x, axis=axes, eps=eps)
    return _affine(standardized, weight, bias)


def rms_norm(
    x: Any, normalized_shape: int | Sequence[int], weight: Any = None, eps: float | None = None
) -> Tensor:
    """x / √(mean of x² + eps) · weight, the mean square that of each row.

    Shapes as for `layer_norm`. If eps is None, it is the distance from 1 to the next number of the
    dtype that it computes in: x's, at least float32. Raises ValueError if x does not end with the
    normalized_shape.
    """
    x, axes = _rows("rms_norm", x, normalized_shape, weight)
    if eps is None:
        eps = float(np.finfo(np.promote_types(x.dtype, np.float32)).eps)
    return _affine(UnitMeanSquare.apply(x, axis=axes, eps=eps), weight, None)


def group_norm(
    x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Tensor:
    """(x − mean) / √(variance + eps) · weight + bias, the statistics those of groups of channels.

    Shapes: x (n, channels, ...); weight and bias (channels,). For each of the n, the channels make
    `num_groups` groups of neighbours.
    Raises ValueError if x has other channels than weight and bias, or they make no such groups, or
    a group has a single value.
    """
    x = floating(x)
    for given in (weight, bias):
        if given is not None:
            check_channels("group_norm", x, given.size, most_axes=None)
    if x.ndim < 2 or num_groups < 1 or x.shape[1] % num_groups:
        raise ValueError(
            f"group_norm: the channels, axis 1 of x, make {num_groups} groups of the same size; x "
            f"is {describe(x)}."
        )
    values = prod(x.shape[1:]) // num_groups
    if values == 1:
        raise ValueError(
            f"group_norm: {num_groups} groups of x, {describe(x)}, have one value each, which less "
            "its mean is always 0. Take fewer groups."
        )
    rows = x.reshape(len(x), num_groups, values)
    standardized, _, _ = Standardize.apply(rows, axis=-1, eps=eps)
    return scaled(x, standardized.reshape(x.shape), weight, bias)


# What these share


def check_channels(who: str, x: Tensor, channels: int, most_axes: int | None = 3) -> None:
    """Raise ValueError if x is not (n, channels), with at most so many axes."""
    shapes = f"(n, {channels}) or (n, {channels}, length)" if most_axes else f"(n, {channels}, ...)"
    if x.ndim < 2 or (most_axes and x.ndim > most_axes) or x.shape[1] != channels:
        raise ValueError(
            f"{who}: x is {shapes}, with {channels} channels in axis 1, and this is {describe(x)}."
            + _channels_fix(x, channels)
        )


def _channels_fix(x: Tensor, channels: int) -> str:
    if x.shape == (channels,):
        return " For a single row write x[None]."
    if x.ndim == 2 and x.shape[0] == channels:
        return " Rows are examples: give x.T."
    if x.ndim > 2 and x.shape[-1] == channels:
        axes = ", ".join(map(str, (0, x.ndim - 1, *range(1, x.ndim - 1))))
        return f" The channels stand last: give them axis 1, x.transpose({axes})."
    if x.ndim > 2 and prod(x.shape[1:]) == channels:
        return " To flatten each example: x.reshape(len(x), -1)."
    return " Likely the layer before has another number of outputs."


def per_channel(x: Tensor, values: Any) -> Any:
    """One value for each channel (axis 1 of x), in a shape that broadcasts against x."""
    return values if x.ndim == 2 else values.reshape(-1, *(1,) * (x.ndim - 2))


def scaled(x: Tensor, standardized: Tensor, weight: Any, bias: Any) -> Tensor:
    """`standardized`, in x's shape, with a factor and an offset for each channel, if given."""
    return _affine(
        standardized,
        None if weight is None else per_channel(x, weight),
        None if bias is None else per_channel(x, bias),
    )


def _affine(standardized: Tensor, weight: Any, bias: Any) -> Tensor:
    out = standardized if weight is None else standardized * weight
    return out if bias is None else out + bias


def _rows(
    who: str, x: Any, normalized_shape: int | Sequence[int], *parameters: Any
) -> tuple[Tensor, tuple[int, ...]]:
    """x as a Tensor and the axes that are normalised. Raises ValueError if they do not fit."""
    x = floating(x)
    one = isinstance(normalized_shape, int | np.integer)
    shape = (int(normalized_shape),) if one else tuple(normalized_shape)  # type: ignore
    if not shape or x.shape[-len(shape) :] != shape:
        lengths = ", ".join(map(str, shape))
        fix = ""
        if prod(x.shape[1:]) == prod(shape):
            fix = f" They hold as many numbers: x.reshape(len(x), {lengths})."
        elif x.shape[: len(shape)] == shape:
            fix = " x begins with it: are the examples along the last axis?"
        raise ValueError(
            f"{who}: normalized_shape {shape} is what x's shape ends with, (..., {lengths}), "
            f"and x is {describe(x)}.{fix}"
        )
    for given in parameters:
        if given is not None and given.shape != shape:
            raise ValueError(
                f"{who}: weight and bias have the normalized_shape {shape}; this is "
                f"{describe(given)}."
            )
    return x, tuple(range(-len(shape), 0))
