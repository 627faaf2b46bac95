"""The further operations entry by entry and along axes, in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from support import vocabulary_elementwise as elementwise
from support import vocabulary_reductions as reductions

from benchmarks.pytorch_everyday import (
    EVERYDAY,
    Function,
    dims,
    over_axes,
    torch_astype,
    torch_expand_dims,
)

# Entry by entry


def promoted(function: Function) -> Function:
    """PyTorch lets float32 meet int64 in float32, NumPy in float64."""

    def call(*inputs: torch.Tensor) -> Any:
        dtype = np.result_type(*(one.numpy(force=True) for one in inputs))
        return function(*(torch_astype(one, dtype) for one in inputs))

    return call


def torch_round(x: torch.Tensor, decimals: int = 0) -> Any:
    return torch.round(x, decimals=decimals)


ONE_TO_ONE = [
    *(np.exp2, np.expm1, np.log2, np.log10, np.log1p, np.reciprocal, np.float_power),
    *(np.logaddexp, np.logaddexp2, np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan),
    *(np.sinh, np.cosh, np.arcsinh, np.arccosh, np.arctanh, np.hypot, np.arctan2, np.sinc),
    *(np.deg2rad, np.rad2deg, np.positive, np.fmax, np.fmin, np.nan_to_num),
    *(np.frexp, np.remainder, np.fmod, np.floor, np.ceil, np.trunc, np.fix),
    *(np.floor_divide, np.logical_and, np.logical_or, np.logical_xor, np.logical_not),
    *(np.bitwise_xor, np.signbit),
]
ELEMENTWISE: dict[Function, Function] = {
    one: getattr(torch, one.__name__) for one in ONE_TO_ONE
} | {
    np.copysign: promoted(torch.copysign),
    np.ldexp: lambda x, n: torch.ldexp(x, n.to(x.dtype)),
    np.radians: torch.deg2rad,
    np.degrees: torch.rad2deg,
    np.fabs: torch.abs,
    np.rint: torch.round,
    np.round: torch_round,
    np.around: torch_round,
    np.modf: lambda x: (torch.frac(x), torch.trunc(x)),
    elementwise.round_: torch_round,
    elementwise.erf: torch.erf,
    elementwise.erfc: torch.erfc,
    elementwise.nan_to_num: torch.nan_to_num,
}

# Along axes


def in_a_row(x: torch.Tensor, axis: int | None) -> tuple[torch.Tensor, int]:
    """NumPy's None for an axis: all entries in one row."""
    return (torch.reshape(x, (-1,)), 0) if axis is None else (x, axis)


def axis_by_axis(function: Function) -> Function:
    """PyTorch takes one axis at a time here."""

    def reduce(x: torch.Tensor, axis: Any = None, keepdims: bool = False) -> Any:
        over = sorted((d % x.ndim for d in dims(x, axis)), reverse=True)
        for one in over:
            x = function(x, dim=one, keepdim=keepdims)
        return x.clone()

    return reduce


def running(function: Function) -> Function:
    def run(x: torch.Tensor, axis: int | None = None) -> Any:
        return function(x.reshape(-1), 0) if axis is None else function(x, axis)

    return run


def running_from(function: Function, start: int) -> Function:
    """The same along the first axis unless told otherwise, with `start` before it on request."""

    def run(x: torch.Tensor, axis: int = 0, include_initial: bool = False) -> Any:
        found = function(x, axis)
        if not include_initial:
            return found
        first = torch.full([1 if i == axis else n for i, n in enumerate(x.shape)], start)
        return torch.cat([first.to(x.dtype), found], axis)

    return run


def torch_median(x: torch.Tensor, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean of the middle two; torch.median is the lower of them."""
    over = dims(x, axis)
    rows = torch.movedim(x, over, tuple(range(-len(over), 0)))
    ordered = torch.sort(torch.flatten(rows[..., None], x.ndim - len(over))).values
    n = ordered.shape[-1]
    middle = (ordered[..., (n - 1) // 2] + ordered[..., n // 2]) / 2
    return torch_expand_dims(middle, over) if keepdims else middle


def torch_ptp(x: torch.Tensor, **over: Any) -> Any:
    return EVERYDAY[np.max](x, **over) - EVERYDAY[np.min](x, **over)


def torch_smallest(x: torch.Tensor, k: int, axis: Any = None, keepdims: bool = False) -> Any:
    row, dim = in_a_row(x, axis)
    return torch.kthvalue(row, k + 1, dim, keepdims).values


ALONG_AXES: dict[Function, Function] = {
    np.prod: axis_by_axis(torch.prod),
    np.cumsum: running(torch.cumsum),
    np.cumprod: running(torch.cumprod),
    np.cumulative_sum: running_from(torch.cumsum, 0),
    np.cumulative_prod: running_from(torch.cumprod, 1),
    np.median: torch_median,
    np.ptp: torch_ptp,
    np.nansum: over_axes(torch.nansum),
    np.nanmean: over_axes(torch.nanmean),
    reductions.logsumexp: over_axes(torch.logsumexp),
    reductions.smallest: torch_smallest,
}
