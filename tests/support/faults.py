"""Fifteen set-ups, each with one fault of the kind that practitioners plant by mistake.

A person who looks at model, loss, data and optimiser for two minutes can find each of them. They
were written before anything that looks for faults, by someone who had not seen it; whoever
changes a fault so that it is easier to find gives that up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from support.setups import Rng, digits, numbers, raw_digits, setup

import nn
import optim
from nn import data


@dataclass(frozen=True)
class Fault:
    """A set-up with a mistake in it.

    Attributes:
        name: what tests call it.
        description: what there is to see in the set-up.
        cause: what a competent person would call it.
        words: an answer names this cause if it has one of these (parts of) words, in lower case.
        make: makes the set-up, given a Generator and whether the mistake is in it.
    """

    name: str
    description: str
    cause: str
    words: tuple[str, ...]
    make: Callable[[Rng, bool], SimpleNamespace]

    def __str__(self) -> str:
        return self.name

    def build(self, seed: int) -> SimpleNamespace:
        """The set-up: model, loss, data = (x, y), optimizer, batch_size."""
        return self.make(np.random.default_rng(seed), True)

    def mended(self, seed: int) -> SimpleNamespace:
        """The same set-up without the mistake."""
        return self.make(np.random.default_rng(seed), False)


FAULTS: dict[str, Fault] = {}


def planted(cause: str, *words: str) -> Callable[[Any], Any]:
    """Enter a function into the table; its docstring is the description."""

    def enter(make: Any) -> Any:
        name = make.__name__.replace("_", " ")
        FAULTS[name] = Fault(name, make.__doc__, cause, words, make)
        return make

    return enter


# The network


@planted("softmax is applied twice, by the network and by the loss", "softmax")
def softmax_twice(rng: Rng, wrong: bool) -> SimpleNamespace:
    """A classifier that ends in Softmax, trained with CrossEntropyLoss."""
    last = "softmax" if wrong else None
    model = nn.MLP([64, 32, 10], output_activation=last, generator=rng)
    return setup(model, nn.CrossEntropyLoss(), *digits(rng))


@planted(
    "no activation between the linear layers, so that all are together one linear map",
    *("activation", "nonlinear", "non-linear", "one linear", "affine"),
)
def no_activation(rng: Rng, wrong: bool) -> SimpleNamespace:
    """Linear layers one after the other, for a circle within a circle."""
    model = nn.MLP([2, 32, 32, 2], activation=None if wrong else "relu", generator=rng)
    return setup(model, nn.CrossEntropyLoss(), *data.circles(300, generator=rng))


@planted("the hidden units are dead: ReLU gives 0 for every example", "dead", "never active", "die")
def dead_relus(rng: Rng, wrong: bool) -> SimpleNamespace:
    """A regression whose first biases stand at −20, where a step far too large has left them."""
    x, y = numbers(rng)
    model = nn.MLP([4, 32, 1], generator=rng)
    if wrong:
        nn.init.constant_(model[0].bias, -20)
    return setup(model, nn.MSELoss(), x, y)


@planted(
    "all weights start at zero, so that the units of a layer stay alike",
    *("symmetr", "zero weights", "zeros", "all zero", "are zero", "alike", "identical"),
)
def zero_weights(rng: Rng, wrong: bool) -> SimpleNamespace:
    """Every weight and bias starts at 0, to be "neutral"."""
    init = "zeros" if wrong else "xavier_uniform"
    model = nn.MLP([64, 32, 10], activation="tanh", init=init, generator=rng)
    return setup(model, nn.CrossEntropyLoss(), *digits(rng))


@planted(
    "the initial weights are far too large, so that the first loss is far above ln 10",
    *("initial", "init.", "starts at", "at the start", "weights are too large"),
)
def huge_weights(rng: Rng, wrong: bool) -> SimpleNamespace:
    """Weights drawn from the standard normal distribution, in layers 128 wide."""
    init = "normal" if wrong else "kaiming_normal"
    model = nn.MLP([64, 128, 128, 10], init=init, generator=rng)
    return setup(model, nn.CrossEntropyLoss(), *digits(rng))


class OwnReLU6(nn.Module):
    """An activation written with NumPy."""

    def __init__(self, detached: bool) -> None:
        self.detached = detached

    def forward(self, x: Any) -> Any:
        return np.clip(np.asarray(x) if self.detached else x, 0, 6)


@planted(
    "the hidden layer's result is detached by np.asarray, so the first layer gets no gradient",
    *("detach", "asarray", "cut", "block", "no gradient", "without a gradient"),
)
def detached_layer(rng: Rng, wrong: bool) -> SimpleNamespace:
    """An activation of one's own that turns its input into an array."""
    first, last = nn.Linear(64, 32, generator=rng), nn.Linear(32, 10, generator=rng)
    model = nn.Sequential(first, OwnReLU6(wrong), last)
    return setup(model, nn.CrossEntropyLoss(), *digits(rng))


