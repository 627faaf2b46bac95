"""Many small images as one: what units look for, and what a network gets wrong."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isqrt, sqrt
from typing import Any

import numpy as np

from autograd import Tensor
from nn.checks import whole_number
from nn.module import Module
from nn.plots.canvas import Array, axes_or_new, ink, is_dark

Shape = tuple[int, int]


def weight_images(layer: Any, shape: Shape | None = None, ax: Any = None) -> Any:
    """Draw each unit's weights as an image: what in the input speaks for it, and what against it.

    Args:
        layer: a layer with a weight of shape (units, inputs), a network, whose first such layer is
            drawn, or that array itself.
        shape: height and width of an image, as (28, 28); square if None.
        ax: where to draw; a new figure if None.

    Colours are symmetric about 0, which has that of the background.

    Raises:
        TypeError: the layer has no such weight.
        ValueError: the inputs do not make an image of that shape.
    """
    weight = _weight(layer)
    tiles = _as_images(weight, shape, "weight_images")
    sheet, columns = _sheet(tiles, None, 1, 1)
    ax = axes_or_new(ax, _size(sheet, columns))
    most = float(np.abs(tiles).max()) or 1.0
    image = ax.imshow(
        sheet[1:], cmap=_diverging(ax), vmin=-most, vmax=most, interpolation="nearest"
    )
    ax.figure.colorbar(image, ax=ax, shrink=0.8, pad=0.02).outline.set_visible(False)
    ax.set_axis_off()
    ax.set_title(f"weights of {len(tiles)} units")
    return ax


def misclassified(
    images: Any,
    labels: Any,
    predicted: Any,
    shape: Shape | None = None,
    names: Sequence[str] | None = None,
    most: int = 40,
    ax: Any = None,
) -> Any:
    """Draw the images that were taken for something else, with what they are and were taken for.

    Args:
        images: of shape (m, height, width), or (m, height · width).
        labels: the true classes, whole numbers of shape (m,).
        predicted: the classes that the network answered, of shape (m,).
        shape: height and width, if the images are flat; square if None.
        names: the classes' names; their numbers if None.
        most: at most so many are drawn, the first ones.
        ax: where to draw; a new figure if None.

    Raises:
        TypeError, ValueError: the arrays do not fit together, or `most` is no positive number.
    """
    who = "misclassified"
    tiles = _as_images(np.asarray(images), shape, who)
    truth = _classes(labels, len(tiles), "labels")
    answer = _classes(predicted, len(tiles), "predicted")
    wrong = np.flatnonzero(truth != answer)
    shown = wrong[: whole_number(most, who, "most")]
    columns = min(8, max(len(shown), 1)) if len(shown) <= 40 else 10
    height, width = tiles.shape[1:]
    above = ceil((0.32 if names is None else 0.5) * height)  # room for the words
    title = f"{len(wrong):,} of {len(tiles):,} misclassified"
    if len(shown) < len(wrong):
        title += f", the first {len(shown)}"
    if not len(shown):
        ax = axes_or_new(ax, (4, 1))
        ax.set_axis_off()
        ax.set_title(title)
        return ax
    sheet, columns = _sheet(tiles[shown], columns, above, ceil(0.15 * width))
    ax = axes_or_new(ax, _size(sheet, columns))
    ax.imshow(sheet, cmap="gray" if is_dark(ax) else "gray_r", interpolation="nearest")
    between = "→" if names is None else "\n→ "
    for place, i in enumerate(shown):
        row, column = divmod(place, columns)
        x = column * (width + ceil(0.15 * width)) + (width - 1) / 2
        y = row * (height + above) + above - 1
        words = [str(c if names is None else names[c]) for c in (truth[i], answer[i])]
        ax.text(x, y, between.join(words), ha="center", va="bottom", fontsize=8, color=ink())
    ax.set_axis_off()
    space = " " if columns > 4 else "\n"
    ax.set_title(f"{title}{space}(true → predicted)", fontsize=11)
    return ax


def _weight(layer: Any) -> Array:
    """The weights of shape (units, inputs) of a layer, of a network's first layer, or as given."""
    if isinstance(layer, Module):
        weights = [getattr(module, "weight", None) for module in layer.modules()]
        found = [w for w in weights if isinstance(w, Tensor) and w.ndim == 2]
        if not found:
            raise TypeError(
                f"weight_images: {type(layer).__name__} has no layer with a weight of shape "
                "(units, inputs). Give an array of that shape."
            )
        layer = found[0]
    weight = np.asarray(layer)
    if weight.ndim not in (2, 3) or not weight.size:
        raise TypeError(
            "weight_images: give a layer, or an array of shape (units, inputs); this is of shape "
            f"{weight.shape}, type {type(layer).__name__}."
        )
    return weight


def _as_images(flat: Array, shape: Shape | None, who: str) -> Array:
    """Of shape (m, height, width). Raises ValueError if the entries do not make such images."""
    if flat.ndim == 3 and shape is None:
        return flat
    if flat.ndim not in (2, 3):
        raise ValueError(
            f"{who}: images are of shape (m, height, width) or (m, height · width), not "
            f"{flat.shape}. For one image write image[None]."
        )
    entries = int(np.prod(flat.shape[1:]))
    height, width = shape or (isqrt(entries), isqrt(entries))
    if height * width != entries:
        reason = "which is not square" if shape is None else f"and the shape is {shape}"
        raise ValueError(
            f"{who}: an image has {entries} entries, {reason}. Say its height and width, as in "
            f"shape=({height}, {max(entries // max(height, 1), 1)})."
        )
    return flat.reshape(-1, height, width)


def _classes(labels: Any, count: int, name: str) -> Array:
    classes = np.asarray(labels)
    if classes.shape != (count,):
        hint = " Take the largest score's: scores.argmax(axis=1)." if classes.ndim == 2 else ""
        raise ValueError(
            f"misclassified: {name} has a class for each of the {count} images, shape ({count},), "
            f"not {classes.shape}.{hint}"
        )
    return classes


def _sheet(tiles: Array, columns: int | None, above: int, gap: int) -> tuple[Array, int]:
    """Images side by side in one array, NaN between them; and how many there are in a row."""
    count, height, width = tiles.shape
    if columns is None:  # about as many as rows, up to twice, so that the last row is full
        side = ceil(sqrt(count))
        columns = min(range(side, min(2 * side, count) + 1), key=lambda n: -count % n)
    rows = -(-count // columns)
    sheet = np.full((rows, height + above, columns, width + gap), np.nan)
    places = np.divmod(np.arange(count), columns)
    sheet[places[0], above:, places[1], :width] = tiles
    whole: Array = sheet.reshape(rows * (height + above), columns * (width + gap))
    return whole[:, :-gap], columns


def _size(sheet: Array, columns: int) -> tuple[float, float]:
    """Of a figure for a sheet, in inches."""
    wide = float(np.clip(0.85 * columns, 3.2, 8))
    return wide, max(wide * sheet.shape[0] / sheet.shape[1] + 0.5, 1.5)


def _diverging(ax: Any) -> Any:
    """Blue, the background, red; between images grey."""
    from matplotlib.colors import LinearSegmentedColormap

    ends = ("#56b4ff", "#ff7b59") if is_dark(ax) else ("#1559a8", "#c0261c")
    shades = LinearSegmentedColormap.from_list("weights", [ends[0], ax.get_facecolor(), ends[1]])
    return shades.with_extremes(bad=(0.5, 0.5, 0.5, 0.35))
