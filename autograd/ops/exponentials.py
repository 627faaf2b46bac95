"""Exponentials, logarithms and roots beyond the everyday ones, entry by entry."""

from __future__ import annotations

import math

import numpy as np

from autograd.function import Array, Elementwise
from autograd.ops.arithmetic import Power
from autograd.ops.elementwise import Sigmoid

LN2, LN10 = math.log(2), math.log(10)


class Exp2(Elementwise):
    """Power of two, 2ˣ."""

    forward = np.exp2
    local_gradients = {"x": lambda out: out * LN2}


class Expm1(Elementwise):
    """eˣ − 1, exact near x = 0."""

    forward = np.expm1
    local_gradients = {"x": lambda x: np.exp(x)}  # out + 1 would be wrong to rounding for x < −1


class Log2(Elementwise):
    """Logarithm to base 2."""

    forward = np.log2
    local_gradients = {"x": lambda x: 1 / (x * LN2)}


class Log10(Elementwise):
    """Logarithm to base 10."""

    forward = np.log10
    local_gradients = {"x": lambda x: 1 / (x * LN10)}


class Log1p(Elementwise):
    """ln(1 + x), exact near x = 0."""

    forward = np.log1p
    local_gradients = {"x": lambda x: 1 / (1 + x)}


class Cbrt(Elementwise):
    """Cube root, of negative numbers too; its derivative at 0 is infinite."""

    forward = np.cbrt
    local_gradients = {"x": lambda out: 1 / (3 * out * out)}


class Reciprocal(Elementwise):
    """1 / x."""

    forward = np.reciprocal
    local_gradients = {"x": lambda out: -out * out}


class FloatPower(Elementwise):
    """Power x ** y computed in float64, whatever the dtypes; its conventions are those of Power."""

    forward = np.float_power
    local_gradients = Power.local_gradients


class LogAddExp(Elementwise):
    """ln(eˣ + eʸ), which never overflows. Where both are −∞, both derivatives are taken as 0."""

    forward = np.logaddexp
    local_gradients = {
        "x": lambda x, y: Sigmoid.call(lead(x, y)),
        "y": lambda x, y: Sigmoid.call(lead(y, x)),
    }


class LogAddExp2(Elementwise):
    """log₂(2ˣ + 2ʸ), which never overflows. Where both are −∞, both derivatives are taken as 0."""

    forward = np.logaddexp2
    local_gradients = {
        "x": lambda x, y: Sigmoid.call(lead(x, y) * LN2),
        "y": lambda x, y: Sigmoid.call(lead(y, x) * LN2),
    }


def lead(x: Array, y: Array) -> Array:
    """x − y; −∞ where x is −∞, whatever y is."""
    return x - np.where(x == -np.inf, 0, y)
