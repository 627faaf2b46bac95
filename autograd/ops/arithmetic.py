"""Arithmetic, entry by entry: what each operation computes, and its partial derivatives."""

from __future__ import annotations

import numpy as np

from autograd.function import MINUS, ONE, Array, Elementwise


class Add(Elementwise):
    """Sum x + y, entry by entry, broadcasting as NumPy does."""

    forward = np.add
    local_gradients = {"x": ONE, "y": ONE}


class Subtract(Elementwise):
    """Difference x − y, entry by entry, broadcasting as NumPy does."""

    forward = np.subtract
    local_gradients = {"x": ONE, "y": MINUS}


class Multiply(Elementwise):
    """Product x · y, entry by entry, broadcasting as NumPy does."""

    forward = np.multiply
    local_gradients = {"x": lambda y: y, "y": lambda x: x}


class Divide(Elementwise):
    """Quotient x / y, entry by entry, broadcasting as NumPy does."""

    forward = np.divide
    local_gradients = {"x": lambda y: 1 / y, "y": lambda y, out: -out / y}

    def backward(g: Array, y: Array, out: Array) -> dict[str, Array]:
        x_gradient = g / y  # both need this quotient
        return {"x": x_gradient, "y": -x_gradient * out}


class Power(Elementwise):
    """Power x ** y, entry by entry, broadcasting as NumPy does.

    The derivative of x⁰ is 0 everywhere, at x = 0 too; that of 0ʸ with respect to y is 0 for y > 0.
    """

    forward = np.power
    local_gradients = {
        "x": lambda x, y: y * (x + (x == 0) * (y == 0)) ** (y - 1),  # 0⁻¹ is not met at x⁰
        "y": lambda x, out: out * np.log(x + (x == 0)),
    }


class Negative(Elementwise):
    """Negation −x."""

    forward = np.negative
    local_gradients = {"x": MINUS}


class Square(Elementwise):
    """Square x²."""

    forward = np.square
    local_gradients = {"x": lambda x: 2 * x}


class Maximum(Elementwise):
    """The larger of x and y, entry by entry; where they are equal, each gets half the gradient."""

    forward = np.maximum
    local_gradients = {
        "x": lambda x, y: 0.5 * (x > y) + 0.5 * (x >= y),
        "y": lambda x, y: 0.5 * (y > x) + 0.5 * (y >= x),
    }


class Minimum(Elementwise):
    """The smaller of x and y, entry by entry; where they are equal, each gets half the gradient."""

    forward = np.minimum
    local_gradients = {
        "x": lambda x, y: 0.5 * (x < y) + 0.5 * (x <= y),
        "y": lambda x, y: 0.5 * (y < x) + 0.5 * (y <= x),
    }
