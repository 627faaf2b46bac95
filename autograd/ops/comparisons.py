"""Comparisons and logic, entry by entry: plain answers, through which no gradient flows."""

from __future__ import annotations

import numpy as np

from autograd.function import Elementwise


class Greater(Elementwise):
    """Whether x > y, entry by entry."""

    forward = np.greater


class GreaterEqual(Elementwise):
    """Whether x ≥ y, entry by entry."""

    forward = np.greater_equal


class Less(Elementwise):
    """Whether x < y, entry by entry."""

    forward = np.less


class LessEqual(Elementwise):
    """Whether x ≤ y, entry by entry."""

    forward = np.less_equal


class Equal(Elementwise):
    """Whether x = y, entry by entry."""

    forward = np.equal


class NotEqual(Elementwise):
    """Whether x ≠ y, entry by entry."""

    forward = np.not_equal


class And(Elementwise):
    """Whether both x and y hold, entry by entry; on whole numbers, bit by bit."""

    forward = np.bitwise_and


class Or(Elementwise):
    """Whether x or y or both hold, entry by entry; on whole numbers, bit by bit."""

    forward = np.bitwise_or


class Not(Elementwise):
    """Whether x does not hold, entry by entry; on whole numbers, bit by bit."""

    forward = np.invert
