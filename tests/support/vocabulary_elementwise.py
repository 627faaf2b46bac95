"""The rows of the functions entry by entry, beyond the everyday ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from support.cases import (
    Array,
    Case,
    Shape,
    anywhere,
    below_three,
    domain,
    halves,
    meet,
    nonzero,
    off_halves,
    positive,
    truths,
)

from autograd import vocabulary
from autograd.ops import choices, error_function, exponentials, logic, rounding, trigonometry

# Domains of their own


@domain
def inside(rng: np.random.Generator, shape: Shape) -> Array:
    """Within −1 … 1, off the ends."""
    return rng.uniform(-0.9, 0.9, shape)


@domain
def above_one(rng: np.random.Generator, shape: Shape) -> Array:
    return rng.uniform(1.2, 3, shape)


@domain
def signs(rng: np.random.Generator, shape: Shape) -> Array:
    """Whole numbers −1, 0, 1: through these no gradient flows."""
    return rng.integers(-1, 2, shape)


@domain
def periods(rng: np.random.Generator, shape: Shape) -> Array:
    """Divisors of both signs. No quotient of a number `off_halves` is near a whole one."""
    return rng.choice([-0.5, 0.5], shape)


@domain
def with_holes(rng: np.random.Generator, shape: Shape) -> Array:
    """Numbers among which some are not: NaN and ±∞."""
    drawn = rng.standard_normal(shape)
    return np.where(rng.random(shape) < 0.5, rng.choice([np.nan, np.inf, -np.inf], shape), drawn)


# Rows of other kinds


class FromZero(Case):
    """A row for a function that is infinite at 1: whole numbers, which come as ones, are 0."""

    def call(self, function: Callable[..., Any], *inputs: Any) -> tuple[Any, ...]:
        return super().call(function, *map(self.moved, inputs))

    def apply(self, *inputs: Any) -> tuple[Any, ...]:
        return super().apply(*map(self.moved, inputs))

    def moved(self, x: Any) -> Any:
        return x - 1 if x.dtype.kind == "i" else x


class First(Case):
    """A row for a function with several results, of which only the first has a gradient."""

    def call(self, function: Callable[..., Any], *inputs: Any) -> tuple[Any, ...]:
        return super().call(function, *inputs)[:1]

    def apply(self, *inputs: Any) -> tuple[Any, ...]:
        return super().apply(*inputs)[:1]


# References


def as_numpy(x: Array, values: Array) -> Array:
    """Values in the dtype that NumPy's functions give for x."""
    return np.asarray(values).astype(np.exp(x).dtype)


def erf(x: Array) -> Array:
    return as_numpy(x, np.vectorize(math.erf, [float])(x))


def erfc(x: Array) -> Array:
    return as_numpy(x, np.vectorize(math.erfc, [float])(x))


