"""What the pictures have in common: where they are drawn, and in which colours."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

LOG_FROM = 30.0  # values that span more than this factor are drawn on a log axis


def axes_or_new(ax: Any, size: tuple[float, float]) -> Any:
    """The axes given, or those of a new figure of that size in inches."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1]


def panels_or_new(ax: Any, titles: list[str], who: str) -> Array:
    """An array of axes, one for each title: those given, or new ones, at most three in a row.

    Raises ValueError if as many are not given.
    """
    count = len(titles)
    if ax is not None:
        given = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
        if len(given) != count:
            raise ValueError(
                f"{who}: there are {count} panels to draw ({', '.join(titles)}), and ax has "
                f"{len(given)} axes. Give one for each, or leave ax out."
            )
        return given
    import matplotlib.pyplot as plt

    rows = -(-count // 3)
    columns = -(-count // rows)
    size = (1.6 + 3.4 * columns, 3.2 * rows)
    figure, grid = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False)
    panels: Array = grid.ravel()
    for unused in panels[count:]:
        figure.delaxes(unused)
    return panels[:count]


def ink() -> Any:
    """The colour that text has."""
    import matplotlib as mpl

    return mpl.rcParams["text.color"]


def cycle(count: int) -> Array:
    """RGB colours of the style in use, of shape (count, 3); they repeat where they end."""
    import matplotlib as mpl
    from matplotlib.colors import to_rgb

    colours = mpl.rcParams["axes.prop_cycle"].by_key().get("color", ["C0"])
    return np.array([to_rgb(colours[i % len(colours)]) for i in range(count)])


def is_dark(ax: Any) -> bool:
    """Whether what is drawn on is dark; of a transparent ground, whether its ink is light."""
    from matplotlib.colors import to_rgb

    *_, opacity = ground = ax.get_facecolor()
    if opacity == 0:
        return luminance(np.array(to_rgb(ax.xaxis.label.get_color()))) > 0.6
    return luminance(np.array(ground)) < 0.5


def luminance(rgb: Array) -> float:
    """How bright a colour is, from 0 to 1 (the weights of ITU-R BT.709)."""
    return float(rgb[..., :3] @ np.array([0.2126, 0.7152, 0.0722]))


def spans_much(values: Array) -> bool:
    """Whether values belong on a log axis: all above 0, and of very different sizes."""
    values = values[np.isfinite(values)]
    return bool(len(values) and values.min() > 0 and values.max() > LOG_FROM * values.min())


def tidy(ax: Any) -> None:
    """A light grid, and no frame where there is no axis."""
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
