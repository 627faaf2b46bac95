"""A small task, a network with everything that makes resuming hard, and its state to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
import nn
import optim
from nn.batch_norm import BatchNorm1d

Array = np.ndarray[Any, Any]


def points(n: int = 60, seed: int = 0) -> tuple[Array, Array]:
    """Points in four dimensions, and whether two of the coordinates have the same sign."""
    x = np.random.default_rng(seed).standard_normal((n, 4), dtype=np.float32)
    return x, (x[:, 0] * x[:, 1] > 0).astype(int)


def classifier(seed: int = 1, own: bool = False) -> nn.Sequential:
    """Batch norm and dropout within; the latter draws from a generator of its own if asked to."""
    autograd.manual_seed(seed)
    source = np.random.default_rng(seed) if own else None
    return nn.Sequential(
        nn.Linear(4, 8), BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3, source), nn.Linear(8, 2)
    )


def adam(model: nn.Module, lr: float = 1e-2) -> optim.Adam:
    return optim.Adam(model.parameters(), lr=lr)


def accuracy(prediction: Array, target: Array) -> float:
    return float((prediction.argmax(axis=1) == target).mean())


def weights(model: nn.Module) -> dict[str, bytes]:
    """Parameters and buffers, every bit."""
    return {name: value.tobytes() for name, value in model.state_dict().items()}