class OwnFlatten(nn.Module):
    """Images (n, 8, 8) as rows (n, 64)."""

    def __init__(self, mixed: bool) -> None:
        self.mixed = mixed

    def forward(self, x: Any) -> Any:
        return x.reshape(64, -1).T if self.mixed else x.reshape(-1, 64)


@planted(
    "the reshape mixes the examples of a batch: an output depends on other rows than its own",
    *("leak", "mix", "other row", "other example", "across the batch", "between the rows"),
)
def mixed_rows(rng: Rng, wrong: bool) -> SimpleNamespace:
    """Images flattened with reshape(64, -1).T, which has the right shape."""
    x, y = digits(rng)
    layers = nn.MLP([64, 32, 10], generator=rng)
    model = nn.Sequential(OwnFlatten(wrong), *layers)
    return setup(model, nn.CrossEntropyLoss(), x.reshape(-1, 8, 8), y)


@planted("the model is in evaluation mode while it is trained", "eval")
def eval_mode(rng: Rng, wrong: bool) -> SimpleNamespace:
    """A model with BatchNorm1d and Dropout, on which eval() was called and train() was not."""
    model = nn.MLP([64, 64, 10], dropout=0.5, norm="batch", generator=rng)
    return setup(model.train(not wrong), nn.CrossEntropyLoss(), *digits(rng))


# The data


@planted(
    "the inputs are not scaled, 0 to 255, so that tanh is saturated", "scale", "standardi", "satur"
)
def unscaled_inputs(rng: Rng, wrong: bool) -> SimpleNamespace:
    """Pixels from 0 to 255 as they come from a file, and a network of tanh."""
    x, y = raw_digits(rng)
    model = nn.MLP([64, 32, 10], activation="tanh", generator=rng)
    return setup(model, nn.CrossEntropyLoss(), x / 16 * np.float32(255 if wrong else 1), y)


@planted(
    "the labels are out of range: 1 to 3, where three outputs take 0 to 2",
    *("range", "from 0", "start at 0", "from 1", "start at 1"),
)
def labels_from_one(rng: Rng, wrong: bool) -> SimpleNamespace:
    """Three classes, counted from 1 as in the table they were read from."""
    x, y = data.blobs(150, generator=rng)
    model = nn.MLP([2, 16, 3], activation="tanh", generator=rng)
    return setup(model, nn.CrossEntropyLoss(), x, y + wrong)


@planted(
    "the targets are not scaled: hundreds of thousands, where the network starts around 0", "target"
)
def huge_targets(rng: Rng, wrong: bool) -> SimpleNamespace:
    """House prices as they are, around 300,000, with MSELoss and the usual learning rate."""
    x, y = numbers(rng)
    prices = 3e5 + 8e4 * y
    model = nn.MLP([4, 32, 1], generator=rng)
    return setup(model, nn.MSELoss(), x, prices if wrong else y)


@planted("the data has NaN where values are missing", "nan", "missing", "finite")
def missing_values(rng: Rng, wrong: bool) -> SimpleNamespace:
    """One column of the inputs is empty, NaN, in about every twentieth row."""
    x, y = numbers(rng)
    if wrong:
        x[rng.random(len(x)) < 0.05, 2] = np.nan
    return setup(nn.MLP([4, 32, 1], activation="tanh", generator=rng), nn.MSELoss(), x, y)


@planted("the classes are far from balanced: one example in fifty is of class 1", "balance", "rare")
def rare_class(rng: Rng, wrong: bool) -> SimpleNamespace:
    """Yes or no, where 8 answers of 400 are yes, and the two clouds of points overlap."""
    y = rng.permutation(np.arange(400) < (8 if wrong else 200)).astype(np.float32)[:, None]
    x = rng.standard_normal((400, 2), dtype=np.float32) + y
    return setup(nn.MLP([2, 8, 1], generator=rng), nn.BCEWithLogitsLoss(), x, y)


# The optimiser


@planted(
    "the optimiser was made before the new last layer, and does not have its parameters", "optimi"
)
def new_head(rng: Rng, wrong: bool) -> SimpleNamespace:
    """A network of ten classes that was given a last layer for four, after its optimiser."""
    model = nn.MLP([64, 32, 10], generator=rng)
    before = optim.Adam(model.parameters(), lr=3e-3)
    model[-1] = nn.Linear(32, 4, generator=rng)
    optimizer = before if wrong else optim.Adam(model.parameters(), lr=3e-3)
    return setup(model, nn.CrossEntropyLoss(), *digits(rng, 300, classes=4), optimizer)


@planted("the learning rate is far too large", "learning rate", "lr")
def huge_steps(rng: Rng, wrong: bool) -> SimpleNamespace:
    """Adam with lr=1, taken over from a run with SGD."""
    model = nn.MLP([64, 32, 32, 10], generator=rng)
    optimizer = optim.Adam(model.parameters(), lr=1.0 if wrong else 3e-3)
    return setup(model, nn.CrossEntropyLoss(), *digits(rng), optimizer)
