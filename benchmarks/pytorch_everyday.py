"""The everyday operations of the table in PyTorch, called the way NumPy's functions are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from support.operations import (
    affine,
    astype,
    clip,
    detach,
    get_item,
    log_softmax,
    relu,
    reshape,
    sigmoid,
    softmax,
    softmax_cross_entropy,
)

Function = Callable[..., Any]


def dims(x: torch.Tensor, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(x.ndim))
    return axis if isinstance(axis, tuple) else (axis,)


def over_axes(function: Function) -> Function:
    def reduce(x: torch.Tensor, axis: Any = None, keepdims: bool = False) -> Any:
        over = dims(x, axis)
        return function(x, dim=over, keepdim=keepdims) if over else x.clone()

    return reduce


def spread_over_axes(function: Function) -> Function:
    def reduce(x: torch.Tensor, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
        return function(x, dim=dims(x, axis), correction=ddof, keepdim=keepdims)

    return reduce


def along_axis(function: Function) -> Function:
    return lambda x, axis=-1: function(x, dim=axis)


def tensor_beside(x: torch.Tensor, value: Any) -> Any:
    """A number as a Tensor that does not change the dtype; arrays and Tensors keep their own."""
    return torch.as_tensor(value, dtype=x.dtype if isinstance(value, int | float) else None)


def with_numbers(function: Function) -> Function:
    """PyTorch takes no Python numbers here."""
    return lambda x, y: function(x, tensor_beside(x, y))


def torch_where(condition: Any, x: Any, y: Any) -> Any:
    return torch.where(condition != 0, x, y)


def torch_clip(x: torch.Tensor, min: Any, max: Any) -> Any:
    low, high = (v if v is None else tensor_beside(x, v) for v in (min, max))
    return x.clone() if low is high is None else torch.clamp(x, low, high)


def torch_reshape(x: torch.Tensor, shape: Any) -> Any:
    return torch.reshape(x, shape if isinstance(shape, tuple) else (shape,))


def torch_broadcast_to(x: torch.Tensor, shape: Any) -> Any:
    return torch.broadcast_to(x, shape if isinstance(shape, tuple) else (shape,))


def torch_transpose(x: torch.Tensor, axes: Any = None) -> Any:
    return torch.permute(x, tuple(range(x.ndim))[::-1] if axes is None else axes)


def torch_expand_dims(x: torch.Tensor, axis: Any) -> Any:
    return torch.reshape(x, np.expand_dims(np.empty(x.shape), axis).shape)


def torch_squeeze(x: torch.Tensor, axis: Any = None) -> Any:
    return torch.squeeze(x) if axis is None else torch.squeeze(x, axis)


def torch_concatenate(arrays: Sequence[torch.Tensor], axis: int | None = 0) -> Any:
    if axis is None:
        return torch.cat([torch.reshape(one, (-1,)) for one in arrays])
    return torch.cat(list(arrays), dim=axis)


def torch_stack(arrays: Sequence[torch.Tensor], axis: int = 0) -> Any:
    return torch.stack(list(arrays), dim=axis)


def torch_split(x: torch.Tensor, indices_or_sections: Any, axis: int = 0) -> Any:
    return torch.tensor_split(x, indices_or_sections, dim=axis)


def torch_cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> Any:
    rows = torch.reshape(logits, (-1, logits.shape[-1]))
    losses = torch.nn.functional.cross_entropy(rows, labels.reshape(-1), reduction="none")
    return torch.reshape(losses, labels.shape)


def torch_get_item(x: torch.Tensor, key: Any) -> Any:
    """x[key] as NumPy reads it: negative steps, and numbers that count as arrays beside arrays."""
    parts = [torch_part(one) for one in (key if isinstance(key, tuple) else (key,))]
    if any(isinstance(one, torch.Tensor) for one in parts):
        parts = [torch.tensor([one]) if type(one) is int else one for one in parts]
    missing = x.ndim - sum(map(axes_taken, parts))
    axis = 0
    for i, one in enumerate(parts):
        if isinstance(one, slice) and (one.step or 1) < 0:
            x = torch.flip(x, (axis,))  # PyTorch has no negative steps
            parts[i] = slice(None, None, -one.step)
        axis += missing if one is ... else axes_taken(one)
    return torch.Tensor.__getitem__(x, tuple(parts))


def torch_part(part: Any) -> Any:
    if isinstance(part, list | np.ndarray):
        return torch.tensor(np.asarray(part, dtype=None if len(part) else np.int64))
    return part


def axes_taken(part: Any) -> int:
    """How many axes a part of a key stands for."""
    if part is None or part is ...:
        return 0
    is_mask = isinstance(part, torch.Tensor) and part.dtype == torch.bool
    return part.ndim if is_mask else 1


def torch_astype(x: torch.Tensor, dtype: Any) -> Any:
    return x.to(torch.from_numpy(np.empty(0, dtype)).dtype)


ONE_TO_ONE = [
    *(np.add, np.subtract, np.multiply, np.divide, np.negative, np.square, np.exp, np.log),
    *(np.sqrt, np.tanh, np.absolute, np.sign, np.matmul, np.greater, np.greater_equal),
    *(np.less, np.less_equal, np.not_equal, np.bitwise_and, np.bitwise_or),
]
EVERYDAY: dict[Function, Function] = {one: getattr(torch, one.__name__) for one in ONE_TO_ONE} | {
    np.power: torch.pow,
    np.equal: torch.eq,
    np.invert: torch.bitwise_not,
    np.maximum: with_numbers(torch.maximum),
    np.minimum: with_numbers(torch.minimum),
    np.where: torch_where,
    clip: torch_clip,
    sigmoid: torch.sigmoid,
    relu: torch.relu,
    astype: torch_astype,
    detach: torch.detach,
    np.sum: over_axes(torch.sum),
    np.mean: over_axes(torch.mean),
    np.max: over_axes(torch.amax),
    np.min: over_axes(torch.amin),
    np.var: spread_over_axes(torch.var),
    np.std: spread_over_axes(torch.std),
    np.all: over_axes(torch.all),
    np.any: over_axes(torch.any),
    np.argmax: lambda x, axis=None: torch.argmax(x, axis),
    np.argmin: lambda x, axis=None: torch.argmin(x, axis),
    affine: torch.nn.functional.linear,
    softmax: along_axis(torch.softmax),
    log_softmax: along_axis(torch.log_softmax),
    softmax_cross_entropy: torch_cross_entropy,
    reshape: torch_reshape,
    np.transpose: torch_transpose,
    np.broadcast_to: torch_broadcast_to,
    np.expand_dims: torch_expand_dims,
    np.squeeze: torch_squeeze,
    np.concatenate: torch_concatenate,
    np.stack: torch_stack,
    np.split: torch_split,
    get_item: torch_get_item,
}
