"""Trigonometric and hyperbolic functions and their inverses, angles and sinc, entry by entry."""

from __future__ import annotations

import math

import numpy as np

from autograd.function import Array, Elementwise
from autograd.ops.error_function import in_double, rounded_as

# Circular functions


class Sin(Elementwise):
    """Sine of an angle in radians."""

    forward = np.sin
    local_gradients = {"x": lambda x: np.cos(x)}


class Cos(Elementwise):
    """Cosine of an angle in radians."""

    forward = np.cos
    local_gradients = {"x": lambda x: -np.sin(x)}


class Tan(Elementwise):
    """Tangent of an angle in radians."""

    forward = np.tan
    local_gradients = {"x": lambda out: 1 + out * out}


class Arcsin(Elementwise):
    """The angle in [−π/2, π/2] whose sine is x; the derivative at −1 and 1 is infinite."""

    forward = np.arcsin
    local_gradients = {"x": lambda x: 1 / np.sqrt((1 - x) * (1 + x))}


class Arccos(Elementwise):
    """The angle in [0, π] whose cosine is x; the derivative at −1 and 1 is infinite."""

    forward = np.arccos
    local_gradients = {"x": lambda x: -1 / np.sqrt((1 - x) * (1 + x))}


class Arctan(Elementwise):
    """The angle in [−π/2, π/2] whose tangent is x."""

    forward = np.arctan
    local_gradients = {"x": lambda x: 1 / (1 + x * x)}


# Hyperbolic functions


class Sinh(Elementwise):
    """Hyperbolic sine."""

    forward = np.sinh
    local_gradients = {"x": lambda x: np.cosh(x)}


class Cosh(Elementwise):
    """Hyperbolic cosine."""

    forward = np.cosh
    local_gradients = {"x": lambda x: np.sinh(x)}


class Arcsinh(Elementwise):
    """Inverse of the hyperbolic sine."""

    forward = np.arcsinh
    local_gradients = {"x": lambda x: 1 / np.hypot(x, 1)}


class Arccosh(Elementwise):
    """The number ≥ 0 whose hyperbolic cosine is x ≥ 1; the derivative at 1 is infinite."""

    forward = np.arccosh
    local_gradients = {"x": lambda x: 1 / np.sqrt((x - 1) * (x + 1))}


class Arctanh(Elementwise):
    """Inverse of the hyperbolic tangent, for −1 ≤ x ≤ 1."""

    forward = np.arctanh
    local_gradients = {"x": lambda x: 1 / ((1 - x) * (1 + x))}


# Points of the plane


class Hypot(Elementwise):
    """√(x² + y²), which never overflows; its derivatives at the origin are taken as 0."""

    forward = np.hypot
    local_gradients = {"x": lambda x, out: ratio(x, out), "y": lambda y, out: ratio(y, out)}


class Arctan2(Elementwise):
    """The angle of the point (x, y), in [−π, π]; its derivatives at the origin are taken as 0."""

    forward = np.arctan2
    local_gradients = {
        "y": lambda y, x: ratio(ratio(x, np.hypot(x, y)), np.hypot(x, y)),
        "x": lambda y, x: -ratio(ratio(y, np.hypot(x, y)), np.hypot(x, y)),
    }


def ratio(x: Array, r: Array) -> Array:
    """x / r, and 0 where r is 0."""
    return (r != 0) * x / (r + (r == 0))


# Angles


class DegToRad(Elementwise):
    """An angle in degrees, as radians."""

    forward = np.deg2rad
    local_gradients = {"x": lambda: math.pi / 180}


class RadToDeg(Elementwise):
    """An angle in radians, as degrees."""

    forward = np.rad2deg
    local_gradients = {"x": lambda: 180 / math.pi}


# sin(πx) / (πx)


class Sinc(Elementwise):
    """sin(πx) / (πx), and 1 at x = 0, where all its derivatives are right too."""

    numpy = np.sinc

    def forward(x: Array) -> Array:
        return np.sinc(x)

    local_gradients = {"x": lambda x: SincDerivative.call(x, order=1)}


class SincDerivative(Elementwise):
    """A derivative of sinc, of any order: πⁿ S⁽ⁿ⁾(πx), where S(z) = sin(z) / z.

    Near 0 by S's series, elsewhere by z S⁽ⁿ⁾ = sin⁽ⁿ⁾(z) − n S⁽ⁿ⁻¹⁾, Leibniz' rule for z S = sin.
    """

    settings = ("order",)

    def forward(x: Array, order: int) -> Array:
        z = in_double(x) * math.pi
        small = np.absolute(z) < 1 + order / 2  # beyond it errors shrink from step to step
        far = np.where(small, math.pi, z)  # off the singularity, whose entries the series gives
        found = np.sin(far) / far
        for n in range(1, order + 1):
            found = (np.sin(far + n * math.pi / 2) - n * found) / far
        series = sinc_series(np.where(small, z, 0), order)
        return rounded_as(x, np.where(small, series, found) * math.pi**order)

    local_gradients = {"x": lambda x, order: SincDerivative.call(x, order=order + 1)}


def sinc_series(z: Array, order: int) -> Array:
    """S⁽ⁿ⁾(z) = Σ (−1)ᵏ z²ᵏ⁻ⁿ / ((2k+1) (2k−n)!) over 2k ≥ n, for |z| < 1 + n/2."""
    first, odd = (order + 1) // 2, order % 2
    square = z * z
    total = 0 * z
    for k in reversed(range(first, first + 12 + order)):
        total = total * square + (-1) ** k / ((2 * k + 1) * math.factorial(2 * k - order))
    return total * z if odd else total
