"""Logic on truth values, what is not 0 being true: plain answers, as comparisons."""

from __future__ import annotations

import numpy as np

from autograd.function import Array, Elementwise


class LogicalAnd(Elementwise):
    """Whether both x and y are true, that is not 0."""

    forward = np.logical_and


class LogicalOr(Elementwise):
    """Whether x or y or both are true, that is not 0."""

    forward = np.logical_or


class LogicalXor(Elementwise):
    """Whether one of x and y is true, that is not 0, and the other is not."""

    forward = np.logical_xor


class LogicalNot(Elementwise):
    """Whether x is 0."""

    forward = np.logical_not


class Xor(Elementwise):
    """Whether one of x and y holds and the other does not; on whole numbers, bit by bit."""

    forward = np.bitwise_xor

    def diagnose(*_: Array) -> tuple[str, str | None]:
        return (
            "^ is for truth values and whole numbers",
            "compare first, as in (x > 0) ^ (y > 0); for a power write x ** y",
        )


class Signbit(Elementwise):
    """Whether the sign of x is −, as that of −0.0 is."""

    forward = np.signbit
