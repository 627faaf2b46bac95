"""What planted faults and healthy set-ups are made of: data, and a plain training loop.

Everything random comes from the Generator passed in, so that a set-up is the same each time and
the project's own random numbers are left alone.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

import optim
from autograd import Tensor, no_grad
from nn import data

Array = Any
Rng = np.random.Generator


def setup(
    model: Any, loss: Any, x: Array, y: Array, optimizer: Any = None, batch_size: int = 32
) -> SimpleNamespace:
    """Everything that a training run needs; the optimiser is Adam unless another is given."""
    if optimizer is None:
        optimizer = optim.Adam(model.parameters(), lr=3e-3)
    return SimpleNamespace(
        model=model, loss=loss, data=(x, y), optimizer=optimizer, batch_size=batch_size
    )


def train(it: SimpleNamespace, steps: int) -> None:
    """So many steps, each on a random batch, in the mode that the model is in."""
    x, y = it.data
    rng = np.random.default_rng(0)
    for _ in range(steps):
        rows = rng.permutation(len(x))[: it.batch_size]
        it.optimizer.zero_grad()
        it.loss(it.model(Tensor(x[rows])), y[rows]).backward()
        it.optimizer.step()


def outputs(it: SimpleNamespace, x: Array = None) -> Array:
    """What the model answers in evaluation mode, to its own data if to no other."""
    modes = [(module, module.training) for module in it.model.modules()]
    it.model.eval()
    with no_grad():
        answers = it.model(Tensor(it.data[0] if x is None else x)).data
    for module, mode in modes:
        module.training = mode
    return answers


def loss_of(it: SimpleNamespace) -> float:
    """The loss on all of the data, in evaluation mode."""
    return float(it.loss(Tensor(outputs(it)), it.data[1]).item())


def accuracy(it: SimpleNamespace) -> float:
    """The share of the data whose class has the largest output."""
    return float(np.mean(outputs(it).argmax(axis=1) == it.data[1]))


# Data


@cache
def all_digits() -> tuple[Array, Array]:
    return data.digits()


def digits(rng: Rng, n: int = 400, classes: int = 10) -> tuple[Array, Array]:
    """Images of the first so many digits, standardised: x (n, 64) float32, y (n,) int64."""
    images, labels = raw_digits(rng, n, classes)
    return data.StandardScaler().fit_transform(images), labels


def raw_digits(rng: Rng, n: int = 400, classes: int = 10) -> tuple[Array, Array]:
    """The same with the pixels as they come, whole numbers 0 … 16."""
    images, labels = all_digits()
    rows = rng.permutation(np.flatnonzero(labels < classes))[:n]
    return images[rows], labels[rows]


def numbers(rng: Rng, n: int = 256, features: int = 4) -> tuple[Array, Array]:
    """A curved function of standard normal features, with noise: x (n, features), y (n, 1)."""
    x = rng.standard_normal((n, features), dtype=np.float32)
    y = np.sin(2 * x[:, 0]) + x[:, 1] * np.abs(x[:, 2]) + 0.1 * rng.standard_normal(n)
    return x, y[:, None].astype(np.float32)
