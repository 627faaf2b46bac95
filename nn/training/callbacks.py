"""Being told of a training as it goes: what callbacks are, and early stopping."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, ClassVar

from nn.checks import whole_number
from nn.module import Module
from nn.training.batches import Batch
from nn.training.history import History
from optim.lr_scheduler import LRScheduler
from optim.optimizer import Optimizer


@dataclass
class State:
    """Where a training is.

    Attributes:
        model, loss_fn, optimizer, schedule: what `fit` was given.
        batches: the training data, as batches.
        epochs: how many epochs there will be.
        names: what there will be in the history for each epoch, and so what can be monitored.
        callbacks: all of them, in the order in which they are called.
        history: of all epochs that are finished.
        epoch: the number of the epoch that is running or was last, from 1; 0 before the first.
        step: how many steps the optimiser has made in all.
        batch: (x, y), the batch that is next or was last; with accumulation the last of several.
        loss: the loss of the last step, before it.
        error: what ended the training, if it was an error.
    """

    model: Module
    loss_fn: Callable[[Any, Any], Any]
    optimizer: Optimizer
    schedule: LRScheduler | None
    batches: Iterable[Any]
    epochs: int
    names: list[str]
    callbacks: list[Callback] = field(default_factory=list)
    history: History = field(default_factory=History)
    epoch: int = 0
    step: int = 0
    batch: Batch | None = None
    loss: float = math.nan
    error: BaseException | None = None

    def stop(self, why: str) -> None:
        """Have the training end when this epoch's callbacks were called."""
        self.history.stopped = why


class Callback:
    """Something that is told of a training as it goes: a subclass says of what.

    Example:
        class ShowRate(Callback):
            def on_epoch_end(self, state):
                print(state.epoch, state.history["lr"][-1])

        nn.fit(…, callbacks=[ShowRate()])

    Each method is given the same `State`, and may change what it finds there. `state_dict` and
    `load_state_dict` are what a `Checkpoint` saves and brings back.

    Raises:
        TypeError: when a subclass is defined with an on_… method that nobody would call.
    """

    last: ClassVar[bool] = False  # whether it is called after those that are not

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        for name in vars(cls):
            if name.startswith("on_") and name not in EVENTS:
                near = get_close_matches(name, EVENTS, n=1)
                fix = f" Is {near[0]} meant?" if near else ""
                raise TypeError(
                    f"{cls.__name__}.{name} would never be called; there are {', '.join(EVENTS)}."
                    f"{fix}"
                )

    def on_fit_begin(self, state: State) -> None:
        """Training begins, or goes on where a checkpoint was made."""

    def on_epoch_begin(self, state: State) -> None:
        """An epoch begins; the model is in training mode."""

    def on_batch_begin(self, state: State) -> None:
        """A step is about to be made with `state.batch`."""

    def on_batch_end(self, state: State) -> None:
        """The optimiser has made a step; the gradients are still there."""

    def on_epoch_end(self, state: State) -> None:
        """An epoch is over, validation and schedule included; its numbers are in the history."""

    def on_fit_end(self, state: State) -> None:
        """Training is over, whatever ended it."""

    def state_dict(self) -> dict[str, Any]:
        """What is to be saved: numbers, text, arrays, and lists and dicts of them."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from `state`, as `state_dict` gave it."""


EVENTS = [name for name in vars(Callback) if name.startswith("on_")]


class Told:
    """The callbacks that want to be told of each event.

    Raises TypeError for what is no callback.
    """

    def __init__(self, callbacks: Any, state: State) -> None:
        given = [callbacks] if isinstance(callbacks, Callback) else callbacks
        if not isinstance(given, Iterable):
            raise TypeError(f"fit: callbacks is a list of them, not {given!r}.")
        given = list(given)
        for one in given:
            if not isinstance(one, Callback):
                what = type(one).__name__
                if isinstance(one, type):
                    what = f"the class {one.__name__}; make one: {one.__name__}(…)"
                raise TypeError(f"fit: callbacks are of class Callback; this is {what}.")
        state.callbacks = sorted(given, key=lambda one: one.last)
        self.state = state
        self._wanting = {
            event: [
                getattr(one, event)
                for one in state.callbacks
                if getattr(type(one), event) is not getattr(Callback, event)
            ]
            for event in EVENTS
        }

    def of(self, event: str) -> None:
        """Call all who want to know of it."""
        for told in self._wanting[event]:
            told(self.state)

    def of_the_end(self) -> None:
        """Call on_fit_end of all, also if one of them raises."""
        with ExitStack() as calls:
            for told in reversed(self._wanting["on_fit_end"]):
                calls.callback(told, self.state)


