"""Made-up data for regression: one number from one number.

Each function answers x, (n, 1), uniform in −1 … 1, and y, (n, 1), both of the default dtype; y is
the curve at x plus noise. They share their arguments:

    n: how many points.
    noise: standard deviation of what is added to y.
    generator: a Generator, or a seed for one; the project's own if None.

TypeError or ValueError is raised if n is no positive whole number, or the noise is negative.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd import get_default_dtype
from autograd.random import draw
from nn.checks import whole_number
from nn.data.arguments import Array, Source, random_source

Points = tuple[Array, Array]


def sine(n: int = 200, noise: float = 0.1, generator: Source = None) -> Points:
    """Two whole waves: y = sin(2πx)."""
    return _points(lambda x, _: np.sin(2 * np.pi * x), n, noise, generator, "sine")


def step(n: int = 200, noise: float = 0.1, generator: Source = None) -> Points:
    """A step: y = 0 for x < 0, and 1 from there on."""
    return _points(lambda x, _: (x >= 0) * 1.0, n, noise, generator, "step")


def polynomial(n: int = 200, noise: float = 0.1, generator: Source = None) -> Points:
    """A cubic, Chebyshev's third polynomial: y = 4x³ − 3x, between −1 and 1."""
    return _points(lambda x, _: 4 * x**3 - 3 * x, n, noise, generator, "polynomial")


def bimodal(n: int = 200, noise: float = 0.05, generator: Source = None) -> Points:
    """Two answers, equally likely at every x: y = x + 1 or y = x − 1.

    The mean squared error is least at their average, y = x, which is never the answer; classifying
    into bins of y finds both.
    """
    return _points(lambda x, coin: x + np.where(coin < 0.5, -1, 1), n, noise, generator, "bimodal")


def _points(
    curve: Callable[[Array, Array], Array], n: int, noise: float, generator: Source, who: str
) -> Points:
    """Points of a curve, which is given x and as many numbers uniform in [0, 1)."""
    if not noise >= 0:
        raise ValueError(f"{who}: noise is a standard deviation, 0 or more, not {noise}.")
    source, shape = random_source(generator), (whole_number(n, who, "n"), 1)
    x = draw("random", shape, np.float64, source) * 2 - 1
    y = curve(x, draw("random", shape, np.float64, source))
    y = y + noise * draw("standard_normal", shape, np.float64, source)
    return x.astype(get_default_dtype()), y.astype(get_default_dtype())
