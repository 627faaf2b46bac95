"""What all learning-rate schedules share: base rates, the count of steps, saving and resuming."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from autograd.steps import recording_step
from autograd.versions import tick, written_since
from optim.lr_scheduler.recorded import record_step
from optim.optimizer import Optimizer


class LRScheduler:
    """Base of all schedules: sets the learning rate of each of an optimiser's groups.

    A schedule sets the rates for the first steps when it is made, and new ones at each `step()`,
    which is called after `optimizer.step()`, once per epoch or once per batch, as its numbers mean.

    A subclass defines `get_lr`. Schedules that are a factor derive from `FactorLR`.

    Args:
        optimizer: the optimiser whose rates are set. Its groups may have different ones; the rate
            that each has when its first schedule is made is its base rate, kept in the group as
            "initial_lr".
        last_epoch: −1 to begin; k to go on after k + 1 steps of a run whose optimiser, with
            "initial_lr" in its groups, was loaded. `load_state_dict` does the same more simply.

    Attributes:
        base_lrs: the base rate of each group.
        last_epoch: how many steps the schedule has made.

    Raises:
        TypeError: there is no optimiser, or an argument is of the wrong kind.
        ValueError: an argument is out of range.
    """

    unsaved: ClassVar[tuple[str, ...]] = ("optimizer", "_made")
    preview: ClassVar[str] = (  # how to see the rates without training; "" if one cannot
        " To look at the rates only: optim.lr_scheduler.curve(schedule, steps)."
    )

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = optimizer_given(optimizer, type(self).__name__)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueError(
                    f"{type(self).__name__}: last_epoch={last_epoch} goes on with an earlier run, "
                    f"but group {i} of the optimiser has no initial_lr. Load the optimiser's state "
                    "first; or leave last_epoch out, and load the schedule's state."
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch + 1
        self._made: int | None = tick()  # on the clock of writes; None when it cannot be known
        if last_epoch == -1:
            self._set(self.get_lr())
        else:
            self.begin(self.last_epoch)

    def get_lr(self) -> list[float]:
        """The rate of each group at step `last_epoch`; the groups still have those before it."""
        raise NotImplementedError(
            f"{type(self).__name__} has no get_lr. Say what the rates are at step self.last_epoch, "
            "one for each group:\n"
            "    def get_lr(self):\n"
            "        return [base / (1 + self.last_epoch) for base in self.base_lrs]"
        )

    def begin(self, t: int = 0) -> None:
        """Be at step `t`, counted from 0, whatever the rates are now."""
        self.last_epoch = t
        self._set(self.get_lr())

    def step(self) -> None:
        """Set the rates of the next step, or epoch; to be called after optimizer.step().

        Raises:
            RuntimeError: the optimiser has not made a step since the schedule was made. Within
            `autograd.compile`: TracingError, if the optimiser's step does not come before.
            ValueError: a group was added to the optimiser since then.
        """
        recorder = recording_step.get()
        if recorder is not None:
            record_step(self, recorder)
            return
        self._check_step()
        self._advance()

    def get_last_lr(self) -> list[float]:
        """The rate of each group as the schedule last set it."""
        self._refuse_to_record("get_last_lr() reads rates", "call it after the compiled step")
        return list(self._last_lr)

    # Saving and resuming

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on exactly here, settings included; functions are not.

        With it go the rates as they are now ("groups"), so that it does not matter whether the
        schedule or the optimiser is loaded first.
        """
        state = {key: value for key, value in vars(self).items() if key not in self.unsaved}
        state["groups"] = [{key: g[key] for key in self._sets()} for g in self._groups()]
        return copy.deepcopy(state)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state`, as `state_dict` gives it, was taken.

        Raises:
            ValueError: it is the state of another kind of schedule, or for another number of
                groups; nothing is changed.
        """
        self._check_state(state)
        own = copy.deepcopy(dict(state))
        self._put_back(own.pop("groups"))
        vars(self).update(own)

    def _check_state(self, state: Mapping[str, Any]) -> None:
        name, own = type(self).__name__, self.state_dict()
        if not isinstance(state, Mapping) or state.keys() != own.keys():
            given = ", ".join(state) if isinstance(state, Mapping) else type(state).__name__
            raise ValueError(
                f"{name}.load_state_dict: this is not the state of a {name}, which has "
                f"{', '.join(own)}; it has {given}. Nothing was changed."
            )
        if len(state["groups"]) != len(own["groups"]):
            raise ValueError(
                f"{name}.load_state_dict: the state is for {len(state['groups'])} groups, and the "
                f"optimiser has {len(own['groups'])}. Nothing was changed."
            )

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_made": None}  # a copy does not know what happened before

    # Inside

    def __autograd_parts__(self) -> list[Optimizer]:
        """What a compiled step sees of it; it watches over the rest itself."""
        return [self.optimizer]

    def _refuse_to_record(self, what: str, fix: str) -> None:
        """Raise TracingError while a step is recorded."""
        recorder = recording_step.get()
        if recorder is not None:
            name = type(self).__name__
            recorder.refuse(f"{name}.{what}, plain numbers that stay as they are now", fix)

    def _groups(self) -> list[dict[str, Any]]:
        return self.optimizer.param_groups

    def _rates_now(self) -> list[float]:
        return [group["lr"] for group in self._groups()]

    def _sets(self) -> tuple[str, ...]:
        """The hyper-parameters that the schedule sets."""
        return ("lr",)

    def _put_back(self, values: list[dict[str, Any]]) -> None:
        """Give the groups what they had; a pair that went through a file is a list."""
        for group, own in zip(self._groups(), values, strict=True):
            group.update({k: tuple(v) if isinstance(v, list) else v for k, v in own.items()})

    def _advance(self) -> None:
        self.last_epoch += 1
        self._set(self.get_lr())

    def _set(self, rates: Sequence[float]) -> None:
        for group, rate in zip(self._groups(), rates, strict=True):
            group["lr"] = rate
        self._last_lr = list(rates)

    def _check_step(self) -> None:
        self._check_groups()
        if self.last_epoch == 0 and self._made is not None:
            parameters = [p for group in self._groups() for p in group["params"]]
            if not any(written_since(p.data, self._made) for p in parameters):
                raise RuntimeError(
                    f"{type(self).__name__}.step() before optimizer.step(): the optimiser has "
                    "changed no parameter since the schedule was made, so the first rate would "
                    "never be used. Train first, then step: optimizer.step(); schedule.step()."
                    f"{self.preview}"
                )

    def _check_groups(self) -> None:
        name = type(self).__name__
        if len(self._groups()) != len(self.base_lrs):
            raise ValueError(
                f"{name}.step(): the schedule was made for {len(self.base_lrs)} groups, and the "
                f"optimiser now has {len(self._groups())}. Add groups before the schedule is made, "
                "or make a new schedule."
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(last_epoch={self.last_epoch}, lr={self._last_lr})"


class FactorLR(LRScheduler):
    """A schedule that is a factor: rate = floor + (base rate − floor) · factor(t).

    Such schedules chain: where the rate is not what this one alone would have made it, because
    another schedule or the user acts on it too, it is multiplied by factor(t) / factor(t − 1).
    """

    floor = 0.0

    def factor(self, t: int) -> float:
        """The factor at step `t`, counted from 0."""
        raise NotImplementedError

    def get_lr(self) -> list[float]:
        t = self.last_epoch
        new, old = self.factor(t), 1.0 if t == 0 else self.factor(t - 1)
        rates = []
        for base, rate in zip(self.base_lrs, self._rates_now(), strict=True):
            height = base - self.floor
            if rate == self.floor + height * old:
                rates.append(self.floor + height * new)
            elif old == 0:  # nothing is left to multiply
                rates.append(rate + height * new)
            else:
                rates.append(self.floor + (rate - self.floor) * (new / old))
        return rates

    def begin(self, t: int = 0) -> None:
        self.last_epoch = t
        factor = self.factor(t)
        self._set([self.floor + (base - self.floor) * factor for base in self.base_lrs])


# Arguments


def optimizer_given(optimizer: Any, name: str) -> Optimizer:
    """`optimizer`, if it is one. Raises TypeError otherwise."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"{name} takes the optimiser whose rate it sets, as its first argument: "
            f"{name}(optimizer, …). This is {type(optimizer).__name__}."
        )
    return optimizer


def number(name: str, key: str, value: Any, low: float = 0.0, high: float = math.inf) -> float:
    """`value`, if it is a finite number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name}: {key} is a number, not {value!r}.")
    if not low <= value <= high or math.isinf(value):
        limits = f"at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"
        raise ValueError(f"{name}: {key} is {limits} and finite, not {value}.")
    return value


def count(name: str, key: str, value: Any, low: int = 1) -> int:
    """`value`, if it is a whole number of at least `low`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: {key} is a whole number, not {value!r}.")
    if value < low:
        raise ValueError(f"{name}: {key} is at least {low}, not {value}.")
    return value


def one_of(name: str, key: str, value: str, *known: str) -> str:
    """`value`, if it is one of the known words. Raises ValueError otherwise."""
    if value not in known:
        words = " or ".join(f'"{word}"' for word in known)
        raise ValueError(f"{name}: {key} is {words}, not {value!r}.")
    return value


def for_each_group(name: str, key: str, value: Any, groups: Sequence[Any]) -> list[float]:
    """`value` for each group: the same number for all, or one each."""
    values = list(value) if isinstance(value, list | tuple) else [value] * len(groups)
    if len(values) != len(groups):
        raise ValueError(
            f"{name}: {key} has {len(values)} values, and the optimiser has {len(groups)} groups; "
            "give one for each, or one number for all."
        )
    return [number(name, key, v) for v in values]


def functions_for(name: str, given: Any, groups: Sequence[Any]) -> list[Callable[[int], float]]:
    """A function of the step for each group: the same for all, or one each."""
    functions = list(given) if isinstance(given, list | tuple) else [given] * len(groups)
    if not all(map(callable, functions)):
        raise TypeError(
            f"{name}: lr_lambda is a function of the step's number, such as lambda t: 0.95**t, or "
            f"a list of them, one for each group; not {given!r}."
        )
    if len(functions) != len(groups):
        raise ValueError(
            f"{name}: lr_lambda has {len(functions)} functions, and the optimiser has "
            f"{len(groups)} groups; give one for each, or one for all."
        )
    return functions
