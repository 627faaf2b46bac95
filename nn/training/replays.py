"""Steps that are recorded once and then replayed (see `autograd.compile`), where that can be."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.compiling import compile
from autograd.compiling.blocks import LARGE
from autograd.compiling.reach import Reach
from autograd.places import LIBRARY
from autograd.steps import recording_step
from autograd.tracing.arrays import TracingArray
from autograd.tracing.calls import Call
from autograd.tracing.errors import TracingError
from autograd.trees import leaves
from nn.training.arguments import kind_of
from nn.training.batches import Batch
from nn.training.gradient import Gradient, Seen
from nn.training.history import History

AFTER = 20  # steps with batches of one form; to record the next takes about as long as 20 of them
MOST = 8  # recordings
KNOWN = {*LIBRARY, "builtins", "numpy"}  # whose code only computes


class FailedRecording(TracingError):
    """The step itself failed while it was recorded; made as it is, it may not."""


class TrainingStep:
    """A whole step as a function of its batches, which is what `autograd.compile` records.

    Args:
        gradient: is computed, and followed by its optimiser.
        wants_predictions: whether they are answered.
        cautious: whether to refuse a recording that might differ, in any bit or side effect.
    """

    # A recording looks at attributes whose names a user's code has too: hence two underscores.

    def __init__(self, gradient: Gradient, wants_predictions: bool, cautious: bool) -> None:
        self.__gradient = gradient
        self.__wants_predictions, self.__cautious = wants_predictions, cautious
        self.__runs = self.__recordings = 0

    def __autograd_parts__(self) -> list[Any]:
        """What a recording sees of it."""
        return [self.__gradient.model, self.__gradient.loss, self.__gradient.optimizer]

    @property
    def runs(self) -> int:
        """How often it has run, rather than a recording in its place."""
        return self.__runs

    def __call__(self, batches: Sequence[Batch]) -> list[Any]:
        """Make a step; returns the losses of the batches, and then the predictions."""
        self.__runs += 1
        _check_arrays(batches)
        recorder = recording_step.get() if self.__cautious else None
        if recorder is not None:
            self.__recordings += 1
            if self.__recordings == MOST:
                raise TracingError("what the steps depend on changes again and again")
            _check_known(*self.__autograd_parts__())
        seen = self.__make(batches)
        if recorder is not None and any(map(_is_large_sum, recorder.calls)):
            raise TracingError("a sum of more than 500,000 numbers would be added in another order")
        losses = [one.loss for one in seen]
        return [*losses, *(one.prediction for one in seen)] if self.__wants_predictions else losses

    def __make(self, batches: Sequence[Batch]) -> list[Seen]:
        gradient = self.__gradient
        gradient.begin(batches)
        try:
            with gradient.before:
                gradient()
                gradient.optimizer.step()
        except Exception as error:
            if recording_step.get() is None or isinstance(error, TracingError):
                raise
            raise FailedRecording(f"recording them failed: {error}") from error
        # Nothing of a recording stays.
        seen, gradient.seen, gradient.batches = gradient.seen, [], ()
        return seen


class Replays:
    """Makes the steps of a training by recordings of them, where that is asked for or is as good.

    Args:
        gradient, wants_predictions: as for a `TrainingStep`.
        wanted: as `fit` takes `compile`.
        history: where it is noted how many there were, or why none.
    """

    def __init__(
        self, gradient: Gradient, wants_predictions: bool, wanted: bool | None, history: History
    ) -> None:
        self._wanted, self._history, self._gradient = wanted, history, gradient
        self._step = TrainingStep(gradient, wants_predictions, cautious=not wanted)
        self._compiled = compile(self._step)
        self._times: dict[Any, int] = {}  # that batches of a form came
        self._first = 1 if wanted else AFTER + 1  # of them that is recorded
        if wanted is False:
            history.eager = "compile=False was asked for"
        elif gradient.asks:
            history.eager = (
                f"{kind_of(gradient.optimizer)} has a step() that evaluates the loss itself"
            )

    def are_due(self, batches: Sequence[Batch]) -> bool:
        """Whether batches of this form have a recording, or are worth one."""
        if self._history.eager is not None:
            return False
        form = tuple([(x.shape, getattr(y, "shape", None)) for x, y in batches])
        times = self._times[form] = self._times.get(form, 0) + 1
        return times >= self._first

    def make(self, batches: Sequence[Batch]) -> list[Seen]:
        """Make a step.

        Raises TracingError if it cannot be recorded; nothing has changed. After any other error,
        what a forward pass changes is to be put back.
        """
        runs = self._step.runs
        if runs == 0:
            self._gradient.begin_like_later_steps()
        try:
            found = self._compiled(batches)
        except BaseException:
            if runs == 0:
                self._gradient.optimizer.zero_grad()  # of what it was given to begin with
            raise
        losses, predictions = found[: len(batches)], found[len(batches) :] or [None] * len(batches)
        self._history.replays += self._step.runs == runs
        return [
            Seen(prediction, y, float(loss.data if isinstance(loss, Tensor) else loss))
            for prediction, (_, y), loss in zip(predictions, batches, losses, strict=True)
        ]

    def stop(self, why: TracingError) -> None:
        """Make no more; raises the error if it is one of what was asked for."""
        if self._wanted and not isinstance(why, FailedRecording):
            why.add_note("  in  fit(…, compile=True); without it, such steps are made eagerly")
            raise why
        self._history.eager = str(why).partition("\n")[0]


def _check_arrays(batches: Sequence[Batch]) -> None:
    """Raise TracingError for what a recording would take for a constant."""
    for one in leaves(batches):
        if not isinstance(one, Tensor | np.ndarray | TracingArray):
            raise TracingError(
                f"the targets of a batch are no array ({type(one).__name__}), and a recording "
                "takes anything else for a constant; np.array(y) makes one"
            )


def _check_known(model: Any, loss: Any, optimizer: Any) -> None:
    """Raise TracingError if a step reaches what may do more than compute."""
    reach = Reach(loss, [(model, "model")])
    things = [("the model", model), ("the loss", loss), ("the optimizer", optimizer)]
    for name, thing in (*things, *((seen.path, seen.value) for seen in reach.seen)):
        if not _is_known(thing):
            what = getattr(thing, "__name__", type(thing).__name__)
            raise TracingError(
                f"{name} is code of your own ({what}), and may do more than compute; compile=True "
                "records it"
            )
    for tensor, name in reach.tensors.items():
        if tensor._hooks:
            raise TracingError(f"{name} has hooks, which may do more than compute")


def _is_known(thing: Any) -> bool:
    """Whether it is data, or code of this project or of NumPy."""
    if isinstance(thing, partial):
        return True  # what it is made of is seen by itself
    code = thing if isinstance(thing, FunctionType) else type(thing)
    return (code.__module__ or "").partition(".")[0] in KNOWN


def _is_large_sum(call: Call) -> bool:
    """Whether a call is a sum of all of a large array, which replays put together from pieces."""
    whole = call.function is np.sum and len(call.results) == 1 and call.results[0].shape == ()
    return whole and bool(np.prod(call.args[0].shape) >= LARGE)
