"""The rows of the losses that are operations."""

from __future__ import annotations

import numpy as np
from support.cases import Array, Case, Shape, anywhere, below_three, domain, meet, off_halves
from support.vocabulary_elementwise import as_numpy

from autograd.ops import classification, losses


@domain
def probability(rng: np.random.Generator, shape: Shape) -> Array:
    return rng.uniform(0.1, 0.9, shape)


# References: the definitions, in forms that hold for the moderate numbers of the rows


def at_label(scores: Array, labels: Array) -> Array:
    return np.take_along_axis(scores, labels[..., None], -1)[..., 0]


def binary_cross_entropy(p: Array, target: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):  # at 0 and 1, where there is a limit
        return -target * np.log(p) - (1 - target) * np.log(1 - p)


def sigmoid_cross_entropy(logits: Array, target: Array) -> Array:
    return binary_cross_entropy(1 / (1 + np.exp(-logits)), target)


def huber(x: Array, delta: float = 1.0) -> Array:
    near = np.abs(x) <= delta
    return as_numpy(x, np.where(near, x * x / 2, delta * (np.abs(x) - delta / 2)))


CASES: list[Case] = [
    Case(classification.AtLabel, at_label, anywhere(4, 3), below_three(4)),
    Case(classification.AtLabel, at_label, anywhere(2, 4, 3), below_three(2, 4)),
    Case(classification.AtLabel, at_label, anywhere(3), below_three()),
    Case(classification.AtLabel, at_label, anywhere(0, 3), below_three(0)),
    *meet(losses.SigmoidCrossEntropy, sigmoid_cross_entropy, off_halves, probability),
    *meet(losses.BinaryCrossEntropy, binary_cross_entropy, probability, probability),
    *meet(losses.Huber, huber, off_halves),
    *meet(losses.Huber, huber, off_halves, delta=0.5),
]
