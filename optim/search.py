"""The search for a learning rate: train for a moment with ever larger ones, and look.

Everything is tried out on copies, and random generators are put back, so that model, optimiser and
random numbers are afterwards as if it had never happened, whatever happens meanwhile.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FunctionType, GeneratorType, MethodType
from typing import Any

import numpy as np

import autograd.random
from autograd import Tensor
from optim.averaging import ExponentiallyWeightedAverage
from optim.optimizer import Optimizer

Array = np.ndarray[Any, Any]

SMOOTHING = 0.9  # β of the average that is drawn and judged
BLOWN_UP = 3.0  # the search ends when the average is above the best by this many times that


@dataclass(frozen=True)
class RateSearch:
    """What a search for a learning rate saw.

    Attributes:
        rates: the learning rates tried, rising, of shape (n,).
        losses: the loss of the batch that each was tried on, of shape (n,).
        smooth: their exponentially weighted average with bias correction, of shape (n,).
        stopped: why the search ended.
    """

    rates: Array
    losses: Array
    smooth: Array
    stopped: str

    @property
    def suggestion(self) -> float | None:
        """A tenth of the rate at which the average is lowest; None if it never falls.

        There the loss falls about fastest, and the noise of batches matters little. It is where to
        begin: look at the plot.
        """
        lowest = int(np.argmin(self.smooth))
        return float(self.rates[lowest]) / 10 if lowest else None

    def plot(self, ax: Any = None) -> Any:
        """Draw the loss over the rate, with the suggestion; returns the matplotlib axes."""
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.subplots(figsize=(6, 3.5), layout="constrained")[1]
        ink = ax.xaxis.label.get_color()  # which light and dark pages have their own of
        ax.plot(self.rates, self.losses, ".", color="0.6", label="loss of each batch")
        ax.plot(self.rates, self.smooth, color=ink, label="average")
        if self.suggestion is not None:
            text = f"suggestion {self.suggestion:.2g}"
            ax.axvline(self.suggestion, color="tab:blue", linestyle="--", label=text)
        room = 0.2 * float(np.ptp(self.smooth)) or 1.0
        ax.set_ylim(self.losses.min() - room, self.smooth.max() + room)
        ax.set(xscale="log", xlabel="learning rate", ylabel="loss", title=self.stopped)
        ax.legend()
        return ax


def find_lr(
    model: Any,
    optimizer: Optimizer,
    loss_fn: Callable[[Any, Any], Tensor],
    batches: Iterable[tuple[Any, Any]],
    start: float = 1e-7,
    end: float = 10.0,
    steps: int = 100,
) -> RateSearch:
    """Train a copy of the model for `steps` batches while the learning rate grows exponentially.

    It ends early when the loss blows up. Of several groups, that with the largest rate has the rate
    that is tried, and the others keep their proportion to it. Model, optimiser and the generators
    of random numbers (the project's, NumPy's and Python's own, those that the model, the loss and
    the batches hold) are not changed, also when it is interrupted. Source: Smith, "Cyclical
    learning rates for training neural networks", WACV 2017, section 3.3 (first as a report, 2015).

    Args:
        model: a module, of which a copy is trained.
        optimizer: an optimiser of the model's parameters.
        loss_fn: a function of model(x) and y that gives the loss of a batch.
        batches: pairs (x, y); they are gone through again and again if need be.
        start, end: the smallest and the largest rate, above 0.
        steps: how many rates are tried, at least 2.

    Raises:
        TypeError: the model cannot be copied, the optimiser is none, or a batch is no pair.
        ValueError: there are no batches, or start, end or steps are out of range.
        RuntimeError: the loss is not finite before anything was learned; the optimiser is not for
            this model's parameters; or the loss function uses the model itself, which is not the
            copy that is trained.
    """
    _check(model, optimizer, start, end, steps)
    with random_numbers_kept(model, loss_fn, batches), _gradients_kept(optimizer) as originals:
        trained, rule, loss_of = copy.deepcopy((model, optimizer, loss_fn))
        if hasattr(trained, "train"):
            trained.train()
        highest = max(group["lr"] for group in rule.param_groups) or 1.0
        shares = [group["lr"] / highest or 1.0 for group in rule.param_groups]
        average = ExponentiallyWeightedAverage(SMOOTHING)
        rates: list[float] = []
        losses: list[float] = []
        smooth: list[float] = []
        stopped = f"all {steps} rates tried"
        for rate, (x, y) in zip(np.geomspace(start, end, steps), _endless(batches), strict=False):
            for group, share in zip(rule.param_groups, shares, strict=True):
                group["lr"] = float(rate) * share
            loss = _train(trained, rule, loss_of, x, y, None if losses else originals)
            if not math.isfinite(loss):
                stopped = f"the loss was no longer finite at {rate:.2g}"
                break
            rates.append(rate)
            losses.append(loss)
            smooth.append(average.update(loss))
            if smooth[-1] - min(smooth) > BLOWN_UP * abs(min(smooth)):
                stopped = f"the loss blew up at {rate:.2g}"
                break
    return RateSearch(np.array(rates), np.array(losses), np.array(smooth), stopped)


def _train(
    model: Any, rule: Optimizer, loss_fn: Any, x: Any, y: Any, originals: list[Tensor] | None
) -> float:
    """One step, at the first with checks; returns the loss before it."""
    first: list[float] = []

    def closure() -> Tensor:
        rule.zero_grad()
        loss: Tensor = loss_fn(model(x), y)
        first.append(float(loss.data))
        loss.backward()
        if originals is not None:
            _check_first(rule, originals, first[0])
        return loss

    with np.errstate(all="ignore"):  # what blows up is the result, and not a surprise
        try:
            rule.step(closure)
        except (FloatingPointError, OverflowError):  # gradients that are not finite
            return math.inf
    return first[0]


def _endless(batches: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    empty = True
    for batch in itertools.cycle(batches):
        empty = False
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise TypeError(
                "find_lr: batches are pairs (x, y), such as nn.data.DataLoader(x, y, "
                f"batch_size=64) gives; this is {type(batch).__name__}."
            )
        yield batch[0], batch[1]
    if empty:
        raise ValueError(
            "find_lr: there are no batches. A generator is used up after one pass; make it anew."
        )


# Nothing is changed


@contextlib.contextmanager
def _gradients_kept(optimizer: Optimizer) -> Iterator[list[Tensor]]:
    """The parameters, without gradients within, and with those they had afterwards."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    gradients = [p.grad for p in parameters]
    try:
        for parameter in parameters:
            parameter.grad = None
        yield parameters
    finally:
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient


