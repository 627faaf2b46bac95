"""One step of an optimiser: forward, loss, backward, update; or none at all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.tracing.errors import TracingError
from nn.training.batches import Batch
from nn.training.callbacks import State
from nn.training.gradient import Gradient, Seen
from nn.training.interrupts import Interrupts
from nn.training.replays import Replays
from optim.lr_scheduler import LRScheduler, ReduceLROnPlateau


class Step:
    """Lets an optimiser follow the gradient of the mean loss over one batch, or several.

    Whatever goes wrong in a step, the model is afterwards as it was before it: weights, buffers
    (such as running statistics), and the random generators that its modules draw from.

    Args:
        state: where the training is; steps are noted there.
        interrupts: held while weights change, until that is noted.
        schedule: one that goes on with each step, if there is one.
        gradient: what is followed.
        replays: make steps where they can.

    Attributes:
        rate: the learning rate of the last step, of the first group.
    """

    def __init__(
        self,
        state: State,
        interrupts: Interrupts,
        schedule: LRScheduler | None,
        gradient: Gradient,
        replays: Replays,
    ) -> None:
        self.state, self.interrupts, self.schedule = state, interrupts, schedule
        self.gradient, self.replays, self.before = gradient, replays, gradient.before
        self.rate = math.nan

    def __call__(self, batches: Sequence[Batch]) -> list[Seen]:
        """Make a step; returns what was predicted for each of the batches before it.

        Raises FloatingPointError if the loss or a gradient is not finite.
        """
        self.before.note()
        try:
            seen = self._replayed(batches) if self.replays.are_due(batches) else None
            if seen is None:
                seen = self._made(batches)
        except BaseException:
            self.interrupts.hold()
            self.before.come_back()
            self.interrupts.release()
            raise
        self._note(seen)
        self.interrupts.release()
        return seen

    def _replayed(self, batches: Sequence[Batch]) -> list[Seen] | None:
        """Make a step all at once, for whose end Ctrl-C waits; None if it was not made."""
        self.interrupts.hold()
        try:
            return self.replays.make(batches)
        except TracingError as error:
            self.replays.stop(error)
        except Exception:
            self.before.come_back()  # the step that is made instead says what is wrong
        self.interrupts.release()
        return None

    def _made(self, batches: Sequence[Batch]) -> list[Seen]:
        """Make a step."""
        gradient, optimizer = self.gradient, self.gradient.optimizer
        gradient.begin(batches)
        with self.before:
            if gradient.asks:
                optimizer.step(self._evaluate)
            else:
                gradient()
                self.interrupts.hold()
                optimizer.step()
        return gradient.seen

    def _evaluate(self) -> Any:
        """What an optimiser asks that evaluates the loss itself."""
        self.interrupts.release()
        mean = self.gradient()
        self.interrupts.hold()
        return mean

    def _note(self, seen: Sequence[Seen]) -> None:
        state = self.state
        state.step += 1
        state.loss = seen[0].loss
        if len(seen) > 1:
            state.loss = float(
                np.average([one.loss for one in seen], weights=[len(one.target) for one in seen])
            )
        state.history.step_losses.append(state.loss)
        self.rate = self.gradient.optimizer.param_groups[0]["lr"]
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
