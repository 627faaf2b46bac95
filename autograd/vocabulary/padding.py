"""Arrays in a frame: of constants, or of entries of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.ops.arranging import Pad, Widths
from autograd.ops.indexing import GetItem
from autograd.protocols import implements
from autograd.vocabulary.arguments import as_tensor, at_axis, axis_of, shape_of, values_of
from autograd.vocabulary.axes import copy

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["pad"]

MODES = {  # the settings that each mode takes
    "constant": ("constant_values",),
    "edge": (),
    "reflect": ("reflect_type",),
    "symmetric": ("reflect_type",),
    "wrap": (),
}


@implements(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", **settings: Any) -> Tensor:
    """The array in a frame.

    Args:
        array: what is framed.
        pad_width: how many entries are added: a number, a pair (before, after), a list with a pair
            for each axis, or a dict of numbers or pairs by axis.
        mode: what the frame holds: "constant" (`constant_values`, 0 if not given), "edge" (the
            outermost entry), "reflect" (mirrored at the outermost entry), "symmetric" (mirrored
            beyond it) or "wrap" (from the other end). Entries that are repeated get the sum of
            their gradients.

    Raises:
        ValueError: for another mode, and where there are no entries to fill a frame with.
        TypeError: for settings that the mode does not have.
    """
    _check(mode, settings)
    widths = _widths(array, pad_width)
    if not any(map(any, widths)):
        return copy(array)
    if mode == "constant":
        return Pad.apply(array, widths, **settings)
    result = as_tensor(array)
    for axis, width in enumerate(widths, -len(widths)):
        if width != (0, 0):
            length = result.shape[axis]
            if length == 0:
                raise ValueError(f'pad: axis {axis} has no entries to fill "{mode}" with.')
            source = np.pad(np.arange(length), width, mode)  # type: ignore[call-overload]
            result = GetItem.apply(result, at_axis(source, axis))
    return result


def _check(mode: Any, settings: Mapping[str, Any]) -> None:
    if mode not in MODES:
        raise ValueError(f"pad: mode is one of {', '.join(MODES)}, not {mode!r}.")
    unknown = [name for name in settings if name not in MODES[mode]]
    if unknown:
        raise TypeError(f'pad: mode "{mode}" has no setting {", ".join(unknown)}.')
    if settings.get("reflect_type", "even") != "even":
        raise TypeError('pad: reflect_type is "even"; write 2 * edge - reflected for "odd".')


def _widths(array: Any, pad_width: Any) -> Widths:
    """A pair for each axis. Raises ValueError or TypeError for what is none."""
    shape, given = shape_of(array), values_of(pad_width)
    if isinstance(given, Mapping):
        table = np.zeros((len(shape), 2), int)
        for axis, width in given.items():
            table[axis_of(array, axis, "pad")] = width
        given = table
    table = np.asarray(given)
    if table.dtype.kind not in "iu":
        raise TypeError(f"pad: pad_width counts entries in whole numbers, not {pad_width!r}.")
    try:
        pairs = np.broadcast_to(table, (len(shape), 2)).tolist()
    except ValueError:
        raise ValueError(
            f"pad: pad_width is a number, a pair, or a pair for each of {len(shape)} axes; "
            f"it has shape {table.shape}."
        ) from None
    if table.size and table.min() < 0:
        raise ValueError(f"pad: a width is not negative, and pad_width={pad_width!r}.")
    return tuple((before, after) for before, after in pairs)
