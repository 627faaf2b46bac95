"""How the losses of a batch become one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.conditions import require


def some(losses: Tensor) -> Tensor:
    """The losses. Raises ValueError if there are none."""
    if losses.size == 0:
        raise ValueError("The batch is empty, so its losses have no mean.")
    return losses


def mean(losses: Tensor) -> Tensor:
    """The mean of all losses. Raises ValueError if there are none."""
    return some(losses).mean()


def half_sum(losses: Tensor) -> Tensor:
    """Half of the sum, as lectures have it for squared errors: the gradient is the error."""
    return losses.sum() * 0.5


def mean_over_batch(losses: Tensor) -> Tensor:
    """The sum of all losses by the number of rows: the mean of the rows' sums."""
    return some(losses).sum() / (losses.shape[0] if losses.ndim else 1)


REDUCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "mean": mean,
    "sum": Tensor.sum,
    "none": lambda losses: losses,
}


def reduction_named(
    name: str, who: str, **more: Callable[[Tensor], Tensor]
) -> Callable[[Tensor], Tensor]:
    """The function that reduces the losses of a batch; a loss may have `more` than the usual.

    Raises ValueError for an unknown name.
    """
    reduce = REDUCTIONS.get(name) or more.get(name)
    if reduce is None:
        *names, last = (f'"{one}"' for one in (*REDUCTIONS, *more))
        raise ValueError(f"{who}: reduction is {', '.join(names)} or {last}, not {name!r}.")
    return reduce


def weighted_mean(losses: Tensor, weights: Any, who: str) -> Tensor:
    """The sum of the losses by that of the weights that they contain already.

    Raises ValueError if the weights have no positive sum: then every target was left out.
    """
    total, count = some(losses).sum(), np.sum(weights)
    require(
        count > 0,
        f"{who}: every target of this batch is left out (by ignore_index, or a weight of 0), so "
        'its losses have no mean. Skip such a batch, or take reduction="sum".',
    )
    mean_loss: Tensor = total / count
    return mean_loss
