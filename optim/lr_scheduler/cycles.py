"""Schedules that go up and down: warm restarts, cyclical rates, one cycle. They do not chain."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from optim.lr_scheduler.base import (
    LRScheduler,
    count,
    for_each_group,
    number,
    one_of,
    optimizer_given,
)
from optim.optimizer import Optimizer

PerGroup = float | list[float]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Cosine from the base rate to eta_min, again and again, each time T_mult times as long.

    rate = eta_min + (base rate − eta_min) · (1 + cos(π T / Tᵢ)) / 2, T steps after a restart, Tᵢ
    steps before the next. Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with
    warm restarts", ICLR 2017.

    Args:
        optimizer, last_epoch: see LRScheduler.
        T_0: how many steps the first way down takes, at least 1.
        T_mult: a whole number, at least 1.
        eta_min: the lowest rate, at least 0.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        name = "CosineAnnealingWarmRestarts"
        self.T_0 = count(name, "T_0", T_0)
        self.T_mult = count(name, "T_mult", T_mult)
        self.eta_min = number(name, "eta_min", eta_min)
        self.position: float = last_epoch + 1  # in epochs; between two whole ones by step(epoch)
        super().__init__(optimizer, last_epoch)

    def step(self, epoch: float | None = None) -> None:
        """As for every schedule; or go to `epoch`, which may lie between two: 3.25.

        The fraction lets the rate change from batch to batch: step(epoch + batch / batches).
        """
        if epoch is None:
            super().step()
            return
        self._refuse_to_record("step(epoch) is given epochs", "use step(), or step after the call")
        self._check_step()
        goal = number(type(self).__name__, "epoch", epoch)
        self.position, self.last_epoch = goal, math.floor(goal)
        self._set(self.get_lr())

    def begin(self, t: int = 0) -> None:
        self.position = t
        super().begin(t)

    def _advance(self) -> None:
        self.position += 1
        super()._advance()

    def get_lr(self) -> list[float]:
        since, length = self.position, self.T_0
        while since >= length:
            since, length = since - length, length * self.T_mult
        factor = (1 + math.cos(math.pi * since / length)) / 2
        return [self.eta_min + (base - self.eta_min) * factor for base in self.base_lrs]


class _Cycle(LRScheduler):
    """What cycles of rate and momentum share: the momentum is low where the rate is high."""

    cycle_momentum: bool

    def get_momentum(self) -> list[float]:
        """The momentum of each group at step `last_epoch`."""
        raise NotImplementedError

    def _sets(self) -> tuple[str, ...]:
        return ("lr", _momentum_key(self.optimizer)) if self.cycle_momentum else ("lr",)

    def _set(self, rates: Any) -> None:
        super()._set(rates)
        if self.cycle_momentum:
            key = _momentum_key(self.optimizer)
            for group, momentum in zip(self._groups(), self.get_momentum(), strict=True):
                group[key] = momentum if key == "momentum" else (momentum, *group["betas"][1:])


class CyclicLR(_Cycle):
    """The rate goes up and down between base_lr and max_lr, in even steps.

    The height is scaled by a function: 1 ("triangular"), halved from cycle to cycle
    ("triangular2"), or gamma ^ t ("exp_range"). Source: Smith, "Cyclical learning rates for
    training neural networks", WACV 2017.

    Args:
        optimizer, last_epoch: see LRScheduler.
        base_lr, max_lr: lowest and highest rate, for all groups or a list of one for each.
        step_size_up, step_size_down: how many steps up and down take; down as up if None.
        mode: "triangular", "triangular2" or "exp_range"; ignored if there is a scale_fn.
        gamma: for "exp_range".
        scale_fn: scales the height; a function of the cycle's number, from 1, or of t. Not saved.
        scale_mode: "cycle" or "iterations": what scale_fn is a function of.
        cycle_momentum: whether momentum (for Adam and its kin β₁) goes the other way.
        base_momentum, max_momentum: lowest and highest momentum, for all groups or one for each.
    """

    unsaved = (*LRScheduler.unsaved, "scale_fn")

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: PerGroup,
        max_lr: PerGroup,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: PerGroup = 0.8,
        max_momentum: PerGroup = 0.9,
        last_epoch: int = -1,
    ) -> None:
        name = "CyclicLR"
        groups = optimizer_given(optimizer, name).param_groups
        down = step_size_up if step_size_down is None else step_size_down
        self.low = for_each_group(name, "base_lr", base_lr, groups)
        self.high = for_each_group(name, "max_lr", max_lr, groups)
        self.up = count(name, "step_size_up", step_size_up)
        self.down = count(name, "step_size_down", down)
        self.mode = one_of(name, "mode", mode, "triangular", "triangular2", "exp_range")
        self.gamma = number(name, "gamma", gamma)
        self.scale_fn = scale_fn
        self.scale_mode = one_of(name, "scale_mode", scale_mode, "cycle", "iterations")
        self.cycle_momentum = _can_cycle(name, optimizer, cycle_momentum)
        self.low_momentum = for_each_group(name, "base_momentum", base_momentum, groups)
        self.high_momentum = for_each_group(name, "max_momentum", max_momentum, groups)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        h = self._height()
        return [low + (high - low) * h for low, high in zip(self.low, self.high, strict=True)]

    def get_momentum(self) -> list[float]:
        h = self._height()
        limits = zip(self.low_momentum, self.high_momentum, strict=True)
        return [high - (high - low) * h for low, high in limits]

    def _height(self) -> float:
        """From 0, at the bottom of a cycle, to 1, at its top, scaled."""
        cycles, since = divmod(self.last_epoch, self.up + self.down)
        rising = since <= self.up
        height = since / self.up if rising else (self.up + self.down - since) / self.down
        return height * self._scale(cycles + 1)

    def _scale(self, cycle: int) -> float:
        if self.scale_fn is not None:
            return self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "triangular2":
            return 0.5 ** (cycle - 1)
        return float(self.gamma**self.last_epoch) if self.mode == "exp_range" else 1.0


class OneCycleLR(_Cycle):
    """One cycle for the whole training: up to max_lr, then down far below where it began.

    It goes from max_lr / div_factor to max_lr, and to max_lr / div_factor / final_div_factor; with
    three_phase back to its beginning in between, as the paper has it. Source: Smith and Topin,
    "Super-convergence: very fast training of neural networks using large learning rates", 2018.

    Args:
        optimizer, last_epoch: see LRScheduler.
        max_lr: highest rate, for all groups or a list of one for each.
        total_steps: how many steps the training has; or
        epochs, steps_per_epoch: these, and their product is the number of steps.
        pct_start: the share of the steps that go up, from 0 to 1.
        anneal_strategy: "cos" or "linear".
        cycle_momentum: whether momentum (for Adam and its kin β₁) goes the other way.
        base_momentum, max_momentum: lowest and highest momentum, for all groups or one for each.
        div_factor, final_div_factor: above 0.
        three_phase: go down as far as up, and only then to the end.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: PerGroup,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: PerGroup = 0.85,
        max_momentum: PerGroup = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        name = "OneCycleLR"
        groups = optimizer_given(optimizer, name).param_groups
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError(
                    f"{name} is planned for the whole training: give total_steps, or epochs and "
                    "steps_per_epoch."
                )
            total_steps = count(name, "epochs", epochs) * count(
                name, "steps_per_epoch", steps_per_epoch
            )
        T = self.total_steps = count(name, "total_steps", total_steps)
        pct = number(name, "pct_start", pct_start, 0, 1)
        self.anneal_strategy = one_of(name, "anneal_strategy", anneal_strategy, "cos", "linear")
        self.cycle_momentum = _can_cycle(name, optimizer, cycle_momentum)
        low_momentum = for_each_group(name, "base_momentum", base_momentum, groups)
        high_momentum = for_each_group(name, "max_momentum", max_momentum, groups)
        top = for_each_group(name, "max_lr", max_lr, groups)
        first = [rate / _above_zero(name, "div_factor", div_factor) for rate in top]
        last = [rate / _above_zero(name, "final_div_factor", final_div_factor) for rate in first]
        # The corners of the cycle: the steps they are at, and the rates and momenta there.
        self.corners = [0.0, pct * T - 1, 2 * pct * T - 2, T - 1]
        self.corner_lrs = [first, top, first, last]
        self.corner_momenta = [high_momentum, low_momentum, high_momentum, high_momentum]
        if not three_phase:
            del self.corners[2], self.corner_lrs[2], self.corner_momenta[2]
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        return self._between(self.corner_lrs)

    def get_momentum(self) -> list[float]:
        return self._between(self.corner_momenta)

    def _advance(self) -> None:
        if self.last_epoch >= self.total_steps:
            raise ValueError(
                f"OneCycleLR.step(): the cycle of {self.total_steps} steps is over. total_steps "
                "counts the batches of all epochs, if step() is called after each batch."
            )
        super()._advance()

    def _between(self, values: list[list[float]]) -> list[float]:
        """What lies at this step between the `values` at the corners before and after it."""
        t, last = self.last_epoch, len(self.corners) - 1
        i = next((i for i in range(1, last) if t <= self.corners[i]), last)
        begin, end = self.corners[i - 1], self.corners[i]
        done = min(1.0, (t - begin) / (end - begin)) if end > begin else 1.0
        if self.anneal_strategy == "cos":
            done = (1 - math.cos(math.pi * done)) / 2
        pairs = zip(values[i - 1], values[i], strict=True)
        return [start * (1 - done) + goal * done for start, goal in pairs]


def _above_zero(name: str, key: str, value: float) -> float:
    if number(name, key, value) == 0:
        raise ValueError(f"{name}: {key} is above 0: rates are divided by it.")
    return value


def _momentum_key(optimizer: Optimizer) -> str:
    return "betas" if "betas" in optimizer.param_groups[0] else "momentum"


def _can_cycle(name: str, optimizer: Optimizer, wanted: bool) -> bool:
    if wanted and _momentum_key(optimizer) not in optimizer.param_groups[0]:
        raise ValueError(
            f"{name}: cycle_momentum=True needs an optimiser with momentum or betas, and "
            f"{type(optimizer).__name__} has neither. Pass cycle_momentum=False."
        )
    return wanted
