"""What a HealthMonitor measured last, as tables."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nn.health.monitor import HealthMonitor

Row = tuple[str, ...]
LAYERS: Row = (
    "Layer",
    "Mean",
    "Spread",
    "Between examples",
    "Zeros",
    "Saturated",
    "Dead units",
    "",
)
PARAMETERS: Row = ("Parameter", "Gradient", "Size", "Change / size", "")


def as_text(health: HealthMonitor) -> str:
    """Both tables, one below the other."""
    return "\n\n".join(_text(table) for table in tables(health))


def as_html(health: HealthMonitor) -> str:
    """Both tables for a notebook."""
    if not health.steps:
        return f"<p>{html.escape(repr(health))}</p>"
    both = "".join(_html(table) for table in tables(health))
    return f"<p>{html.escape(repr(health))}; the last of them:</p>{both}"


def tables(health: HealthMonitor) -> tuple[list[Row], list[Row]]:
    """Layers and parameters, with heads; what was measured last."""
    layers = [LAYERS]
    for name, layer in health.layers.items():
        sizes = (layer.means[-1], layer.spreads[-1], layer.between_examples[-1])
        shares = (layer.zeros[-1], layer.saturated[-1], layer.dead_now)
        numbers = (*map(_number, sizes), *map(_share, shares))
        plain = name.partition(" (")[0].endswith(layer.kind)  # an activation function's own name
        title = name if plain else f"{name}: {layer.kind}".lstrip(": ")
        layers.append((title, *numbers, layer.remark))
    parameters = [PARAMETERS]
    next_to_loss = _next_to_loss(health)
    for path, one in health.parameters.items():
        numbers = (_number(one.gradients[-1]), _number(one.sizes[-1]), _number(one.ratios[-1]))
        parameters.append((path, *numbers, one.remark(next_to_loss)))
    return layers, parameters


def _next_to_loss(health: HealthMonitor) -> float:
    """The norm of the gradient of the weights that forward uses last; NaN if none has one."""
    last_first = (health.parameters[path] for path in reversed(health.order))
    norms = (one.gradients[-1] for one in last_first if one.weights)
    return next((norm for norm in norms if 0 < norm < math.inf), math.nan)


def _text(table: list[Row]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    sides = "<" + ">" * (len(widths) - 2) + "<"
    lines = []
    for cells in table:
        texts = zip(cells, widths, sides, strict=True)
        lines.append("  ".join(f"{text:{side}{width}}" for text, width, side in texts).rstrip())
    return "\n".join([lines[0], "─" * max(map(len, lines)), *lines[1:]])


def _html(table: list[Row]) -> str:
    def line(tag: str, cells: Row) -> str:
        sides = ["left", *["right"] * (len(cells) - 2), "left"]
        return "".join(
            f'<{tag} style="text-align:{side};padding:0 0.5em">{html.escape(text)}</{tag}>'
            for text, side in zip(cells, sides, strict=True)
        )

    rows = [line("th", table[0]), *(line("td", cells) for cells in table[1:])]
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def _number(x: float) -> str:
    return "–" if math.isnan(x) else f"{x:.3g}"


def _share(x: float) -> str:
    return "–" if math.isnan(x) else f"{x:.0%}"
