"""What arranges entries, chooses and orders them, or takes them as samples, in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from support import vocabulary_arranging as arranging

from benchmarks.pytorch_everyday import (
    Function,
    dims,
    torch_concatenate,
    torch_split,
    torch_transpose,
)
from benchmarks.pytorch_vocabulary import in_a_row


def torch_take(x: torch.Tensor, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    x, axis = in_a_row(x, axis)
    if mode != "raise":
        last = x.shape[axis] - 1
        indices = indices % (last + 1) if mode == "wrap" else torch.clamp(indices, 0, last)
    axis %= x.ndim
    shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
    return torch.reshape(torch.index_select(x, axis, torch.reshape(indices, (-1,))), shape)


def torch_take_along_axis(x: torch.Tensor, indices: Any, axis: int | None) -> Any:
    row, dim = in_a_row(x, axis)
    return torch.take_along_dim(row, indices, dim)


def torch_restore(x: torch.Tensor, order: Any, axis: int) -> Any:
    return torch.take_along_dim(x, torch.argsort(order, dim=axis), axis)


def torch_sort(x: torch.Tensor, axis: int | None = -1) -> Any:
    row, dim = in_a_row(x, axis)
    return torch.sort(row, dim).values


def torch_argsort(x: torch.Tensor, axis: int | None = -1, kind: str | None = None) -> Any:
    row, dim = in_a_row(x, axis)
    return torch.argsort(row, dim=dim, stable=kind == "stable")


def torch_roll(x: torch.Tensor, shift: Any, axis: Any = None) -> Any:
    if axis is None:
        return torch.roll(x, shift)
    shifts, axes = np.broadcast_arrays(shift, axis)
    return torch.roll(x, tuple(shifts.reshape(-1).tolist()), tuple(axes.reshape(-1).tolist()))


def torch_ravel(x: torch.Tensor, order: str = "C") -> Any:
    return torch.ravel(torch_transpose(x) if order == "F" else x)


def torch_append(x: torch.Tensor, values: Any, axis: int | None = None) -> Any:
    return torch_concatenate([x, values], axis)


def torch_repeat(x: torch.Tensor, repeats: Any, axis: int | None = None) -> Any:
    row, dim = in_a_row(x, axis)
    return torch.repeat_interleave(row, torch.tensor(repeats), dim)


def torch_tile(x: torch.Tensor, reps: Any) -> Any:
    return torch.tile(x, reps if isinstance(reps, tuple) else (reps,))


def torch_pad(x: torch.Tensor, pad_width: Any, mode: str = "constant", **constant: Any) -> Any:
    """With one constant for all sides, or two axes and no entry met twice on a side."""
    widths = np.broadcast_to(pad_width, (x.ndim, 2))[::-1].reshape(-1).tolist()
    modes = {"constant": "constant", "edge": "replicate", "reflect": "reflect", "wrap": "circular"}
    return torch.nn.functional.pad(x[None], widths, modes[mode], *constant.values())[0]


def torch_diff(x: torch.Tensor, start: Any, end: Any) -> Any:
    """For an end that is one number."""
    return torch.diff(x, prepend=start, append=end.expand(*x.shape[:-1], 1))


def torch_meshgrid(*xi: torch.Tensor, indexing: str = "xy", **_: Any) -> Any:
    return arranging.together(torch.meshgrid(*xi, indexing=indexing))


def torch_gradient(x: torch.Tensor, *spacing: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Of spacings, PyTorch takes coordinates, but not a distance that has a gradient."""
    over = dims(x, axis)
    coordinates = {"spacing": spacing} if spacing and spacing[0].ndim else {}
    found = torch.gradient(x, dim=over, edge_order=edge_order, **coordinates)
    if spacing and not coordinates:
        found = tuple(one / spacing[0] for one in found)
    return found[0] if len(over) == 1 else found


def torch_trapezoid(y: torch.Tensor, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    return torch.trapezoid(y, dx=dx, dim=axis) if x is None else torch.trapezoid(y, x, dim=axis)


def torch_windows(x: torch.Tensor, window_shape: Any, axis: Any = None) -> Any:
    sizes = window_shape if isinstance(window_shape, tuple) else (window_shape,)
    over = [d % x.ndim for d in dims(x, axis)]
    for size, dim in zip(sizes, over, strict=True):
        x = x.unfold(dim, size, 1)
    return x


def torch_correlate(a: torch.Tensor, v: torch.Tensor, mode: str = "valid") -> Any:
    n = len(v)
    before, after = {"valid": (0, 0), "same": (n // 2, n - n // 2 - 1), "full": (n - 1, n - 1)}[
        mode
    ]
    padded = torch.nn.functional.pad(a, (before, after))
    return torch.nn.functional.conv1d(padded[None, None], v[None, None])[0, 0]


def torch_convolve(a: torch.Tensor, v: torch.Tensor, mode: str = "full") -> Any:
    a, v = (a, v) if len(a) >= len(v) else (v, a)
    return torch_correlate(a, torch.flip(v, (0,)), mode)


ARRANGING: dict[Function, Function] = {
    **{
        one: getattr(torch, one.__name__)
        for one in [
            *(np.moveaxis, np.atleast_1d, np.atleast_2d, np.atleast_3d),
            *(np.fliplr, np.flipud, np.hstack, np.vstack, np.dstack, np.column_stack),
        ]
    },
    np.swapaxes: lambda x, axis1, axis2: torch.swapaxes(x, axis1, axis2),
    np.matrix_transpose: lambda x: x.mT,
    np.ravel: torch_ravel,
    np.copy: torch.clone,
    np.flip: lambda x, axis=None: torch.flip(x, dims(x, axis)),
    np.rot90: lambda x, k=1, axes=(0, 1): torch.rot90(x, k, axes),
    np.roll: torch_roll,
    arranging.roll: torch_roll,
    np.append: torch_append,
    np.array_split: torch_split,
    np.hsplit: lambda x, indices_or_sections: torch.hsplit(x, indices_or_sections),
    np.vsplit: lambda x, indices_or_sections: torch.vsplit(x, indices_or_sections),
    np.dsplit: lambda x, indices_or_sections: torch.dsplit(x, indices_or_sections),
    np.tile: torch_tile,
    np.repeat: torch_repeat,
    np.pad: torch_pad,
    arranging.pad: torch_pad,
    arranging.BROADCAST[1]: lambda *args: arranging.together(torch.broadcast_tensors(*args)),
    arranging.MESHGRID[1]: torch_meshgrid,
    np.take: torch_take,
    np.take_along_axis: torch_take_along_axis,
    arranging.EXTRACT[1]: lambda x, where: torch.masked_select(x, torch.tensor(where)),
    arranging.rearrange: torch_take_along_axis,
    arranging.restore: torch_restore,
    np.sort: torch_sort,
    np.argsort: torch_argsort,
    np.searchsorted: lambda a, v, side="left": torch.searchsorted(a, v, side=side),
    np.diff: lambda x, n=1, axis=-1: torch.diff(x, n, axis),
    arranging.DIFF[1]: torch_diff,
    np.gradient: torch_gradient,
    arranging.GRADIENT[1]: lambda *args, **how: arranging.together(torch_gradient(*args, **how)),
    np.trapezoid: torch_trapezoid,
    np.lib.stride_tricks.sliding_window_view: torch_windows,
    arranging.windows: torch_windows,
    np.convolve: torch_convolve,
    np.correlate: torch_correlate,
    arranging.correlate: torch_correlate,
}
if hasattr(np, "unstack"):  # since NumPy 2.1
    ARRANGING[np.unstack] = lambda x, axis: torch.unbind(x, axis)
