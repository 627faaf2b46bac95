"""Small functions whose graphs are looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import Tensor


def leaf(*shape: int, name: str | None = None) -> Tensor:
    """A Tensor of ones that requires a gradient."""
    return Tensor(np.ones(shape, np.float32), requires_grad=True, name=name)


def square_of_product(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """The function by which the chain rule is taught."""
    return ((x + y) * z) ** 2


def doubled(x: Tensor, times: int = 12) -> Tensor:
    """x added to itself, again and again: paths double, nodes do not."""
    for _ in range(times):
        x = x + x
    return x


def network_loss() -> tuple[Callable[..., Tensor], Tensor, Any]:
    """The loss of a network with two layers, a batch of 8 and its labels."""
    W1, b1, W2, b2 = leaf(16, 4), leaf(16), leaf(3, 16), leaf(3)

    def loss_of_network(x: Tensor, labels: Any) -> Tensor:
        hidden = autograd.relu(autograd.affine(x, W1, b1))
        return autograd.softmax_cross_entropy(autograd.affine(hidden, W2, b2), labels).mean()

    return loss_of_network, Tensor(np.ones((8, 4), np.float32)), np.zeros(8, np.int64)
