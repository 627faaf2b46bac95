"""Entries turned round, shifted, and laid in a frame; what a frame leaves is cut out again."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.broadcasting import Shape, negative_axes, negative_axis
from autograd.function import Array, Function
from autograd.ops.indexing import GetItem

Widths = tuple[tuple[int, int], ...]  # for each axis, how much is added before and after


class Flip(Function):
    """x with the order of entries reversed along `axis`: None (all), a number or a tuple."""

    batched = True
    numpy = np.flip
    settings = ("axis",)
    normalize = {"axis": lambda axis, x: negative_axes(axis, x.ndim)}

    def forward(x: Array, axis: Any = None) -> Array:
        return np.flip(x, axis)

    gradients = {"x": lambda g, axis: Flip.call(g, axis=axis)}


class Roll(Function):
    """x shifted along axes; what leaves an axis at its end comes in at its beginning.

    `axis` is a tuple, in which an axis may stand twice, and `shift` has a number for each.
    """

    batched = True
    settings = ("shift", "axis")
    normalize = {"axis": lambda axis, x: tuple(negative_axis(one, x.ndim) for one in axis)}

    def forward(x: Array, shift: Shape, axis: Shape) -> Array:
        return np.roll(x, shift, axis)

    gradients = {"x": lambda g, shift, axis: Roll.call(g, shift=opposite(shift), axis=axis)}


def opposite(shift: Shape) -> Shape:
    """The shifts that undo `shift`."""
    return tuple(-n for n in shift)


class Pad(Function):
    """x in a frame of constants.

    `pad_width` has for each axis a pair: how many entries are added before and after. The constants
    are one number, or one pair for each axis.
    """

    batched = True
    settings = ("pad_width", "constant_values")
    normalize = {"constant_values": lambda constant_values: constants(constant_values)}

    def forward(x: Array, pad_width: Widths, constant_values: Any = 0) -> Array:
        return np.pad(x, pad_width, constant_values=constant_values)

    gradients = {"x": lambda g, pad_width: GetItem.call(g, key=inside(pad_width))}


def constants(constant_values: Any) -> Any:
    """The constants of a frame as numbers; one with a gradient of its own is refused."""
    if getattr(constant_values, "_requires_grad", False):
        raise TypeError(
            "constant_values that require a gradient would get none. Join the parts instead: "
            "autograd.concatenate([before, x, after], axis)"
        )
    return getattr(constant_values, "_data", constant_values)


def inside(pad_width: Widths) -> tuple[Any, ...]:
    """The key that cuts a frame off."""
    return (..., *(slice(before, -after or None) for before, after in pad_width))
