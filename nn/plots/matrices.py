"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.plots.canvas import Array, axes_or_new, cycle, luminance

RIGHT, WRONG = 0, 3  # places in the style's cycle of colours


def confusion_matrix(matrix: Any, labels: Sequence[Any] | None = None, ax: Any = None) -> Any:
    """Draw counts by true and predicted class.

    The right ones and the wrong ones have colours of their own, the stronger the larger their share
    among the examples of the true class; by its cube root, so that a few errors are seen as well.

    Args:
        matrix: how many examples of each class (the rows) were taken for each class (the columns),
            of shape (classes, classes).
        labels: the classes' names; their numbers if None.
        ax: where to draw; a new figure if None.

    Raises:
        ValueError: the matrix is not square, has no whole counts, or the labels are not as many.
    """
    counts = np.asarray(matrix)
    names = _checked(counts, labels)
    n = len(counts)
    side = float(np.clip(0.42 * n + 1.2, 3.2, 12))
    ax = axes_or_new(ax, (side, side))
    colours = cycle(WRONG + 1)
    paint = np.where(np.eye(n, dtype=bool)[..., None], colours[RIGHT], colours[WRONG])
    strength = np.cbrt(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    ax.imshow(np.concatenate([paint, strength[..., None]], axis=2))
    _write(ax, counts, paint, strength)
    ax.set_xticks(range(n), names)
    ax.set_yticks(range(n), names)
    if max(map(len, names)) > 3:
        ax.tick_params(axis="x", labelrotation=90)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    right = np.trace(counts)
    total = counts.sum()
    ax.set(xlabel="predicted", ylabel="true", title=f"{right:,} of {total:,} right")
    return ax


def _checked(counts: Array, labels: Sequence[Any] | None) -> list[str]:
    """The classes' names. Raises ValueError unless matrix and labels fit."""
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not counts.size:
        raise ValueError(
            "confusion_matrix: the matrix has a row for each true and a column for each predicted "
            f"class, (classes, classes); this has shape {counts.shape}."
        )
    if not np.issubdtype(counts.dtype, np.integer) or counts.min() < 0:
        raise ValueError(
            f"confusion_matrix: the matrix holds counts, whole numbers from 0, not "
            f"{counts.dtype} from {counts.min():g} to {counts.max():g}. Give it before it is "
            "divided by anything: the colours show shares."
        )
    names = [str(label) for label in (range(len(counts)) if labels is None else labels)]
    if len(names) != len(counts):
        raise ValueError(
            f"confusion_matrix: there are {len(counts)} classes and {len(names)} labels."
        )
    return names


def _write(ax: Any, counts: Array, paint: Array, strength: Array) -> None:
    """The counts, dark on what is bright and bright on what is dark."""
    from matplotlib.colors import to_rgb

    ground = np.array(to_rgb(ax.get_facecolor()))
    cell = ax.bbox.width / ax.figure.dpi * 72 / len(counts)  # in points
    size = min(10, cell / len(f"{counts.max():,}"))
    for (i, j), count in np.ndenumerate(counts):
        shown = strength[i, j] * paint[i, j] + (1 - strength[i, j]) * ground
        colour = "black" if luminance(shown) > 0.45 else "white"
        faint = 1.0 if count else 0.3
        ax.text(
            j, i, f"{count:,}", ha="center", va="center", color=colour, alpha=faint, fontsize=size
        )
