"""A schedule that watches: the rate falls when a value stops getting better."""

from __future__ import annotations

import math
from typing import Any, SupportsFloat

from optim.lr_scheduler.base import (
    LRScheduler,
    count,
    for_each_group,
    number,
    one_of,
    optimizer_given,
)
from optim.optimizer import Optimizer

_MISSING: Any = object()


class ReduceLROnPlateau(LRScheduler):
    """Multiplies the rates by `factor` when a value has not got better for `patience` steps.

    Args:
        optimizer: see LRScheduler.
        mode: "min" for a value that is to fall (a loss), "max" for one that is to rise.
        factor: at least 0 and below 1.
        patience: how many steps without getting better are borne; at the next one rates fall.
        threshold: by how much better is better, at least 0.
        threshold_mode: "rel", as a share of the best value, or "abs".
        cooldown: for how many steps after a fall nothing is counted.
        min_lr: the lowest rate, for all groups or a list of one for each.
        eps: a fall by no more than this is left out.

    Attributes:
        best: the best value so far.
        num_bad_epochs: for how many steps it has not got better.
    """

    preview = ""  # the rates depend on what it will be told of

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        name = "ReduceLROnPlateau"
        groups = optimizer_given(optimizer, name).param_groups
        self.mode = one_of(name, "mode", mode, "min", "max")
        self.factor = number(name, "factor", factor, 0, 1)
        if factor == 1:
            raise ValueError(f"{name}: factor is below 1, or the rate would not fall.")
        self.patience = count(name, "patience", patience, 0)
        self.threshold = number(name, "threshold", threshold)
        self.threshold_mode = one_of(name, "threshold_mode", threshold_mode, "rel", "abs")
        self.cooldown = count(name, "cooldown", cooldown, 0)
        self.min_lrs = for_each_group(name, "min_lr", min_lr, groups)
        self.eps = number(name, "eps", eps)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        super().__init__(optimizer)

    def get_lr(self) -> list[float]:
        return self._rates_now()

    def step(self, metrics: SupportsFloat = _MISSING) -> None:
        """Tell of the value to watch, once per epoch.

        Args:
            metrics: a number, such as the loss on the validation set. NaN is not better.

        Raises:
            TypeError: there is no value.
        """
        if metrics is _MISSING:
            raise TypeError(
                "ReduceLROnPlateau.step() needs the value to watch: schedule.step(validation_loss)."
            )
        self._refuse_to_record(
            "step(value) follows values", "return the value, and step after the compiled step"
        )
        self._check_step()
        value = float(metrics)
        self.last_epoch += 1
        if self._better(value):
            self.best = value
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        rates = self.get_lr()
        if self.num_bad_epochs > self.patience:
            rates = [
                self._reduced(rate, low) for rate, low in zip(rates, self.min_lrs, strict=True)
            ]
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._set(rates)

    def _better(self, value: float) -> bool:
        sign = -1 if self.mode == "min" else 1
        if self.threshold_mode == "rel":
            return sign * value > sign * self.best * (1 + sign * self.threshold)
        return sign * value > sign * self.best + self.threshold

    def _reduced(self, rate: float, low: float) -> float:
        reduced = max(rate * self.factor, low)
        return reduced if rate - reduced > self.eps else rate
