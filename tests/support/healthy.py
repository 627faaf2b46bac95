"""Twenty set-ups of many kinds that are as they should be: there is nothing to complain about.

Some of them look unusual on purpose: a linear model, four examples, pixels that are always 0, a
loss that cannot reach 0. What looks for faults must keep quiet about all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
from support.setups import Rng, digits, numbers, raw_digits, setup, train

import nn
import optim
from nn import data


@dataclass(frozen=True)
class Healthy:
    """A set-up without a fault: its name, what is in it, and what makes it, given a Generator."""

    name: str
    description: str
    make: Callable[[Rng], SimpleNamespace]

    def __str__(self) -> str:
        return self.name

    def build(self, seed: int) -> SimpleNamespace:
        """The set-up: model, loss, data = (x, y), optimizer, batch_size."""
        return self.make(np.random.default_rng(seed))


HEALTHY: dict[str, Healthy] = {}


def healthy(make: Any) -> Any:
    """Enter a function into the table; its docstring is the description."""
    name = make.__name__.replace("_", " ")
    HEALTHY[name] = Healthy(name, make.__doc__, make)
    return make


# One class of several


@healthy
def plain_digits(rng: Rng) -> SimpleNamespace:
    """Ten digits, ReLU, Adam: the first thing that anyone writes."""
    return setup(nn.MLP([64, 32, 10], generator=rng), nn.CrossEntropyLoss(), *digits(rng))


@healthy
def deep_tanh(rng: Rng) -> SimpleNamespace:
    """Five layers of tanh with Xavier's initial values, and SGD with momentum."""
    sizes = [64, 48, 48, 48, 48, 10]
    model = nn.MLP(sizes, activation="tanh", init="xavier_uniform", generator=rng)
    optimizer = optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
    return setup(model, nn.CrossEntropyLoss(), *digits(rng), optimizer)


@healthy
def batch_norm_and_dropout(rng: Rng) -> SimpleNamespace:
    """BatchNorm1d, Dropout and AdamW."""
    model = nn.MLP([64, 64, 32, 10], dropout=0.2, norm="batch", generator=rng)
    optimizer = optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    return setup(model, nn.CrossEntropyLoss(), *digits(rng), optimizer, batch_size=64)


@healthy
def residual_blocks(rng: Rng) -> SimpleNamespace:
    """Three residual blocks, with LayerNorm first and GELU within."""

    def block() -> nn.Residual:
        layers = nn.Linear(32, 32, generator=rng), nn.GELU(), nn.Linear(32, 32, generator=rng)
        return nn.Residual(nn.Sequential(nn.LayerNorm(32), *layers))

    first, last = nn.Linear(64, 32, generator=rng), nn.Linear(32, 10, generator=rng)
    model = nn.Sequential(first, block(), block(), block(), last)
    return setup(model, nn.CrossEntropyLoss(), *digits(rng))


@healthy
def half_trained(rng: Rng) -> SimpleNamespace:
    """A model that has been trained for a while, so that it starts far better than guessing."""
    it = setup(nn.MLP([64, 32, 10], generator=rng), nn.CrossEntropyLoss(), *digits(rng))
    train(it, 40)
    return it


@healthy
def smoothed_labels(rng: Rng) -> SimpleNamespace:
    """Label smoothing, so that the loss stays above 0.28 whatever is learned; large batches."""
    model = nn.MLP([64, 48, 10], activation="silu", generator=rng)
    loss = nn.CrossEntropyLoss(label_smoothing=0.05)
    return setup(model, loss, *digits(rng), batch_size=256)


@healthy
def thirty_images(rng: Rng) -> SimpleNamespace:
    """Thirty images of three digits, all in one batch, pixels between 0 and 1."""
    x, y = raw_digits(rng, 30, classes=3)
    model = nn.MLP([64, 16, 3], generator=rng)
    optimizer = optim.RMSprop(model.parameters(), lr=3e-3)
    return setup(model, nn.CrossEntropyLoss(), x / 16, y, optimizer, batch_size=30)


@healthy
def images_to_flatten(rng: Rng) -> SimpleNamespace:
    """Images (n, 8, 8) that Flatten makes rows of; SELU with LeCun's initial values, NLLLoss."""
    x, y = digits(rng)
    made = partial(nn.MLP, activation="selu", init="lecun_normal", generator=rng)
    model = nn.Sequential(nn.Flatten(), *made([64, 32, 32, 10]), nn.LogSoftmax())
    return setup(model, nn.NLLLoss(), x.reshape(-1, 8, 8), y)


@healthy
def softmax_regression(rng: Rng) -> SimpleNamespace:
    """One linear layer and no hidden one, for five clouds of points."""
    model = nn.Linear(2, 5, generator=rng)
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    x, y = data.blobs(300, noise=0.15, classes=5, generator=rng)
    return setup(model, nn.CrossEntropyLoss(), x, y, optimizer)


@healthy
def spirals_in_batches_of_8(rng: Rng) -> SimpleNamespace:
    """Three spirals, small batches, PReLU."""
    x, y = data.spirals(240, classes=3, generator=rng)
    model = nn.MLP([2, 64, 64, 3], activation="prelu", generator=rng)
    optimizer = optim.Adam(model.parameters(), lr=1e-2)
    return setup(model, nn.CrossEntropyLoss(), x, y, optimizer, batch_size=8)


