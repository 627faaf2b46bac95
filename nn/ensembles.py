"""Several models as one: the average of their predictions, and bagging."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd.random import default_generator
from nn.checks import whole_number
from nn.module import Module


class Ensemble(Module):
    """The average of what several models predict.

    By Jensen's inequality its squared error is at most the average of its members' errors, and so
    is the cross-entropy of averaged probabilities.

    Args:
        models: at least one; each a Module of its own.
        softmax: average the models' probabilities, the softmax of what they give over the last
            axis, rather than what they give itself. The result is probabilities.

    Attributes:
        models: the list of them.

    Shapes: what the members take, and what they give, which must be alike.

    Raises:
        TypeError: not several Modules; softmax is not True or False.
        ValueError: no model, or one object several times; called, members give unlike shapes.
    """

    def __init__(self, models: Iterable[Module], softmax: bool = False) -> None:
        if isinstance(models, Module) or not isinstance(models, Iterable):
            raise TypeError(
                "Ensemble takes a list of models, Ensemble([first, second]), not "
                f"{type(models).__name__}."
            )
        if not isinstance(softmax, bool):
            raise TypeError(f"Ensemble: softmax is True or False, not {softmax!r}.")
        self.models = list(models)
        self.softmax = softmax
        for i, model in enumerate(self.models):
            if not isinstance(model, Module):
                raise TypeError(f"Ensemble: model {i} is of type {type(model).__name__}.")
        if not self.models:
            raise ValueError("Ensemble: give at least one model.")
        if len(set(map(id, self.models))) < len(self.models):
            raise ValueError(
                "Ensemble: the same object is there several times, and would only repeat itself. "
                "Make each model anew: [make_model() for _ in range(n)]."
            )

    def forward(self, *inputs: Any) -> Tensor:
        outputs = [model(*inputs) for model in self.models]
        shapes = [one.shape for one in outputs]
        if len(set(shapes)) > 1:
            raise ValueError(
                f"Ensemble: the models give unlike shapes, {', '.join(map(str, shapes))}, which "
                "have no average."
            )
        if self.softmax:
            outputs = [ops.Softmax.apply(one, axis=-1) for one in outputs]
        total: Tensor = reduce(add, outputs)
        return total / len(outputs)

    def extra_repr(self) -> str:
        return "softmax=True" if self.softmax else ""


def bagging(
    make_model: Callable[[], Module],
    train: Callable[..., Any],
    n: int,
    data: Sequence[Any],
    generator: np.random.Generator | None = None,
    softmax: bool = False,
) -> Ensemble:
    """Train n models, each on a bootstrap sample: as many examples as there are, drawn with return.

    Args:
        make_model: makes a model, a new one at each call.
        train: called as train(model, *sample), where the sample has an array for each of `data`.
        n: how many models.
        data: arrays with examples along the first axis, equally many: (x, y).
        generator: what draws the samples; the project's own if None.
        softmax: as for Ensemble, which is returned.

    Example:
        ensemble = bagging(lambda: MLP([4, 8, 3]), fit_one, n=10, data=(x, y))

    An example is in a given sample with probability 1 − (1 − 1/m)ᵐ, about 63 %.

    Raises:
        TypeError, ValueError: n is no positive whole number; data is no pair or longer tuple of
            arrays, or their lengths differ; make_model makes something else, or gives one twice.

    Source: Breiman, "Bagging Predictors", Machine Learning 24 (1996).
    """
    n = whole_number(n, "bagging", "n")
    count = _count(data)
    generator = default_generator() if generator is None else generator
    ensemble = Ensemble([make_model() for _ in range(n)], softmax)
    for model in ensemble.models:
        rows = generator.integers(count, size=count)
        train(model, *(one[rows] for one in data))
    return ensemble


def _count(data: Any) -> int:
    """How many examples there are in each of the arrays."""
    if not isinstance(data, tuple | list) or not all(getattr(one, "shape", ()) for one in data):
        raise TypeError(
            "bagging: data is a tuple of arrays with examples along the first axis, (x, y); this "
            f"is {type(data).__name__}."
        )
    lengths = [len(one) for one in data]
    if len(set(lengths)) != 1 or not lengths[0]:
        raise ValueError(
            "bagging: the arrays have one example for each example of the others, and at least "
            f"one; these have {', '.join(map(str, lengths)) or 'no arrays'}."
        )
    return lengths[0]
