"""Signs, the choice of one value or another, and powers of two as factors, entry by entry."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.function import ONE, Array, Elementwise, Function


class Positive(Elementwise):
    """x itself, in memory of its own."""

    forward = np.positive
    local_gradients = {"x": ONE}


class Fabs(Elementwise):
    """Absolute value |x| as a floating number; its derivative at 0 is taken as 0."""

    forward = np.fabs
    local_gradients = {"x": lambda x: np.sign(x)}


class Copysign(Elementwise):
    """|x| with the sign of y; the derivative at x = 0 is taken as 0. No gradient reaches y."""

    inputs = ("x", "y")
    forward = np.copysign
    local_gradients = {"x": lambda x, y: np.sign(x) * np.copysign(1, y)}


class Heaviside(Elementwise):
    """0 where x < 0, 1 where x > 0, and y where x = 0. No gradient reaches x."""

    inputs = ("x", "y")
    forward = np.heaviside
    local_gradients = {"y": lambda x: x == 0}


class Fmax(Elementwise):
    """The larger of x and y, or the one that is a number; equals get half the gradient each."""

    forward = np.fmax
    local_gradients = {
        "x": lambda x, y: share((x > y) | alone(x, y), (y > x) | alone(y, x)),
        "y": lambda x, y: share((y > x) | alone(y, x), (x > y) | alone(x, y)),
    }


class Fmin(Elementwise):
    """The smaller of x and y, or the one that is a number; equals get half the gradient each."""

    forward = np.fmin
    local_gradients = {
        "x": lambda x, y: share((x < y) | alone(x, y), (y < x) | alone(y, x)),
        "y": lambda x, y: share((y < x) | alone(y, x), (x < y) | alone(x, y)),
    }


def alone(x: Array, y: Array) -> Array:
    """Whether x is a number and y is not: NaN alone differs from itself."""
    return (x == x) & (y != y)


def share(wins: Array, loses: Array) -> Array:
    """1 where the first is chosen, 0 where the second is, half where neither."""
    return 0.5 + 0.5 * wins - 0.5 * loses


class NanToNum(Elementwise):
    """x with numbers in place of NaN and ±∞, where the derivative is 0."""

    settings = ("nan", "posinf", "neginf")

    def forward(x: Array, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Array:
        return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)

    local_gradients = {"x": lambda x: np.isfinite(x)}


class Ldexp(Elementwise):
    """x · 2ⁿ for whole numbers n."""

    inputs = ("x", "n")
    forward = np.ldexp
    local_gradients = {"x": lambda n: np.exp2(n)}


class Frexp(Function):
    """m and n such that x = m · 2ⁿ, with ½ ≤ |m| < 1 (0 and 0 for x = 0).

    n is a plain answer; at the jumps of m, the powers of two, the derivative is that beyond them.
    """

    batched = True
    inputs = ("x",)
    outputs = ("mantissa", "exponent")
    constant_outputs = ("exponent",)
    forward = np.frexp
    gradients = {("x", "mantissa"): lambda g, exponent: np.ldexp(g, -exponent)}