@contextlib.contextmanager
def random_numbers_kept(*things: Any) -> Iterator[None]:
    """Afterwards all generators are where they were: global ones, and those that `things` hold."""
    own = autograd.random._generator
    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002
    held = [*_generators(things), *([own] if own is not None else [])]
    states = [copy.deepcopy(generator.bit_generator.state) for generator in held]
    try:
        yield
    finally:
        autograd.random._generator = own
        for generator, state in zip(held, states, strict=True):
            generator.bit_generator.state = state
        random.setstate(python)
        np.random.set_state(legacy)  # noqa: NPY002


def _generators(things: Any) -> Iterator[np.random.Generator]:
    """All NumPy generators to be reached from `things`, each once."""
    seen: dict[int, Any] = {}
    todo = [things]
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, Tensor | np.ndarray | str | bytes | type):
            continue
        seen[id(thing)] = thing  # kept, so that no id is given to something else
        if isinstance(thing, np.random.Generator):
            yield thing
        else:
            todo.extend(_held_by(thing))


def _held_by(thing: Any) -> Iterable[Any]:
    if isinstance(thing, dict):
        return list(thing.values())
    if isinstance(thing, list | tuple | set | frozenset):
        return list(thing)
    if isinstance(thing, FunctionType):
        held = [*(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values()]
        for cell in thing.__closure__ or ():
            with contextlib.suppress(ValueError):  # a name that is not bound yet
                held.append(cell.cell_contents)
        return held
    if isinstance(thing, MethodType):
        return [thing.__self__]
    if isinstance(thing, GeneratorType):
        return list(thing.gi_frame.f_locals.values()) if thing.gi_frame else []
    return list(getattr(thing, "__dict__", {}).values())


def _check(model: Any, optimizer: Any, start: float, end: float, steps: int) -> None:
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            "find_lr takes find_lr(model, optimizer, loss_fn, batches); the second is "
            f"{type(optimizer).__name__}, not an optimiser."
        )
    if isinstance(model, FunctionType | MethodType) or not callable(model):
        raise TypeError(
            f"find_lr trains a copy of the model, and a {type(model).__name__} is not copied with "
            "its parameters. Give the module itself."
        )
    if not 0 < start < end < math.inf:
        raise ValueError(f"find_lr: 0 < start < end must hold; they are {start} and {end}.")
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 2:
        raise ValueError(f"find_lr: steps is a whole number of at least 2, not {steps!r}.")


def _check_first(rule: Optimizer, originals: list[Tensor], loss: float) -> None:
    if not math.isfinite(loss):
        raise RuntimeError(
            f"find_lr: the loss of the first batch is {loss}, at the smallest rate. Is there a NaN "
            "in the data, or does the loss take a logarithm of 0?"
        )
    if any(p.grad is not None for p in originals):
        raise RuntimeError(
            "find_lr: the loss function uses the model's own parameters. A copy is trained, so it "
            "must use what it is given, model(x) and y, only; leave a penalty out for the search, "
            "or use the optimiser's weight_decay."
        )
    if all(p.grad is None for group in rule.param_groups for p in group["params"]):
        raise RuntimeError(
            "find_lr: no parameter of the optimiser got a gradient. Was it made for another model, "
            "or is everything frozen?"
        )
