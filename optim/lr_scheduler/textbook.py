"""Schedules as lectures write them: n, the number of the epoch (or step), counts from 1.

So the first epoch is already trained with a reduced rate, where the formula says so. All are
factors of the base rate α₀, except the table. The staircase is `StepLR`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from optim.lr_scheduler.base import (
    FactorLR,
    LRScheduler,
    count,
    for_each_group,
    number,
    optimizer_given,
)
from optim.optimizer import Optimizer


class InverseTimeLR(FactorLR):
    """α = α₀ / (1 + decay · n); with α₀ = 0.2 and decay 1, epochs 1, 2, … have 0.1, 0.0667, …

    Args:
        optimizer, last_epoch: see LRScheduler.
        decay: d, at least 0.
    """

    def __init__(self, optimizer: Optimizer, decay: float = 1.0, last_epoch: int = -1) -> None:
        self.decay = number("InverseTimeLR", "decay", decay)
        super().__init__(optimizer, last_epoch)

    def factor(self, t: int) -> float:
        return 1 / (1 + self.decay * (t + 1))


class GeometricLR(FactorLR):
    """α = ratioⁿ α₀; `ExponentialLR` is one step behind, and trains its first epoch with α₀.

    Args:
        optimizer, last_epoch: see LRScheduler.
        ratio: at least 0.
    """

    def __init__(self, optimizer: Optimizer, ratio: float = 0.95, last_epoch: int = -1) -> None:
        self.ratio = number("GeometricLR", "ratio", ratio)
        super().__init__(optimizer, last_epoch)

    def factor(self, t: int) -> float:
        return float(self.ratio ** (t + 1))


class InverseSqrtLR(FactorLR):
    """α = α₀ k / √n.

    Args:
        optimizer, last_epoch: see LRScheduler.
        k: at least 0.
    """

    def __init__(self, optimizer: Optimizer, k: float = 1.0, last_epoch: int = -1) -> None:
        self.k = number("InverseSqrtLR", "k", k)
        super().__init__(optimizer, last_epoch)

    def factor(self, t: int) -> float:
        return self.k / math.sqrt(t + 1)


class InverseLR(FactorLR):
    """α = α₀ k / n.

    Args:
        optimizer, last_epoch: see LRScheduler.
        k: at least 0.
    """

    def __init__(self, optimizer: Optimizer, k: float = 1.0, last_epoch: int = -1) -> None:
        self.k = number("InverseLR", "k", k)
        super().__init__(optimizer, last_epoch)

    def factor(self, t: int) -> float:
        return self.k / (t + 1)


class WarmupLR(FactorLR):
    """α = α₀ · min(1, n / steps): rises evenly, so that step number `steps` is the first at α₀.

    It chains: step it beside another schedule, or put both into a `ChainedScheduler`. Source:
    Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, section 2.2.

    Args:
        optimizer, last_epoch: see LRScheduler.
        steps: at least 1.
    """

    def __init__(self, optimizer: Optimizer, steps: int, last_epoch: int = -1) -> None:
        self.steps = count("WarmupLR", "steps", steps)
        super().__init__(optimizer, last_epoch)

    def factor(self, t: int) -> float:
        return min(1.0, (t + 1) / self.steps)


class TableLR(LRScheduler):
    """The rates of a table made by hand, {1: 0.1, 10: 0.05, 20: 0.01}: 0.1 in epochs 1 to 9, ….

    Args:
        optimizer, last_epoch: see LRScheduler.
        table: rates by the epoch (or step) from which they hold, 1 among them; for several groups
            one rate for all, or a list of one for each.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        table: Mapping[int, float | list[float]],
        last_epoch: int = -1,
    ) -> None:
        groups = optimizer_given(optimizer, "TableLR").param_groups
        if not isinstance(table, Mapping) or 1 not in table:
            raise ValueError(
                "TableLR: the table is a dict of rates by the epoch from which they hold, and "
                f"begins with epoch 1, as in {{1: 0.1, 10: 0.05}}; not {table!r}."
            )
        entries: list[tuple[int, Any]] = sorted(table.items())
        self.first = [count("TableLR", "an epoch", epoch) for epoch, _ in entries]
        self.rates = [for_each_group("TableLR", "a rate", rate, groups) for _, rate in entries]
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        return self.rates[bisect_right(self.first, self.last_epoch + 1) - 1]
