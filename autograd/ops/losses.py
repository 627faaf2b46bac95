"""Losses entry by entry that deserve an operation: stable for any input, with one short rule."""

from __future__ import annotations

import numpy as np

from autograd.function import Array, Elementwise
from autograd.ops.elementwise import Sigmoid

LEAST_LOG = -100.0  # of a probability, as PyTorch has it: so that a loss stays finite
LEAST_VARIANCE = 1e-12  # below which p (1 − p) does not divide, as PyTorch has it


class SigmoidCrossEntropy(Elementwise):
    """−y log σ(z) − (1 − y) log(1 − σ(z)), for a logit z and a target y from 0 to 1.

    Computed as max(z, 0) − y z + log(1 + e^−|z|), which never overflows. The gradient is the
    textbook's σ(z) − y. With the target 1 it is softplus(−z), with the target 0 softplus(z).
    """

    def forward(logits: Array, target: Array) -> Array:
        size = np.absolute(logits)
        return np.maximum(logits, 0) - target * logits + np.log1p(np.exp(-size))

    local_gradients = {
        "logits": lambda logits, target: Sigmoid.call(logits) - target,
        "target": lambda logits: -logits,
    }


class BinaryCrossEntropy(Elementwise):
    """−y log p − (1 − y) log(1 − p), for a probability p and a target y from 0 to 1.

    As in PyTorch, no logarithm is below −100, so that the loss stays finite, and the gradient is
    (p − y) / max(p (1 − p), 10⁻¹²), which is finite too.
    """

    def forward(p: Array, target: Array) -> Array:
        return -target * log_of(p) - (1 - target) * log_of_rest(p)

    local_gradients = {
        "p": lambda p, target: (p - target) / np.maximum(p * (1 - p), LEAST_VARIANCE),
        "target": lambda p: log_of_rest(p) - log_of(p),
    }


def log_of(p: Array) -> Array:
    """log p, but at least −100; for p = 0 too."""
    none = p == 0
    return np.maximum(np.log(p + none) + none * (p + LEAST_LOG), LEAST_LOG)


def log_of_rest(p: Array) -> Array:
    """log(1 − p), exact for small p, but at least −100; for p = 1 too."""
    all_ = p == 1
    return np.maximum(np.log1p(all_ - p) + all_ * (p - 1 + LEAST_LOG), LEAST_LOG)


class Huber(Elementwise):
    """x² / 2 where |x| ≤ delta, and delta (|x| − delta / 2) beyond: a parabola with straight arms.

    Its derivative is x, limited to [−delta, delta]. Source: Huber, Robust estimation of a location
    parameter, Annals of Mathematical Statistics 35 (1964).
    """

    settings = ("delta",)

    def forward(x: Array, delta: float = 1.0) -> Array:
        inner = np.minimum(np.absolute(x), delta)
        return inner * (np.absolute(x) - 0.5 * inner)

    local_gradients = {"x": lambda x, delta: np.clip(x, -delta, delta)}