def sinc_derivative(x: Array, order: int) -> Array:
    """πⁿ ∫₀¹ tⁿ cos(πxt + nπ/2) dt, by Gauss and Legendre."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    t = (nodes + 1) / 2
    angles = np.pi * np.multiply.outer(np.asarray(x, float), t) + order * np.pi / 2
    return as_numpy(x, np.pi**order * ((t**order * np.cos(angles)) @ weights) / 2)


def nan_to_num(x: Array, **settings: Any) -> Array:
    return np.nan_to_num(x, **settings)


def round_(x: Array, decimals: int) -> Array:
    return np.round(x, decimals)


CASES: list[Case] = [
    # Exponentials, logarithms, roots, powers
    *meet(exponentials.Exp2, np.exp2, anywhere),
    *meet(exponentials.Expm1, np.expm1, anywhere),
    *meet(exponentials.Log2, np.log2, positive),
    *meet(exponentials.Log10, np.log10, positive),
    *meet(exponentials.Log1p, np.log1p, positive),
    *meet(exponentials.Cbrt, np.cbrt, nonzero),
    *meet(exponentials.Reciprocal, np.reciprocal, nonzero),
    *meet(exponentials.FloatPower, np.float_power, positive, anywhere),
    *meet(exponentials.LogAddExp, np.logaddexp, anywhere, anywhere),
    *meet(exponentials.LogAddExp2, np.logaddexp2, anywhere, anywhere),
    # Trigonometry
    *meet(trigonometry.Sin, np.sin, anywhere),
    *meet(trigonometry.Cos, np.cos, anywhere),
    *meet(trigonometry.Tan, np.tan, inside),
    *meet(trigonometry.Arcsin, np.arcsin, inside),
    *meet(trigonometry.Arccos, np.arccos, inside),
    *meet(trigonometry.Arctan, np.arctan, anywhere),
    *meet(trigonometry.Sinh, np.sinh, anywhere),
    *meet(trigonometry.Cosh, np.cosh, anywhere),
    *meet(trigonometry.Arcsinh, np.arcsinh, anywhere),
    *meet(trigonometry.Arccosh, np.arccosh, above_one),
    FromZero(trigonometry.Arctanh, np.arctanh, inside(2, 3)),
    FromZero(trigonometry.Arctanh, np.arctanh, inside()),
    *meet(trigonometry.Hypot, np.hypot, nonzero, anywhere),
    *meet(trigonometry.Arctan2, np.arctan2, anywhere, nonzero),
    *meet(trigonometry.DegToRad, np.deg2rad, anywhere),
    *meet(trigonometry.RadToDeg, np.rad2deg, anywhere),
    *meet(trigonometry.DegToRad, np.radians, anywhere),
    *meet(trigonometry.RadToDeg, np.degrees, anywhere),
    *meet(trigonometry.Sinc, np.sinc, inside),
    *meet(trigonometry.SincDerivative, sinc_derivative, inside, order=1),
    # The error function
    *meet(error_function.Erf, erf, anywhere),
    *meet(error_function.Erfc, erfc, anywhere),
    # Signs and choices
    *meet(choices.Positive, np.positive, anywhere),
    *meet(choices.Fabs, np.fabs, nonzero),
    *meet(choices.Copysign, np.copysign, nonzero, signs),
    *meet(choices.Heaviside, np.heaviside, signs, anywhere),
    *meet(choices.Fmax, np.fmax, halves, off_halves),
    *meet(choices.Fmin, np.fmin, halves, off_halves),
    *meet(choices.NanToNum, nan_to_num, anywhere, nan=0.0, posinf=None, neginf=None),
    *meet(vocabulary.nan_to_num, np.nan_to_num, anywhere),
    *meet(choices.Ldexp, np.ldexp, anywhere, signs),
    First(choices.Frexp, np.frexp, above_one(2, 3)),
    First(choices.Frexp, np.frexp, above_one(0)),
    # Rounding and remainders
    *meet(rounding.Remainder, np.remainder, off_halves, periods),
    *meet(rounding.Fmod, np.fmod, off_halves, periods),
    First(rounding.Modf, np.modf, off_halves(2, 3)),
    First(rounding.Modf, np.modf, off_halves()),
]

PLAIN: list[Case] = [
    *meet(rounding.Floor, np.floor, halves),
    *meet(rounding.Ceil, np.ceil, halves),
    *meet(rounding.Trunc, np.trunc, halves),
    *meet(rounding.Trunc, np.fix, halves),
    *meet(rounding.Rint, np.rint, halves),
    *meet(rounding.Round, round_, anywhere, decimals=1),
    *meet(rounding.Round, np.round, halves),
    *meet(rounding.Round, np.around, halves, decimals=-1),
    *meet(rounding.FloorDivide, np.floor_divide, off_halves, periods),
    *meet(logic.LogicalAnd, np.logical_and, halves, truths),
    *meet(logic.LogicalOr, np.logical_or, halves, truths),
    *meet(logic.LogicalXor, np.logical_xor, halves, truths),
    *meet(logic.LogicalNot, np.logical_not, halves),
    *meet(logic.Xor, np.bitwise_xor, truths, truths),
    *meet(logic.Xor, np.bitwise_xor, below_three, below_three),
    *meet(logic.Signbit, np.signbit, halves),
]
