"""The picture of a search: the score over each hyper-parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nn.plots.canvas import Array, cycle, panels_or_new, spans_much, tidy
from nn.tuning.journal import plain
from nn.tuning.spaces import Choice, Distribution

if TYPE_CHECKING:
    from nn.tuning.results import Results, Trial

SPREAD = 0.4  # of the points of one choice
GOLDEN = 0.618  # multiples of the golden section fill an interval evenly


def scores(results: Results, ax: Any) -> Array:
    """What `Results.plot` draws."""
    best = results.best
    names = list(best.params)
    panels = panels_or_new(ax, names, "plot")
    dots, star, cross = cycle(4)[[0, 1, 3]]
    heights = np.array([trial.score for trial in results.scored])
    for panel, name in zip(panels, names, strict=True):
        places = _Places(panel, name, results.space.get(name), results.trials)
        panel.plot(places.of(results.scored), heights, "o", color=dots, alpha=0.7, markersize=5)
        panel.plot(
            *(places.of([best]), [best.score]),
            "*",
            color=star,
            markersize=15,
            markeredgecolor=panel.get_facecolor(),
        )
        if results.failed:
            edge = 0.97 if results.mode == "min" else 0.03
            xs = places.of(results.failed)
            at_edge = {"transform": panel.get_xaxis_transform(), "markersize": 5}
            panel.plot(xs, [edge] * len(xs), "x", color=cross, **at_edge)
        if spans_much(heights):
            panel.set_yscale("log")
        tidy(panel)
    for panel in panels:
        if panel.get_subplotspec() is None or panel.get_subplotspec().is_first_col():
            panel.set_ylabel("score")
    return panels


class _Places:
    """Where the values of a hyper-parameter lie on an axis, which is made for them."""

    def __init__(
        self, panel: Any, name: str, values: Distribution | None, trials: list[Trial]
    ) -> None:
        self.name = name
        found = [trial.params[name] for trial in trials]
        scale = "linear" if values is None else values.scale
        numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in found)
        self.one_minus = scale == "one minus log"
        self.labels: list[str] | None = None
        if isinstance(values, Choice) or not numeric:
            listed = values.values if isinstance(values, Choice) else found
            self.labels = list(dict.fromkeys(str(plain(v)) for v in listed))
            panel.set_xticks(range(len(self.labels)), self.labels)
            panel.set_xlim(-0.5, len(self.labels) - 0.5)
        elif scale != "linear":
            panel.set_xscale("log")
        panel.set_xlabel(f"1 − {name}" if self.one_minus else name)
        if self.one_minus:
            panel.invert_xaxis()  # so that the value itself grows to the right

    def of(self, trials: list[Trial]) -> list[float]:
        values = [trial.params[self.name] for trial in trials]
        if self.labels is not None:  # beside each other, so that they do not hide one another
            beside = [SPREAD * (trial.number * GOLDEN % 1 - 0.5) for trial in trials]
            at = [self.labels.index(str(plain(value))) for value in values]
            return [x + shift for x, shift in zip(at, beside, strict=True)]
        return [1 - value if self.one_minus else value for value in values]