class Monitor:
    """The number that is watched, and the best it was.

    Args:
        who: in whose name errors are raised.
        name: of the number, as in the history.
        mode: "min" if lower is better, "max" if higher is; None for a loss.
        min_delta: by how much better is better.

    Raises:
        TypeError, ValueError: the mode is to be said, or is none; min_delta is negative.
    """

    def __init__(self, who: str, name: str, mode: str | None, min_delta: float = 0.0) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{who}: monitor is a name, such as 'val_loss', not {name!r}.")
        if mode is None and not name.endswith("loss"):
            raise ValueError(
                f"{who}: is {name!r} better when it is high or when it is low? Say mode='max' or "
                "mode='min'."
            )
        if mode not in (None, "min", "max"):
            raise ValueError(f"{who}: mode is 'min' or 'max', not {mode!r}.")
        if isinstance(min_delta, bool) or not min_delta >= 0:
            raise ValueError(f"{who}: min_delta is a number of at least 0, not {min_delta!r}.")
        self.who, self.name, self.min_delta = who, name, min_delta
        self.sign = -1.0 if mode == "max" else 1.0
        self.begin()

    def begin(self) -> None:
        """Nothing was seen yet."""
        self.best = math.inf * self.sign

    def check(self, state: State) -> None:
        """Raise ValueError if there is no such number in this training."""
        if self.name in state.names:
            return
        if self.name.startswith("val_") and self.name.removeprefix("val_") in state.names:
            raise ValueError(
                f"{self.who}: {self.name!r} is watched, and there is no validation data. Give "
                f"validation=(x, y), or watch {self.name.removeprefix('val_')!r}."
            )
        raise ValueError(
            f"{self.who}: there is no {self.name!r} to watch. There will be "
            f"{', '.join(state.names)}."
        )

    def better(self, state: State) -> bool:
        """Whether this epoch's number is better than all before, which it then is the best of."""
        value = state.history[self.name][-1]
        found = self.sign * value < self.sign * self.best - self.min_delta
        if found:
            self.best = value
        return found


class EarlyStopping(Callback):
    """Ends training when a number has not got better for a while.

    Args:
        monitor: its name in the history.
        patience: training ends when the best epoch is this many epochs ago, at least 1.
        min_delta: by how much better is better, at least 0.
        mode: "min" if lower is better, "max" if higher is; for a loss it is "min" by itself.
        restore_best: whether the model has the weights of the best epoch afterwards, however
            training ends but for an error.

    Attributes:
        best: the best value so far; best_epoch: when it was.

    Raises:
        TypeError, ValueError: an argument is of the wrong kind; at the start of training, there is
            no such number.

    Source: Prechelt, "Early stopping, but when?", in: Neural Networks: Tricks of the Trade, 1998.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 10,
        min_delta: float = 0.0,
        mode: str | None = None,
        restore_best: bool = True,
    ) -> None:
        self._monitor = Monitor("EarlyStopping", monitor, mode, min_delta)
        self.patience = whole_number(patience, "EarlyStopping", "patience")
        self.restore_best = restore_best
        self._forget()

    def _forget(self) -> None:
        self.best_epoch = 0
        self._weights: dict[str, Any] | None = None

    @property
    def best(self) -> float:
        """The best value so far."""
        return self._monitor.best

    def on_fit_begin(self, state: State) -> None:
        self._monitor.check(state)
        if state.epoch == 0:  # another training than the last
            self._monitor.begin()
            self._forget()
        self._stop_if_due(state)

    def on_epoch_end(self, state: State) -> None:
        if self._monitor.better(state):
            self.best_epoch = state.epoch
            self._weights = state.model.state_dict() if self.restore_best else None
        self._stop_if_due(state)

    def on_fit_end(self, state: State) -> None:
        if self._weights is not None and state.error is None:
            state.model.load_state_dict(self._weights)

    def _stop_if_due(self, state: State) -> None:
        since = state.epoch - self.best_epoch
        if since >= self.patience:
            state.stop(
                f"{self._monitor.name} has not got better than {self.best:.4g} for {since} epochs "
                f"(best in epoch {self.best_epoch})"
            )

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "best_epoch": self.best_epoch, "weights": self._weights}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._monitor.best = state["best"]
        self.best_epoch, self._weights = state["best_epoch"], state["weights"]
