"""One optimiser's way over a landscape, and how the ways are told apart in pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np

from autograd import Tensor
from optim.landscapes import Array, Landscape
from optim.newton import Newton
from optim.optimizer import Optimizer

Maker = Callable[[list[Tensor]], Optimizer]

# To be told apart without colours too: each optimiser has a colour (after those of Okabe and Ito,
# 2008, for all kinds of colour vision; the light ones darker, to be seen on white), a line, a mark.
COLOURS = ("#0072b2", "#d55e00", "#00835f", "#b3568a", "#a86f00", "#1f8fc9", "#707070", "#000000")
DASHES = ((), (7, 3), (2, 2), (9, 3, 2, 3), (5, 2, 1, 2, 1, 2), (12, 4), (3, 5), (1, 3))
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")


def run(landscape: Landscape, name: str, make: Maker, start: Array, steps: int) -> Array:
    """The points that one optimiser goes through, of shape (steps + 1, 2)."""
    point = Tensor(start.copy(), requires_grad=True, name="point")
    optimizer = make([point]) if callable(make) else None
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"race: {name!r} is to be a function that makes an optimiser for a list of parameters, "
            f"lambda params: optim.SGD(params, lr=0.01), and not {make!r}."
        )

    def closure() -> Tensor:
        optimizer.zero_grad()
        height = landscape(point)
        if not isinstance(optimizer, Newton):  # which differentiates twice, by itself
            height.backward()
        return height

    (left, right), (bottom, top) = landscape.window
    bound = 1e3 * max(right - left, top - bottom)
    path = np.full((steps + 1, 2), np.nan)
    path[0] = start
    with np.errstate(all="ignore"), contextlib.suppress(np.linalg.LinAlgError):
        for step in range(1, steps + 1):
            optimizer.step(closure)  # Newton's raises where the Hessian is singular
            if not (np.abs(point.data) < bound).all():
                break
            path[step] = point.data
    return path
