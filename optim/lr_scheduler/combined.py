"""Schedules made of schedules: one after the other, or all at once."""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from optim.lr_scheduler.base import LRScheduler, count, optimizer_given
from optim.lr_scheduler.plateau import ReduceLROnPlateau
from optim.optimizer import Optimizer


class _Combined(LRScheduler):
    """Several schedules of one optimiser that are stepped, saved and loaded as one."""

    unsaved = (*LRScheduler.unsaved, "schedulers")

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler]) -> None:
        name = type(self).__name__
        if not schedulers:
            raise ValueError(f"{name}: there are no schedules.")
        for i, scheduler in enumerate(schedulers):
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(
                    f"{name}: schedule {i} is ReduceLROnPlateau, whose step needs a value to "
                    "watch. Step it by itself, after this one."
                )
            if not isinstance(scheduler, LRScheduler):
                raise TypeError(
                    f"{name}: schedule {i} is {type(scheduler).__name__}; schedules look like "
                    "StepLR(optimizer, 10)."
                )
            if scheduler.optimizer is not optimizer:
                raise ValueError(
                    f"{name}: schedule {i}, {type(scheduler).__name__}, belongs to another "
                    "optimiser."
                )
        self.schedulers = list(schedulers)
        super().__init__(optimizer)

    def get_lr(self) -> list[float]:
        return self._rates_now()

    def _sets(self) -> tuple[str, ...]:
        return tuple({key: None for s in self.schedulers for key in s._sets()})

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "schedulers": [s.state_dict() for s in self.schedulers]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._check_state(state)
        own = copy.deepcopy(dict(state))
        for scheduler, part in zip(self.schedulers, own.pop("schedulers"), strict=True):
            scheduler.load_state_dict(part)
        self._put_back(own.pop("groups"))
        vars(self).update(own)

    def _check_state(self, state: Mapping[str, Any]) -> None:
        super()._check_state(state)
        name, parts = type(self).__name__, state["schedulers"]
        if len(parts) != len(self.schedulers):
            raise ValueError(
                f"{name}.load_state_dict: the state is of {len(parts)} schedules, and here are "
                f"{len(self.schedulers)}. Nothing was changed."
            )
        for scheduler, part in zip(self.schedulers, parts, strict=True):
            scheduler._check_state(part)


class SequentialLR(_Combined):
    """One schedule after the other: schedule i + 1 begins, from the base rate, at milestone i.

    Args:
        optimizer: the optimiser of all the schedules.
        schedulers: at least one.
        milestones: steps, rising, one fewer than schedules.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
    ) -> None:
        name = "SequentialLR"
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"{name}: between {len(schedulers)} schedules there are {len(schedulers) - 1} "
                f"milestones, not {len(milestones)}."
            )
        self.milestones = [count(name, "a milestone", m) for m in milestones]
        if self.milestones != sorted(set(self.milestones)):
            raise ValueError(f"{name}: milestones rise, and {list(milestones)} do not.")
        super().__init__(optimizer_given(optimizer, name), schedulers)
        self.begin()

    def begin(self, t: int = 0) -> None:
        self.last_epoch = t
        i = bisect_right(self.milestones, t)
        self.schedulers[i].begin(t - self._start(i))
        self._set(self.get_lr())

    def _advance(self) -> None:
        self.last_epoch += 1
        i = bisect_right(self.milestones, self.last_epoch)
        if self.last_epoch == self._start(i):
            self.schedulers[i].begin()
        else:
            self.schedulers[i]._advance()
        self._set(self.get_lr())

    def _start(self, i: int) -> int:
        return self.milestones[i - 1] if i else 0


class ChainedScheduler(_Combined):
    """All schedules at once, each acting on what the one before it has made of the rates.

    Args:
        schedulers: at least one; all but the first must chain, as factors do.
        optimizer: the optimiser of all the schedules; that of the first if None.
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        if optimizer is None and schedulers and isinstance(schedulers[0], LRScheduler):
            optimizer = schedulers[0].optimizer
        super().__init__(optimizer, schedulers)  # type: ignore[arg-type]

    def begin(self, t: int = 0) -> None:
        if t:
            raise ValueError("ChainedScheduler begins at step 0; load its state to go on later.")
        self.last_epoch = 0
        self.schedulers[0].begin()
        for scheduler in self.schedulers[1:]:
            scheduler.last_epoch = 0
            scheduler._set(scheduler.get_lr())
        self._set(self.get_lr())

    def _advance(self) -> None:
        self.last_epoch += 1
        for scheduler in self.schedulers:
            scheduler._advance()
        self._set(self.get_lr())
