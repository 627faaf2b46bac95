"""Cost landscapes over two weights, on which to watch optimisers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import Tensor

Point = tuple[float, float]
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Landscape:
    """A function of two numbers, with what is known about it.

    Call it with a Tensor of shape (2,), or (2, …) for many points at once; the result has the shape
    of one coordinate.

    Attributes:
        name: what it is called.
        formula: how it is computed, for people.
        function: of x and y, Tensors or arrays.
        minima: the points at which it is lowest; none if it falls without bound.
        start: where a race begins if nothing else is said.
        window: the part of the plane to draw: lowest and highest x, lowest and highest y.
    """

    name: str
    formula: str
    function: Callable[[Any, Any], Any]
    minima: tuple[Point, ...]
    start: Point
    window: tuple[Point, Point]

    def __call__(self, point: Tensor) -> Tensor:
        if not isinstance(point, Tensor) or point.shape[:1] != (2,):
            given = f"shape {point.shape}" if hasattr(point, "shape") else f"{point!r}"
            raise ValueError(
                f"The landscape {self.name} is a function of a Tensor of two numbers, shape (2,) "
                f"or (2, …), such as Tensor([1.0, 2.0]); it was given {given}."
            )
        height: Tensor = self.function(point[0], point[1])
        return height

    def grid(self, points: int = 200) -> tuple[Array, Array, Array]:
        """Coordinates along x and y, each of shape (points,), and heights by [y, x]."""
        (left, right), (bottom, top) = self.window
        x, y = np.linspace(left, right, points), np.linspace(bottom, top, points)
        return x, y, self.function(x[np.newaxis, :], y[:, np.newaxis])

    def contour_levels(self, count: int = 18) -> Array:
        """Heights for contour lines: dense near the bottom of a bowl, even where there is none."""
        heights = self.grid(100)[2]
        low, high = float(heights.min()), float(heights.max())
        if not self.minima:
            return np.linspace(low, high, count + 2)[1:-1]
        # Each level encloses an equal share more of the window than the one below it.
        shares = np.linspace(0.004, 0.97, count)
        return np.unique(np.quantile(heights, shares**1.5))


beale = Landscape(
    "Beale",
    "(1.5 − x + x y)² + (2.25 − x + x y²)² + (2.625 − x + x y³)²",
    lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
    minima=((3.0, 0.5),),
    start=(1.0, 1.5),
    window=((-4.5, 4.5), (-4.5, 4.5)),
)
"""Flat valleys between steep walls. Source: Beale, "On an iterative method for finding a local
minimum of a function of more than one variable", 1958."""

rosenbrock = Landscape(
    "Rosenbrock",
    "(1 − x)² + 100 (y − x²)²",
    lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    minima=((1.0, 1.0),),
    start=(-1.2, 1.0),
    window=((-2.0, 2.0), (-1.0, 3.0)),
)
"""A curved valley, easy to find and slow to follow. Source: Rosenbrock, "An automatic method for
finding the greatest or least value of a function", 1960, with its start."""

saddle = Landscape(
    "saddle",
    "x² − y²",
    lambda x, y: x**2 - y**2,
    minima=(),
    start=(1.5, 0.01),
    window=((-2.0, 2.0), (-2.0, 2.0)),
)
"""Down along x to the saddle point (0, 0), and from there down along y without end."""

ravine = Landscape(
    "ravine",
    "½ (x² + 50 y²)",
    lambda x, y: 0.5 * (x**2 + 50 * y**2),
    minima=((0.0, 0.0),),
    start=(-4.0, 0.8),
    window=((-5.0, 5.0), (-1.5, 1.5)),
)
"""Fifty times as steep across as along: gradient descent swings from wall to wall."""

himmelblau = Landscape(
    "Himmelblau",
    "(x² + y − 11)² + (x + y² − 7)²",
    lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    minima=(
        (3.0, 2.0),
        (-2.8051180869527448, 3.1313125182505730),
        (-3.7793102533777469, -3.2831859912861694),
        (3.5844283403304917, -1.8481265269644035),
    ),
    start=(-0.2, -1.0),
    window=((-6.0, 6.0), (-6.0, 6.0)),
)
"""Four minima of equal height: where one ends depends on where one starts. Source: Himmelblau,
"Applied nonlinear programming", 1972."""

LANDSCAPES = (beale, rosenbrock, saddle, ravine, himmelblau)
