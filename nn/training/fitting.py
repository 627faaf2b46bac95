"""`fit`: the training loop, written once, with what every training wants around it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from typing import Any, Literal

from nn.checks import whole_number
from nn.data.arguments import Source
from nn.module import Module
from nn.training.arguments import (
    ORDER,
    check_compile,
    check_limits,
    check_loss,
    check_model,
    check_once,
    check_optimizer,
    check_schedule,
)
from nn.training.batches import Batch, count, judging_batches, pairs, training_batches
from nn.training.callbacks import Callback, State, Told
from nn.training.checkpoints import Checkpoint, load_training
from nn.training.evaluation import judge, modes_kept
from nn.training.gradient import Gradient
from nn.training.history import History
from nn.training.interrupts import Interrupts
from nn.training.measures import Measures, Metrics
from nn.training.moments import Moment
from nn.training.progress import Progress
from nn.training.replays import Replays
from nn.training.stepping import Step
from optim.lr_scheduler import LRScheduler
from optim.optimizer import Optimizer


def fit(
    model: Module,
    data: Any,
    loss: Callable[[Any, Any], Any],
    optimizer: Optimizer,
    *,
    epochs: int,
    validation: Any = None,
    metrics: Metrics = None,
    callbacks: Callback | Iterable[Callback] = (),
    schedule: LRScheduler | None = None,
    schedule_each: Literal["epoch", "step"] = "epoch",
    clip_norm: float | None = None,
    clip_value: float | None = None,
    accumulate: int = 1,
    batch_size: int | None = None,
    shuffle: bool | None = None,
    generator: Source = None,
    progress: bool | None = None,
    compile: bool | None = None,
    resume: str | PathLike[str] | None = None,
) -> History:
    """Train a model: for each batch of each epoch, forward, loss, backward, and a step.

    With the plainest arguments it does, to the last bit, what this does:

        for epoch in range(epochs):
            model.train()
            for x, y in loader:
                optimizer.zero_grad()
                loss(model(Tensor(x)), y).backward()
                optimizer.step()

    Args:
        model: a Module; its modules are afterwards in the mode (training, evaluation) they were in.
        data: (x, y), arrays with an example in each row; a `DataLoader`; or an iterable of batches
            (x, y), gone through once in each epoch.
        loss: a function of prediction and target that gives their mean loss, such as
            nn.CrossEntropyLoss().
        optimizer: of the model's parameters; those that evaluate the loss themselves (`Nesterov`,
            `LBFGS`, `Newton`) too.
        epochs: how many there are in all, those before a checkpoint included.
        validation: data like `data`, judged after each epoch in evaluation mode: the history's
            numbers that begin with "val_".
        metrics: a list, or a dict by name: streaming ones (with update, compute and reset, as in
            `nn.metrics`), or functions of prediction and target, arrays both, that give a number,
            of which the history has the mean over the examples. On the training data they are
            about the predictions that steps were made from, in training mode.
        callbacks: what is told of the training as it goes: see `Callback`.
        schedule: a learning-rate schedule of `optim.lr_scheduler` for this optimizer;
            ReduceLROnPlateau is told the validation loss.
        schedule_each: whether its step() is for each "epoch" or, as OneCycleLR's, each "step".
        clip_norm: scale the gradient down to this norm; see `optim.clip_grad_norm_`.
        clip_value: limit its entries to this, after that; see `optim.clip_grad_value_`.
        accumulate: how many batches a step follows the mean gradient of.
        batch_size: how many examples at a time, for data given as (x, y); 32 if None.
        shuffle: whether in random order, for data given as (x, y); as True if None.
        generator: what shuffles, a Generator or a seed, for data given as (x, y); the project's
            own if None.
        progress: whether to show a progress bar, one for each epoch or, where there are more than
            30, one for all; in a terminal or notebook only, if None.
        compile: whether steps are recorded, each form of batch once, and replayed by
            `autograd.compile`: the same numbers to the last bit, in less time. None does so where
            nothing can be missed by it: after 20 batches of one form; if model, loss and optimizer
            are classes of this project without hooks (a forward of your own might print or count);
            and not for what a recording cannot follow (Newton, LBFGS, Nesterov) or would add in
            another order (a sum of more than 500,000 numbers). True records at once, and code of
            your own too: see `autograd.compile` for what is recorded. Steps that somebody watches,
            such as HealthMonitor, run as they are. The history tells: `history.compiled`.
        resume: a file that a `Checkpoint` made, or its folder, for the newest there: training goes
            on after it, to the bit as if it had never ended.

    Returns:
        The numbers of all epochs. Ctrl-C ends training with it too, between two steps.

    Raises:
        TypeError, ValueError: an argument is of the wrong kind, or does not fit the others.
        TracingError: a step cannot be recorded, with compile=True; it has changed nothing.
        FloatingPointError: the loss or a gradient is NaN or infinite. The weights are those from
            before this batch; the message says which call made the first such value.
        Whatever the model, the loss, the data or a callback raises. After the first step the error
            has what was seen before it as its attribute `history`.
    """
    check_model(model, "fit", ORDER)
    batches = training_batches(data, batch_size, shuffle, generator)
    check_loss(loss, "fit", ORDER)
    check_optimizer(optimizer, model, loss)
    epochs = whole_number(epochs, "fit", "epochs")
    check_once(batches, epochs, "fit")
    accumulate = whole_number(accumulate, "fit", "accumulate")
    check_limits(optimizer, accumulate, clip_norm=clip_norm, clip_value=clip_value)
    check_compile(compile, optimizer)
    batch_count = count(batches)
    steps = None if batch_count is None else -(-batch_count // accumulate)
    check_schedule(schedule, schedule_each, optimizer, validation is not None, epochs, steps)
    measures = Measures(metrics, "fit")
    names = [*measures.names, "lr", "seconds"]
    if validation is not None:
        validation = judging_batches(validation, "fit, validation")
        check_once(validation, epochs, "fit, validation")
        names[-2:-2] = [f"val_{name}" for name in measures.names]

    state = State(model, loss, optimizer, schedule, batches, epochs, names)
    told = Told(callbacks, state)
    bar = Progress(progress, epochs, steps)
    with _ending_well(state, told, bar), modes_kept(model), Interrupts() as interrupts:
        each_step = schedule if schedule_each == "step" else None
        gradient = Gradient(state, Moment(model, loss), clip_norm, clip_value)
        replays = Replays(gradient, bool(measures.metrics), compile, state.history)
        step = Step(state, interrupts, each_step, gradient, replays)
        if resume is not None:
            load_training(state, resume)
        told.of("on_fit_begin")
        while state.epoch < epochs and state.history.stopped is None:
            _epoch(state, step, accumulate, measures, validation, told, bar)
            told.of("on_epoch_end")
    return state.history


def _epoch(
    state: State,
    step: Step,
    accumulate: int,
    measures: Measures,
    validation: Iterable[Any] | None,
    told: Told,
    bar: Progress,
) -> None:
    """The loop over the batches, and what follows it."""
    state.epoch += 1
    begun = time.perf_counter()
    state.model.train()
    measures.reset()
    bar.begin(state.epoch)
    told.of("on_epoch_begin")
    for group in _in_groups(pairs(state.batches, "fit"), accumulate):
        state.batch = group[-1]
        told.of("on_batch_begin")
        for seen in step(group):  # forward, loss, backward, and the optimizer's step
            measures.update(*seen)
        told.of("on_batch_end")
        bar.advance(measures)
    numbers = measures.numbers()
    if validation is not None:
        judged = judge(state.model, validation, state.loss_fn, measures, "fit, validation")
        numbers |= {f"val_{name}": value for name, value in judged.items()}
    numbers |= {"lr": step.rate, "seconds": time.perf_counter() - begun}
    step.end_epoch(numbers)
    bar.end(numbers)


def _in_groups(batches: Iterable[Batch], size: int) -> Iterator[list[Batch]]:
    """`size` batches at a time, and at last those that are left."""
    group = []
    for batch in batches:
        group.append(batch)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


@contextmanager
def _ending_well(state: State, told: Told, bar: Progress) -> Iterator[None]:
    """Whatever ends the training, callbacks are told, and what was seen is not lost."""
    history = state.history
    try:
        yield
    except KeyboardInterrupt:
        history.interrupted = True
        history.stopped = f"interrupted in epoch {state.epoch}, after {state.step} steps"
        bar.close()
        saved = [one.saved for one in state.callbacks if isinstance(one, Checkpoint) and one.saved]
        print(
            f"fit: {history.stopped}. The model is as after the last step; the history of "
            f"{history.epochs} whole epochs is returned. To go on, call fit again"
            + "".join(f"; or, from the last checkpoint, with resume='{path}'" for path in saved),
            file=sys.stderr,
        )
    except BaseException as error:
        state.error = error
        if state.step:
            with suppress(AttributeError):  # an exception without room for it
                error.history = history  # type: ignore[attr-defined]
                error.add_note(
                    f"  fit  epoch {state.epoch}, after {state.step} steps; what was seen until "
                    "then is this error's attribute history"
                )
        raise
    finally:
        bar.close()
        told.of_the_end()
