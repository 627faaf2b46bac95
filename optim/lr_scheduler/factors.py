"""Schedules that are a factor of the base rate, with PyTorch's names; they chain.

The step t counts from 0: while t = 0 the optimiser makes its first step, or first epoch.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence

from optim.lr_scheduler.base import (
    FactorLR,
    LRScheduler,
    count,
    functions_for,
    number,
    optimizer_given,
)
from optim.optimizer import Optimizer

Lambda = Callable[[int], float] | Sequence[Callable[[int], float]]


class LambdaLR(LRScheduler):
    """rate = base rate · lr_lambda(t), whatever the rate was before: it does not chain.

    Args:
        optimizer, last_epoch: see LRScheduler.
        lr_lambda: a function of t, or a list of them, one for each group. Functions are not saved.
    """

    unsaved = (*LRScheduler.unsaved, "lr_lambdas")

    def __init__(self, optimizer: Optimizer, lr_lambda: Lambda, last_epoch: int = -1) -> None:
        name = type(self).__name__
        groups = optimizer_given(optimizer, name).param_groups
        self.lr_lambdas = functions_for(name, lr_lambda, groups)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        return [base * function(self.last_epoch) for base, function in pairs]


class MultiplicativeLR(LambdaLR):
    """rate ← rate · lr_lambda(t) at each step t = 1, 2, …

    Args:
        optimizer, last_epoch: see LRScheduler.
        lr_lambda: a function of t, or a list of them, one for each group. Functions are not saved.
    """

    def get_lr(self) -> list[float]:
        rates = self._rates_now()
        if self.last_epoch == 0:
            return rates
        pairs = zip(rates, self.lr_lambdas, strict=True)
        return [rate * function(self.last_epoch) for rate, function in pairs]

    def begin(self, t: int = 0) -> None:
        """At t = 0 from the base rates; later, the rates are where earlier steps left them."""
        self.last_epoch = t
        self._set(self.base_lrs if t == 0 else self._rates_now())


class StepLR(FactorLR):
    """rate = base rate · gamma ^ ⌊t / step_size⌋: a staircase (gamma=0.5 halves it at each stair).

    Args:
        optimizer, last_epoch: see LRScheduler.
        step_size: how many steps the rate stays as it is, at least 1.
        gamma: what it is multiplied by then, at least 0.
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = count("StepLR", "step_size", step_size)
        self.gamma = number("StepLR", "gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def factor(self, t: int) -> float:
        return self.gamma ** (t // self.step_size)


class MultiStepLR(FactorLR):
    """rate = base rate · gamma ^ (how many milestones are ≤ t).

    Args:
        optimizer, last_epoch: see LRScheduler.
        milestones: steps at which the rate is multiplied by gamma, as often as each is listed.
        gamma: at least 0.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Sequence[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = sorted(count("MultiStepLR", "a milestone", m, 0) for m in milestones)
        self.gamma = number("MultiStepLR", "gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def factor(self, t: int) -> float:
        return float(self.gamma ** bisect_right(self.milestones, t))


class ConstantLR(FactorLR):
    """rate = base rate · factor for total_iters steps; then the base rate.

    Args:
        optimizer, last_epoch: see LRScheduler.
        factor: from 0 to 1.
        total_iters: at least 0.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.start_factor = number("ConstantLR", "factor", factor, 0, 1)
        self.total_iters = count("ConstantLR", "total_iters", total_iters, 0)
        super().__init__(optimizer, last_epoch)

    def factor(self, t: int) -> float:
        return self.start_factor if t < self.total_iters else 1.0


class LinearLR(FactorLR):
    """The factor goes evenly from start_factor to end_factor in total_iters steps, and stays.

    Args:
        optimizer, last_epoch: see LRScheduler.
        start_factor, end_factor: from 0 to 1.
        total_iters: at least 1.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.start_factor = number("LinearLR", "start_factor", start_factor, 0, 1)
        self.end_factor = number("LinearLR", "end_factor", end_factor, 0, 1)
        self.total_iters = count("LinearLR", "total_iters", total_iters)
        super().__init__(optimizer, last_epoch)

    def factor(self, t: int) -> float:
        done = min(t, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * done


class ExponentialLR(FactorLR):
    """rate = base rate · gamma ^ t.

    Args:
        optimizer, last_epoch: see LRScheduler.
        gamma: at least 0.
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = number("ExponentialLR", "gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def factor(self, t: int) -> float:
        return float(self.gamma**t)


class PolynomialLR(FactorLR):
    """rate = base rate · (1 − t / total_iters) ^ power until total_iters; then 0.

    Args:
        optimizer, last_epoch: see LRScheduler.
        total_iters: at least 1.
        power: at least 0.
    """

    def __init__(
        self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        self.total_iters = count("PolynomialLR", "total_iters", total_iters)
        self.power = number("PolynomialLR", "power", power)
        super().__init__(optimizer, last_epoch)

    def factor(self, t: int) -> float:
        return float((1 - min(t, self.total_iters) / self.total_iters) ** self.power)


class CosineAnnealingLR(FactorLR):
    """rate = eta_min + (base rate − eta_min) · (1 + cos(π t / T_max)) / 2; rises again after T_max.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts",
    ICLR 2017, without the restarts.

    Args:
        optimizer, last_epoch: see LRScheduler.
        T_max: how many steps the way down takes, at least 1.
        eta_min: the lowest rate, at least 0.
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = count("CosineAnnealingLR", "T_max", T_max)
        self.floor = number("CosineAnnealingLR", "eta_min", eta_min)
        super().__init__(optimizer, last_epoch)

    def factor(self, t: int) -> float:
        return (1 + math.cos(math.pi * t / self.T_max)) / 2
