"""The colours of gradients, by their size, and what else is said of them in looks and words."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isnan

from autograd.graph.data import Variable
from autograd.graph.numbers import number, size_of

# From vanishing (pale) to exploding (dark): the darker the larger, so that greys tell it too. The
# limits are sizes, that is root mean squares of a gradient's entries; each colour goes up to one.
SCALE = (
    (1e-8, "#F4F8FD", "vanishing"),
    (1e-6, "#D5E6F7", ""),
    (1e-4, "#B3D3EC", ""),
    (1.0, "#9CC9A0", ""),
    (1e2, "#E3A33B", ""),
    (1e4, "#DE7A35", ""),
    (inf, "#7A1230", "exploding"),
)

ZERO = {"fillcolor": "#1D2126", "color": "#8A939C", "style": "filled"}
BLOCKED = {"fillcolor": "#FFFFFF", "color": "#D33A2C", "style": "rounded,filled,dashed"}
BLOCKED |= {"penwidth": "3"}
NOT_COMPUTED = {"fillcolor": "#E4E9EE", "color": "#7F8790", "style": "rounded,filled,dotted"}
NOT_COMPUTED |= {"penwidth": "2.5"}
STATUSES = {"exactly zero": ZERO, "blocked": BLOCKED, "not computed": NOT_COMPUTED}

DARK, LIGHT = "#1A1A1A", "#FFFFFF"  # text on light and on dark fillings
ON_DARK = {"#7A1230", "#1D2126"}


def colour_of(size: float) -> str:
    """The colour of a gradient of a size; NaN has that of what is infinite."""
    size = inf if isnan(size) else size
    return next(colour for limit, colour, _ in SCALE if size <= limit)


def style_of(variable: Variable) -> dict[str, str]:
    """How a variable looks that its gradient, or the lack of one, gives its colours."""
    if not variable.requires_grad:
        return {}  # it wants no gradient
    style = STATUSES.get(variable.gradient_status) or {
        "fillcolor": colour_of(size_of(variable.gradient))
    }
    return style | {"fontcolor": text_on(style["fillcolor"])}


def style_of_several(variables: Iterable[Variable]) -> dict[str, str]:
    """How a box looks that stands for several: as the largest of their gradients."""
    found = [size_of(one.gradient) for one in variables if one.gradient is not None]
    if not found:
        return {}
    colour = colour_of(max(found))
    return {"fillcolor": colour, "fontcolor": text_on(colour)}


def text_on(colour: str) -> str:
    """The colour of text on a filling."""
    return LIGHT if colour in ON_DARK else DARK


def range_of(variables: Iterable[Variable]) -> str:
    """The sizes of several gradients, from the smallest to the largest."""
    found = sorted(size_of(one.gradient) for one in variables if one.gradient is not None)
    if not found:
        return ""
    low, high = number(found[0]), number(found[-1])
    return low if low == high else f"{low} … {high}"
