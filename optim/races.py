"""Optimisers racing downhill on a landscape: their paths, a picture, an animation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optim.landscapes import Array, Landscape, Point
from optim.runs import COLOURS, DASHES, MARKS, Maker, run

if TYPE_CHECKING:
    from optim.race_page import Animation


@dataclass(frozen=True)
class Race:
    """The way that each optimiser went.

    Attributes:
        landscape: where.
        start: from where.
        paths: by the optimiser's name its points, of shape (steps + 1, 2), the start first; NaN
            from where a path left all bounds, or could not go on.
        heights: by name the landscape's height at each of these points, of shape (steps + 1,).
        makers: by name what makes the optimiser, as given to `race`.
    """

    landscape: Landscape
    start: Point
    paths: dict[str, Array]
    heights: dict[str, Array]
    makers: Mapping[str, Maker]

    def plot(self, ax: Any = None) -> Any:
        """Draw the paths over the landscape's contour lines; returns the matplotlib axes."""
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.subplots(figsize=(7, 5.5), layout="constrained")[1]
        ink = ax.xaxis.label.get_color()  # which light and dark pages have their own of
        x, y, heights = self.landscape.grid()
        ax.contour(x, y, heights, self.landscape.contour_levels(), colors="0.6", linewidths=0.7)
        for i, (name, path) in enumerate(self.paths.items()):
            reached = path[np.isfinite(path).all(axis=1)]
            style = {"color": COLOURS[i % 8], "marker": MARKS[i % 8], "markersize": 5}
            line = (0, DASHES[i % 8]) if DASHES[i % 8] else "-"
            every = max(1, len(reached) // 8)
            ax.plot(*reached.T, linestyle=line, markevery=every, label=name, **style)
        ax.plot(*self.start, "o", color=ink, fillstyle="none", markersize=11, label="start")
        for minimum in self.landscape.minima:
            ax.plot(*minimum, "+", color=ink, markersize=14, markeredgewidth=2)
        (left, right), (bottom, top) = self.landscape.window
        ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="x", ylabel="y")
        ax.set_title(f"{self.landscape.name}: {self.landscape.formula}")
        ax.legend()
        return ax

    def animation(self, path: str | Path | None = None, starts: int = 9) -> Animation:
        """An animation in which the start can be moved: one HTML page, which needs nothing else.

        For each of starts × starts points, evenly spread over the window, and for the race's own
        start, all optimisers are run here; the page holds their paths and computes none itself.

        Args:
            path: where to write the page; nowhere if None.
            starts: how many starts in each direction, at least 2.

        Returns:
            An Animation, which notebooks show; its `save(path)` writes the page too.
        """
        from optim.race_page import animation

        found = animation(self, starts)
        if path is not None:
            found.save(path)
        return found


def race(
    landscape: Landscape,
    optimisers: Mapping[str, Maker],
    start: Point | None = None,
    steps: int = 100,
) -> Race:
    """Let optimisers run from one start, each alone, in double precision.

    Example:
        paths = race(
            landscapes.beale,
            {
                "SGD": lambda params: optim.SGD(params, lr=0.01),
                "Adam": lambda params: optim.Adam(params, lr=0.1),
            },
        )
        paths.plot()

    Args:
        landscape: where; one of `optim.landscapes` or an own Landscape.
        optimisers: by name, functions that make an optimiser for a list of parameters.
        start: x and y; the landscape's own start if None.
        steps: how many steps each makes, at least 1.

    Raises:
        TypeError: landscape is none, or an entry of optimisers does not make an optimiser.
        ValueError: there are no optimisers, the start is not two finite numbers, or steps is not a
            positive whole number.
    """
    if not isinstance(landscape, Landscape):
        raise TypeError(
            "race takes a landscape, such as optim.landscapes.beale, first; this is "
            f"{type(landscape).__name__}."
        )
    if not isinstance(optimisers, Mapping) or not optimisers:
        raise ValueError(
            "race takes optimisers by name, as functions that make them: "
            '{"SGD": lambda params: optim.SGD(params, lr=0.01)}.'
        )
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise ValueError(f"race: steps is a whole number of at least 1, not {steps!r}.")
    begin = np.asarray(landscape.start if start is None else start, dtype=float)
    if begin.shape != (2,) or not np.isfinite(begin).all():
        raise ValueError(f"race: the start is two finite numbers, x and y, and not {start!r}.")
    paths = {name: run(landscape, name, make, begin, steps) for name, make in optimisers.items()}
    with np.errstate(all="ignore"):
        heights = {name: landscape.function(*path.T) for name, path in paths.items()}
    return Race(landscape, (float(begin[0]), float(begin[1])), paths, heights, optimisers)
