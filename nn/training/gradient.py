"""The gradient that a step follows: forward, loss, backward, clipping; and whether it is finite."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import detect_anomaly
from autograd.conditions import require
from autograd.steps import recording_step
from nn.training.arguments import check_loss_result, evaluates_itself, loss_value
from nn.training.batches import Batch
from nn.training.callbacks import State
from nn.training.moments import Moment
from optim.accumulation import accumulate
from optim.clip import clip_grad_norm_, clip_grad_value_
from optim.newton import Newton


class Seen(NamedTuple):
    """A batch as a step saw it, before weights changed.

    While a step is recorded (see `autograd.compile`), the loss is a Tensor.
    """

    prediction: Any
    target: Any
    loss: Any


class Gradient:
    """Computes the mean loss over the batches of a step, and its gradient in the parameters.

    Args:
        state: has the model, the loss and the optimiser.
        before: the moment before the step.
        clip_norm, clip_value: as `fit` takes them.

    Attributes:
        asks: whether the optimiser is to be given this, and asks for it.
        seen: what was predicted for each of the batches, at the first evaluation of this step.
    """

    def __init__(
        self, state: State, before: Moment, clip_norm: float | None, clip_value: float | None
    ) -> None:
        self.model, self.loss, self.optimizer = state.model, state.loss_fn, state.optimizer
        self.before = before
        self.clip_norm, self.clip_value = clip_norm, clip_value
        self.parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        self.asks = evaluates_itself(self.optimizer)
        self.differentiates = isinstance(self.optimizer, Newton)  # itself: backward is not run
        self.batches: Sequence[Batch] = ()
        self.seen: list[Seen] = []

    def begin(self, batches: Sequence[Batch]) -> None:
        """A step with these batches begins."""
        self.batches, self.seen = batches, []

    def begin_like_later_steps(self) -> None:
        """Give all parameters gradients, which a step clears: then one recording serves for all."""
        for parameter in self.parameters:
            if parameter.requires_grad and parameter.grad is None:
                parameter.grad = np.zeros_like(parameter.data)

    def __call__(self) -> Any:
        """The mean loss; parameters have their gradients afterwards.

        Raises FloatingPointError if the loss or a gradient is not finite.
        """
        self.optimizer.zero_grad()
        first = not self.seen
        if len(self.batches) == 1:
            mean = self._loss_of(*self.batches[0], first)
            if not self.differentiates:
                mean.backward()
        else:
            with accumulate(self.parameters) as parts:
                for x, y in self.batches:
                    parts.add(self._loss_of(x, y, first), len(y))
            mean = parts.loss
        if not self.differentiates:
            if first:
                self._look_at_gradients()
            if self.clip_norm is not None:
                clip_grad_norm_(self.parameters, self.clip_norm)
            if self.clip_value is not None:
                clip_grad_value_(self.parameters, self.clip_value)
        return mean

    def _loss_of(self, x: Any, y: Any, first: bool) -> Any:
        prediction = self.model(x)
        loss = self.loss(prediction, y)
        if recording_step.get() is not None:
            check_loss_result(loss, "fit")
            require(np.isfinite(loss.data), "fit: the loss is not finite")
            self.seen.append(Seen(prediction, y, loss))
            return loss
        value = loss_value(loss, "fit")
        # A line search may come to where the loss is infinite, and turns back there.
        if math.isnan(value) or (first and math.isinf(value)):
            raise self._not_finite(f"the loss is {value}")
        if first:
            self.seen.append(Seen(prediction, y, value))
        return loss

    def _look_at_gradients(self) -> None:
        if recording_step.get() is not None:
            for one in self.parameters:
                if one.grad is not None:
                    require(np.isfinite(one.grad.data).all(), "fit: a gradient is not finite")
            return
        if self.optimizer.gradients_are_finite():
            return
        for parameter in self.parameters:
            if parameter.grad is not None and not np.isfinite(parameter.grad.data).all():
                name = parameter.name or "a parameter"
                raise self._not_finite(f"the loss is finite, but the gradient of {name} is not")

    def _not_finite(self, what: str) -> FloatingPointError:
        """The error that says where it began: the batches are run again, under observation."""
        self.before.come_back()
        try:
            self.optimizer.zero_grad()
            with detect_anomaly():
                for x, y in self.batches:
                    loss = self.loss(self.model(x), y)
                    if not self.differentiates:
                        loss.backward()
        except FloatingPointError as error:
            found = str(error).replace("\n", "\n  ")
        except Exception as error:  # such as a write into what detect_anomaly locks
            found = (
                f"not known: run again under autograd.detect_anomaly(), it failed with {error!r}"
            )
        else:
            found = "not known: run again under autograd.detect_anomaly(), everything was finite"
        self.optimizer.zero_grad()
        return FloatingPointError(
            f"fit: {what}. No weight was changed by this batch.\nWhere it began:\n  {found}"
        )