class TwoPaths(nn.Module):
    """A network of one's own: a linear path beside a hidden one, added up."""

    def __init__(self, rng: Rng) -> None:
        self.straight = nn.Linear(2, 2, generator=rng)
        self.hidden = [nn.Linear(2, 24, generator=rng), nn.Linear(24, 2, generator=rng)]

    def forward(self, x: Any) -> Any:
        first, last = self.hidden
        return self.straight(x) + last(np.tanh(first(x)))


@healthy
def two_paths_for_moons(rng: Rng) -> SimpleNamespace:
    """A Module with a forward of its own, and a group of parameters with its own learning rate."""
    model = TwoPaths(rng)
    hidden = [p for layer in model.hidden for p in layer.parameters()]
    groups = [{"params": model.straight.parameters(), "lr": 0.01}, {"params": hidden}]
    x, y = data.moons(200, generator=rng)
    return setup(model, nn.CrossEntropyLoss(), x, y, optim.Adam(groups, lr=0.03))


# Yes or no


@healthy
def four_points_of_xor(rng: Rng) -> SimpleNamespace:
    """The textbook's four points, with a sigmoid at the end and BCELoss."""
    x = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]], np.float32)
    y = np.array([[0], [1], [1], [0]], np.float32)
    made = partial(nn.MLP, activation="tanh", output_activation="sigmoid", generator=rng)
    model = made([2, 8, 1])
    return setup(model, nn.BCELoss(), x, y, optim.Adam(model.parameters(), lr=0.05), batch_size=4)


@healthy
def circles_with_one_logit(rng: Rng) -> SimpleNamespace:
    """A circle in a circle, one logit for each point, a hidden layer of sigmoids."""
    x, y = data.circles(200, generator=rng)
    model = nn.MLP([2, 32, 1], activation="sigmoid", init="xavier_normal", generator=rng)
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    return setup(model, nn.BCEWithLogitsLoss(), x, y[:, None].astype(np.float32), optimizer)


@healthy
def mild_imbalance(rng: Rng) -> SimpleNamespace:
    """A third of the answers are yes, and each of them counts twice."""
    y = rng.permutation(np.arange(300) < 100).astype(np.float32)[:, None]
    x = rng.standard_normal((300, 3), dtype=np.float32) + 3 * y
    loss = nn.BCEWithLogitsLoss(pos_weight=np.array([2.0], np.float32))
    return setup(nn.MLP([3, 16, 1], generator=rng), loss, x, y)


@healthy
def four_labels_at_once(rng: Rng) -> SimpleNamespace:
    """Of each digit: is it even, is it above 4, is it a square, has it a loop?"""
    x, digit = digits(rng)
    answers = [
        digit % 2 == 0,
        digit > 4,
        np.isin(digit, (0, 1, 4, 9)),
        np.isin(digit, (0, 6, 8, 9)),
    ]
    y = np.stack(answers, axis=1).astype(np.float32)
    model = nn.MLP([64, 32, 4], activation="leaky_relu", generator=rng)
    return setup(model, nn.BCEWithLogitsLoss(), x, y)


# Numbers


@healthy
def a_sine(rng: Rng) -> SimpleNamespace:
    """A sine of one input, all examples in each batch."""
    x = np.linspace(-3, 3, 100, dtype=np.float32)[:, None]
    model = nn.MLP([1, 32, 1], activation="tanh", generator=rng)
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    return setup(model, nn.MSELoss(), x, np.sin(x), optimizer, batch_size=100)


@healthy
def least_squares(rng: Rng) -> SimpleNamespace:
    """Linear regression with one linear layer, in float64."""
    x = rng.standard_normal((200, 5))
    y = x @ rng.standard_normal((5, 1)) + 0.1 * rng.standard_normal((200, 1)) + 1
    model = nn.Linear(5, 1, dtype=np.float64, generator=rng)
    return setup(model, nn.MSELoss(), x, y, optim.SGD(model.parameters(), lr=0.05))


@healthy
def outliers(rng: Rng) -> SimpleNamespace:
    """Targets with outliers of up to ten standard deviations, Huber's loss, Nesterov's momentum."""
    x, y = numbers(rng)
    y[rng.random(len(y)) < 0.03] *= 8
    model = nn.MLP([4, 48, 48, 1], activation="elu", init="kaiming_uniform", generator=rng)
    optimizer = optim.SGD(model.parameters(), lr=0.02, momentum=0.9, nesterov=True)
    return setup(model, nn.HuberLoss(), x, y, optimizer)


@healthy
def three_outputs(rng: Rng) -> SimpleNamespace:
    """Three numbers for each row, absolute error, some inputs that are only 0 or 1."""
    x = rng.standard_normal((256, 6), dtype=np.float32)
    x[:, 3:] = x[:, 3:] > 0
    y = np.stack([x[:, 0] + 2 * x[:, 3], x[:, 1] * x[:, 4], 1 - 2 * x[:, 5]], axis=1)
    model = nn.MLP([6, 48, 3], activation="relu", init="kaiming_normal", generator=rng)
    return setup(model, nn.L1Loss(), x, y)


@healthy
def autoencoder(rng: Rng) -> SimpleNamespace:
    """Images that are learned from themselves, through eight numbers; pixels between 0 and 1."""
    x = raw_digits(rng)[0] / 16
    model = nn.MLP([64, 32, 8, 32, 64], output_activation="sigmoid", generator=rng)
    return setup(model, nn.MSELoss(), x, x)
