"""One step of an optimiser: forward, loss, backward, update; or none at all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, detect_anomaly
from autograd.random import take, taking
from nn.module import Module
from nn.training.arguments import generators, loss_value
from nn.training.batches import Batch
from nn.training.callbacks import State
from nn.training.interrupts import Interrupts
from optim.accumulation import accumulate
from optim.clip import clip_grad_norm_, clip_grad_value_
from optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from optim.newton import Newton
from optim.optimizer import Optimizer


class Seen(NamedTuple):
    """A batch as a step saw it, before weights changed."""

    prediction: Any
    target: Any
    loss: float


class Step:
    """Lets an optimiser follow the gradient of the mean loss over one batch, or several.

    Whatever goes wrong in a step, the model is afterwards as it was before it: weights, buffers
    (such as running statistics), and the random generators that its modules draw from.

    Args:
        state: where the training is; steps are noted there.
        interrupts: held while weights change, until that is noted.
        schedule: one that goes on with each step, if there is one.
        clip_norm, clip_value: as `fit` takes them.

    Attributes:
        rate: the learning rate of the last step, of the first group.
    """

    def __init__(
        self,
        state: State,
        interrupts: Interrupts,
        schedule: LRScheduler | None,
        clip_norm: float | None,
        clip_value: float | None,
    ) -> None:
        self.state, self.interrupts, self.schedule = state, interrupts, schedule
        self.model, self.loss, self.optimizer = state.model, state.loss_fn, state.optimizer
        self.clip_norm, self.clip_value = clip_norm, clip_value
        self.parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        # Newton, L-BFGS and Nesterov ask for the loss themselves, where and as often as they want.
        self.asks = type(self.optimizer).step is not Optimizer.step
        self.differentiates = isinstance(self.optimizer, Newton)  # itself: backward is not run
        self.before = Moment(self.model, self.loss)
        self.batches: Sequence[Batch] = ()  # those of this step
        self.seen: list[Seen] = []
        self.rate = math.nan

    def __call__(self, batches: Sequence[Batch]) -> list[Seen]:
        """Make a step; returns what was predicted for each of the batches before it.

        Raises FloatingPointError if the loss or a gradient is not finite.
        """
        self.before.note()
        self.batches, self.seen = batches, []
        token = taking.set(self.before.take)
        try:
            if self.asks:
                self.optimizer.step(self._evaluate)
            else:
                self._evaluate()
                self.optimizer.step()
        except BaseException:
            self.interrupts.hold()
            self.before.come_back()
            self.interrupts.release()
            raise
        finally:
            taking.reset(token)
        self._note()
        self.interrupts.release()
        return self.seen

    def _note(self) -> None:
        state = self.state
        state.step += 1
        state.loss = self.seen[0].loss
        if len(self.seen) > 1:
            state.loss = float(
                np.average(
                    [one.loss for one in self.seen], weights=[len(one.target) for one in self.seen]
                )
            )
        state.history.step_losses.append(state.loss)
        self.rate = self.optimizer.param_groups[0]["lr"]
        if self.schedule is not None:
            self.schedule.step()

    def end_epoch(self, numbers: Mapping[str, float]) -> None:
        """Note the numbers of an epoch, and have a schedule of epochs go on; both or neither."""
        self.interrupts.hold()
        schedule = self.state.schedule
        if isinstance(schedule, ReduceLROnPlateau):
            schedule.step(numbers["val_loss"])
        elif schedule is not None and self.schedule is None:
            schedule.step()
        self.state.history.add(numbers)
        self.interrupts.release()

    def _evaluate(self) -> Any:
        """The mean loss, and its gradient in the parameters."""
        self.interrupts.release()
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
        self.interrupts.hold()
        return mean

    def _loss_of(self, x: Any, y: Any, first: bool) -> Any:
        prediction = self.model(x)
        loss = self.loss(prediction, y)
        value = loss_value(loss, "fit")
        # A line search may come to where the loss is infinite, and turns back there.
        if math.isnan(value) or (first and math.isinf(value)):
            raise self._not_finite(f"the loss is {value}")
        if first:
            self.seen.append(Seen(prediction, y, value))
        return loss

    def _look_at_gradients(self) -> None:
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


class Moment:
    """What a forward pass changes: buffers, and the generators that it draws from."""

    def __init__(self, model: Module, loss: Any) -> None:
        holders = [one for one in (model, loss) if isinstance(one, Module)]
        self.buffers: list[Tensor] = [b for one in holders for b in one.buffers()]
        self.own = [generator for _, generator in generators(model, loss)]
        self.note()

    def note(self) -> None:
        """Remember how they are now."""
        self.values = [buffer.data.copy() for buffer in self.buffers]
        self.states = {source: source.bit_generator.state for source in self.own}

    def take(self, generator: np.random.Generator, *what: Any) -> Any:
        """To be put in the place of `autograd.random.take`: notes a generator before it is used."""
        if generator not in self.states:
            self.states[generator] = generator.bit_generator.state
        return take(generator, *what)

    def come_back(self) -> None:
        """Make them what they were."""
        for buffer, value in zip(self.buffers, self.values, strict=True):
            buffer.copy_(value)
        for source, state in self.states.items():
            source.bit_generator.state = state
