"""What a HealthMonitor measured, as pictures: rows are layers or parameters, columns are steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nn.health.records import LIMITS, Array
from nn.plots.canvas import ink, panels_or_new

if TYPE_CHECKING:
    from nn.health.monitor import HealthMonitor

TITLES = [
    *("spread between examples", "share of zeros", "share saturated"),
    *("norm of gradients", "change / size of weights"),
]
LONGEST = 18  # letters of a row's name
USUAL = (1e-5, 1e-1)  # ends of the scale of steps, around 1e-3


def draw(health: HealthMonitor, ax: Any) -> Any:
    """The five panels."""
    from matplotlib.colors import LogNorm

    panels = panels_or_new(ax, TITLES, "HealthMonitor.plot")
    layers, parameters = health.layers, health.parameters
    limited = {path: one for path, one in layers.items() if one.kind in LIMITS} or layers
    weights = {path: one for path, one in parameters.items() if one.weights} or parameters
    spreads, gradients = (
        _grid([one.between_examples for one in layers.values()]),
        _grid([one.gradients for one in parameters.values()]),
    )
    shares = [
        _grid([one.zeros for one in layers.values()]),
        _grid([one.saturated for one in limited.values()]),
    ]
    ratios = _grid([one.ratios for one in weights.values()])
    norms = [_log(spreads), None, None, _log(gradients), LogNorm(*USUAL)]
    names = [list(rows) for rows in (layers, layers, limited, parameters, weights)]
    maps = ["viridis", "cividis", "cividis", "viridis", "coolwarm"]
    for i, grid in enumerate([spreads, *shares, gradients, ratios]):
        limits = {} if norms[i] is not None else {"vmin": 0.0, "vmax": 1.0}
        _panel(panels[i], grid, health, names[i], cmap=maps[i], norm=norms[i], **limits)
        panels[i].set_title(TITLES[i])
    return panels


def _grid(rows: list[list[float]]) -> Array:
    """Rows of unequal length, filled up with NaN; those of several passes a step are stretched."""
    width = max(map(len, rows), default=0)
    grid = np.full((max(len(rows), 1), max(width, 1)), np.nan)
    for i, row in enumerate(rows):
        at = np.arange(width) * len(row) // width if row else np.arange(0)
        grid[i, : len(at)] = np.array(row)[at]
    return grid


def _log(grid: Array) -> Any:
    """A logarithmic scale over what can be on one."""
    from matplotlib.colors import LogNorm

    positive = grid[np.isfinite(grid) & (grid > 0)]
    low, high = (positive.min(), positive.max()) if positive.size else (1.0, 10.0)
    return LogNorm(low, max(high, 1.01 * low))


def _panel(ax: Any, grid: Array, health: HealthMonitor, names: list[str], **style: Any) -> None:
    from matplotlib import colormaps

    colours = colormaps[style.pop("cmap")].with_extremes(bad=(0.5, 0.5, 0.5, 0.25))
    first, last = health.steps[0], health.steps[-1] + health.every
    image = ax.imshow(
        np.ma.masked_invalid(grid),
        aspect="auto",
        interpolation="nearest",
        cmap=colours,
        extent=(first, last, len(grid) - 0.5, -0.5),
        **style,
    )
    ax.set_yticks(range(len(names)), [_short(name) for name in names], fontsize=8)
    ax.set_xlabel("step")
    bar = ax.figure.colorbar(image, ax=ax, pad=0.02)
    bar.ax.tick_params(labelsize=8, colors=ink())


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"
