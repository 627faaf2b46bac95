"""Judging a model: always in evaluation mode, and without a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import Tensor, no_grad
from nn.checks import whole_number
from nn.data.arguments import count_examples
from nn.module import Module
from nn.training.arguments import check_loss, check_model, loss_value
from nn.training.batches import JUDGED_AT_A_TIME, array_of, judging_batches, pairs
from nn.training.measures import Measures, Metrics


def evaluate(
    model: Module,
    data: Any,
    loss: Callable[[Any, Any], Any],
    metrics: Metrics = None,
    batch_size: int = JUDGED_AT_A_TIME,
) -> dict[str, float]:
    """The loss and the metrics of a model over data, in evaluation mode and without a graph.

    Args:
        model: what is judged; each of its modules is afterwards in the mode it was in.
        data: (x, y), arrays with an example in each row; a DataLoader; or an iterable of batches.
        loss: a function of prediction and target that gives the mean over a batch.
        metrics: see `fit`.
        batch_size: how many examples at a time, for data given as (x, y).

    Returns:
        {"loss": …, name of a metric: …}, means over the examples.

    Raises:
        TypeError, ValueError: an argument is of the wrong kind; there is no data.
    """
    check_model(model, "evaluate", "(model, data, loss, metrics)")
    check_loss(loss, "evaluate", "(model, data, loss, metrics)")
    measures = Measures(metrics, "evaluate")
    batches = judging_batches(data, "evaluate", batch_size)
    return judge(model, batches, loss, measures, "evaluate")


def judge(
    model: Module,
    batches: Iterable[Any],
    loss: Callable[[Any, Any], Any],
    measures: Measures,
    who: str,
) -> dict[str, float]:
    """`evaluate`, when its arguments have been looked at; errors speak for `who`."""
    measures.reset()
    with evaluating(model):
        for x, y in pairs(batches, who):
            prediction = model(x)
            measures.update(prediction, y, loss_value(loss(prediction, y), who))
    return measures.numbers()


def predict(model: Module, x: Any, batch_size: int = JUDGED_AT_A_TIME) -> np.ndarray[Any, Any]:
    """What a model gives for x, in evaluation mode and without a graph.

    Args:
        model: a model; each of its modules is afterwards in the mode it was in.
        x: an array with an example in each row, at least one.
        batch_size: how many examples at a time: the memory needed grows with it.

    Returns:
        The model's outputs, an array with a row for each of x.

    Raises:
        TypeError, ValueError: an argument is of the wrong kind; x is empty; the model gives
            something other than one array.
    """
    check_model(model, "predict", "(model, x)")
    if isinstance(x, tuple):
        raise TypeError("predict(model, x) takes the inputs alone; this is a tuple. Give its x.")
    size = whole_number(batch_size, "predict", "batch_size")
    rows = array_of(x)
    found = []
    with evaluating(model):
        for start in range(0, count_examples((rows,), "predict"), size):
            out = model(Tensor(rows[start : start + size]))
            if not isinstance(out, Tensor | np.ndarray):
                raise TypeError(
                    f"predict: the model gives {type(out).__name__}, and not one array. Call it "
                    "yourself, after model.eval() and within autograd.no_grad()."
                )
            found.append(array_of(out))
    return np.concatenate(found)


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Within it the model is in evaluation mode and no graph is made."""
    with modes_kept(model), no_grad():
        model.eval()
        yield


@contextmanager
def modes_kept(model: Module) -> Iterator[None]:
    """Afterwards each module is in training or in evaluation mode as it is now."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
