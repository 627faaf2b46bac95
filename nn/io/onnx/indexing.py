"""Index keys, written in ONNX's Slice, Gather and Unsqueeze."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nn.io.onnx.graph import Step

FIRST, LAST = -(2**63), 2**63 - 1  # beyond any end of an axis


def get_item(s: Step) -> str:
    """x[key], for numbers, slices, None, ... and one array of whole numbers."""
    x = s["x"]
    ndim = s.call.inputs["x"].array.ndim
    mine, others = (_parts(call.settings["key"], ndim) for call in (s.call, s.other))
    _check(s, mine, others)
    axis = place = 0  # in x, and in the result
    slices: list[tuple[int, int, int, int]] = []  # start, stop, axis, step
    chosen: list[tuple[int, str]] = []
    new: list[int] = []
    for part, other in zip(mine, others, strict=True):
        if part is None:
            new.append(place)
            place += 1
            continue
        if isinstance(part, slice):
            place += 1
            if part != slice(None):
                slices.append((*_ends(part), axis, 1 if part.step is None else part.step))
        elif isinstance(part, np.ndarray):
            place += part.ndim
            chosen.append((axis, s.index(part, other)))
        else:
            chosen.append((axis, s.number(part, np.dtype(np.int64))))
        axis += 1
    if slices:
        x = s.add("Slice", x, *map(s.integers, zip(*slices, strict=True)))
    for axis, index in reversed(chosen):  # so that the axes before keep their places
        x = s.add("Gather", x, index, axis=axis)
    return s.add("Unsqueeze", x, s.integers(new)) if new else x


def _parts(key: Any, ndim: int) -> list[Any]:
    """A key's parts, with slices for the axes that ... stands for."""
    parts = list(key) if isinstance(key, tuple) else [key]
    dots = [i for i, part in enumerate(parts) if part is Ellipsis] or [len(parts)]
    hidden = ndim - sum(part is not None and part is not Ellipsis for part in parts)
    parts[dots[0] : dots[0] + 1] = [slice(None)] * hidden
    return parts


def _check(s: Step, mine: list[Any], others: list[Any]) -> None:
    arrays = [part for part in mine if isinstance(part, np.ndarray)]
    if any(isinstance(part, bool | np.bool) for part in mine) or any(
        array.dtype == bool for array in arrays
    ):
        s.refuse("how many entries a mask chooses depends on the data")
    if len(arrays) > 1 or (arrays and any(isinstance(part, int | np.integer) for part in mine)):
        s.refuse("an index key of several arrays or numbers chooses entry by entry")
    plain = [(a, b) for a, b in zip(mine, others, strict=True) if not isinstance(a, np.ndarray)]
    if any(a != b for a, b in plain):
        s.refuse("a part of the index key depends on the data, or on the size of the batch")


def _ends(part: slice) -> tuple[int, int]:
    backwards = part.step is not None and part.step < 0
    ends = (LAST, FIRST) if backwards else (0, LAST)
    return (
        ends[0] if part.start is None else part.start,
        ends[1] if part.stop is None else part.stop,
    )
