"""Small made-up data sets in two dimensions, to see what a classifier does."""

from __future__ import annotations

import numpy as np

from autograd import get_default_dtype
from autograd.random import draw
from nn.checks import whole_number
from nn.data.arguments import Array, Source, random_source

Labelled = tuple[Array, Array]  # x, (n, 2) of the default dtype, and y, (n,) int64, shuffled


def xor(n: int = 200, noise: float = 0.0, generator: Source = None) -> Labelled:
    """Points of the square −1 … 1; class 1 where exactly one coordinate is positive.

    No straight line parts them (Minsky and Papert, "Perceptrons", 1969).

    Args:
        n: how many points.
        noise: standard deviation of what is added to each coordinate once the class is settled.
        generator: a Generator, or a seed for one; the project's own if None.

    Returns:
        x: (n, 2) of the default dtype.
        y: (n,) int64, the classes 0 and 1.

    Raises:
        TypeError, ValueError: n is no positive whole number, or the noise is negative.
    """
    source = random_source(generator)
    n = whole_number(n, "xor", "n")
    x = draw("random", (n, 2), np.float64, source) * 2 - 1
    return _noisy(x, (x[:, 0] > 0) != (x[:, 1] > 0), noise, source, "xor")


def circles(n: int = 200, noise: float = 0.05, generator: Source = None) -> Labelled:
    """A circle of radius ½ (class 1) within one of radius 1 (class 0); arguments as for `xor`."""
    source = random_source(generator)
    y = _classes(n, 2, source, "circles")
    angles = 2 * np.pi * draw("random", (n,), np.float64, source)
    x = np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.where(y == 1, 0.5, 1)[:, None]
    return _noisy(x, y, noise, source, "circles")


def moons(n: int = 200, noise: float = 0.1, generator: Source = None) -> Labelled:
    """Two half circles of radius 1 that reach into each other; arguments as for `xor`.

    Class 0 is the upper one around (0, 0), class 1 the lower one around (1, ½).
    """
    source = random_source(generator)
    y = _classes(n, 2, source, "moons")
    angles = np.pi * draw("random", (n,), np.float64, source)
    upper = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    x = np.where(y[:, None] == 0, upper, np.array([1, 0.5]) - upper)
    return _noisy(x, y, noise, source, "moons")


def spirals(
    n: int = 300, noise: float = 0.02, classes: int = 2, generator: Source = None
) -> Labelled:
    """Arms that wind once around the origin, from radius 0.1 to 1, one for each class.

    Arguments otherwise as for `xor`. At radius r, arm k of K is at the angle 2π(r + k/K).
    """
    source = random_source(generator)
    y = _classes(n, classes, source, "spirals")
    radius = 0.1 + 0.9 * draw("random", (n,), np.float64, source)
    angles = 2 * np.pi * (radius + y / classes)
    x = radius[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _noisy(x, y, noise, source, "spirals")


def blobs(
    n: int = 300, noise: float = 0.25, classes: int = 3, generator: Source = None
) -> Labelled:
    """Round clouds, one for each class, with their centres evenly on the circle of radius 1.

    Arguments otherwise as for `xor`; `noise` is the clouds' standard deviation, and class 0's
    centre is (1, 0).
    """
    source = random_source(generator)
    y = _classes(n, classes, source, "blobs")
    angles = 2 * np.pi * y / classes
    x = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _noisy(x, y, noise, source, "blobs")


def _classes(n: int, classes: int, source: np.random.Generator, who: str) -> Array:
    """Labels, (n,): equally many of each class, to within one, in random order."""
    whole_number(n, who, "n")
    return source.permutation(np.arange(n) % whole_number(classes, who, "classes"))


def _noisy(x: Array, y: Array, noise: float, source: np.random.Generator, who: str) -> Labelled:
    if not noise >= 0:
        raise ValueError(f"{who}: noise is a standard deviation, 0 or more, not {noise}.")
    x = x + noise * draw("standard_normal", x.shape, np.float64, source)
    return x.astype(get_default_dtype()), y.astype(np.int64)
