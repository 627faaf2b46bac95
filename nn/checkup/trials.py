"""Short trainings of copies, to see whether and how fast the loss falls."""

from __future__ import annotations

import math
import time
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd import Tensor
from nn.checkup.data import spread
from nn.checkup.model_checks import RANDOM
from nn.checkup.patient import Array, Patient, norm
from optim import Adam

MOST_SECONDS = 0.5  # that one trial takes


@dataclass
class Trial:
    """What a short training did.

    Attributes:
        losses: before each step, and after the last.
        moved: the paths of the parameters that changed.
        ratio: how much the first step changed all weights, as ‖Δw‖ / ‖w‖.
        complete: whether there was time to go on to the end.
    """

    losses: list[float] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    ratio: float = 0.0
    complete: bool = True

    @property
    def first(self) -> float:
        """The loss before the first step."""
        return self.losses[0]

    @property
    def last(self) -> float:
        """The loss at the end, the median of the last few; infinite if it ever was."""
        if not all(map(math.isfinite, self.losses)):
            return math.inf
        return float(np.median(self.losses[-5:]))

    @property
    def peak(self) -> float:
        """The highest loss on the way."""
        return max(self.losses) if all(map(math.isfinite, self.losses)) else math.inf

    @property
    def fall(self) -> float:
        """By which part of its first value the loss fell; negative if it rose."""
        return (self.first - self.last) / max(abs(self.first), 1e-12)


def trial(
    patient: Patient,
    steps: int,
    rows: int,
    factor: float = 1.0,
    adam: float | None = None,
    everything_kept: bool = False,
    goal: float = -math.inf,
) -> Trial:
    """Train copies on the same few rows.

    Args:
        patient: whose copies.
        steps: how many, if there is time.
        rows: on how many rows.
        factor: what the optimiser's learning rates are multiplied by.
        adam: the rate of an Adam in the place of the optimiser.
        everything_kept: whether dropout and noise are switched off.
        goal: it ends when the loss is below this.
    """
    model, loss_fn, optimizer = patient.fresh()
    parameters = {path: p for path, p in model.named_parameters() if p.requires_grad}
    if adam is not None or optimizer is None:
        optimizer = Adam(parameters.values(), lr=adam or 1e-3)
    for group in optimizer.param_groups:
        group["lr"] *= factor
    for module in model.modules() if everything_kept else ():
        if isinstance(module, RANDOM):
            module.training = False
    chosen = spread(len(patient.x), rows)
    x, y = patient.x[chosen], patient.y[chosen]
    before = {path: p.data.copy() for path, p in parameters.items()}
    done, until = Trial(), min(time.perf_counter() + MOST_SECONDS, patient.deadline)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # what blows up is the result
        for step in range(steps):
            done.losses.append(_step(model, loss_fn, optimizer, x, y))
            if step == 0:
                done.ratio = _ratio(before, parameters)
            if not math.isfinite(done.losses[-1]) or done.last < goal:
                break
            if time.perf_counter() > until and step >= 1:
                done.complete = False
                break
        else:
            done.losses.append(float(loss_fn(model(Tensor(x)), y).data.item()))
    done.moved = {p for p, old in before.items() if not np.array_equal(old, parameters[p].data)}
    return done


def _step(model: Any, loss_fn: Any, optimizer: Any, x: Array, y: Array) -> float:
    """One step; the loss before it, or infinity where gradients are not finite."""
    seen: list[float] = []

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss: Tensor = loss_fn(model(Tensor(x)), y)
        seen.append(float(loss.data.item()))
        loss.backward()
        return loss

    try:
        optimizer.step(closure)
    except (FloatingPointError, OverflowError):
        return math.inf
    return seen[0]


def _ratio(before: dict[str, Array], now: dict[str, Any]) -> float:
    weights = [path for path, p in now.items() if p.ndim > 1] or list(now)
    moved = norm(np.array([norm(now[path].data - before[path]) for path in weights]))
    return moved / max(norm(np.array([norm(before[path]) for path in weights])), 1e-12)
