"""Rounding, and what division leaves over, entry by entry.

Rounded numbers are plain answers: they are constant between their steps, so no gradient flows
through them. They keep the dtype that NumPy gives them.
"""

from __future__ import annotations

import numpy as np

from autograd.function import ONE, Array, Elementwise, Function


class Floor(Elementwise):
    """The largest whole number ≤ x."""

    forward = np.floor


class Ceil(Elementwise):
    """The smallest whole number ≥ x."""

    forward = np.ceil


class Trunc(Elementwise):
    """The whole number next to x towards 0."""

    forward = np.trunc


class Rint(Elementwise):
    """The whole number nearest to x; halves go to the even one."""

    forward = np.rint


class Round(Elementwise):
    """x rounded to `decimals` places (negative: to tens, hundreds); halves go to even."""

    numpy = np.round
    settings = ("decimals",)

    def forward(x: Array, decimals: int = 0) -> Array:
        return np.round(x, decimals)


class FloorDivide(Elementwise):
    """The largest whole number ≤ x / y."""

    forward = np.floor_divide


class Remainder(Elementwise):
    """x − y ⌊x / y⌋, which has the sign of y, as Python's %.

    At its jumps, the multiples of y, the derivatives are those on the side of 0: 1 with respect to
    x and −⌊x / y⌋ with respect to y.
    """

    forward = np.remainder
    local_gradients = {"x": ONE, "y": lambda x, y: -np.floor_divide(x, y)}


class Fmod(Elementwise):
    """x − y trunc(x / y), which has the sign of x, as C's fmod.

    At its jumps the derivatives are those on the side of 0: 1 with respect to x and −trunc(x / y)
    with respect to y.
    """

    forward = np.fmod
    local_gradients = {"x": ONE, "y": lambda x, y, out: -np.rint((x - out) / y)}


class Modf(Function):
    """The part of x after the decimal point, and the whole number before it, a plain answer.

    Both have the sign of x. At the jumps, the whole numbers, the derivative is 1 as elsewhere.
    """

    batched = True
    inputs = ("x",)
    outputs = ("fraction", "whole")
    constant_outputs = ("whole",)
    forward = np.modf
    gradients = {("x", "fraction"): lambda g: g}
