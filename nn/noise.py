"""Layers that disturb what passes, in training only."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from autograd.random import draw
from nn.checks import not_negative
from nn.functional.dropout import gaussian_dropout, spread_probability
from nn.functional.operands import floating
from nn.module import Module


class GaussianNoise(Module):
    """In training, adds to each entry a normal number of mean 0.

    On inputs it acts like more data; on hidden units it asks them to matter beyond the noise.

    Args:
        std: the standard deviation of the noise, not negative.
        generator: where it is drawn from; the project's own if None.

    Raises:
        TypeError, ValueError: std is no number, or negative.

    Source: Bishop, "Training with Noise is Equivalent to Tikhonov Regularization", Neural
    Computation 7 (1995).
    """

    def __init__(self, std: float, generator: np.random.Generator | None = None) -> None:
        self.std = not_negative(std, "GaussianNoise", "std")
        self.generator = generator

    def forward(self, x: Any) -> Tensor:
        values = floating(x)
        if not self.training or self.std == 0:
            return values
        noise = draw("standard_normal", values.shape, values.dtype, self.generator)
        return values + self.std * noise

    def extra_repr(self) -> str:
        return f"std={self.std:g}"


class GaussianDropout(Module):
    """In training, multiplies each entry by a normal number of mean 1 and variance p / (1 − p).

    Mean and variance of dropout's factors, without its zeros.

    Args:
        p: the probability that it corresponds to, from 0 to below 1.
        generator: where the factors are drawn from; the project's own if None.

    Raises:
        TypeError, ValueError: p is no such number.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: A Simple Way to
    Prevent Neural Networks from Overfitting", JMLR 15 (2014), section 10.
    """

    def __init__(self, p: float = 0.5, generator: np.random.Generator | None = None) -> None:
        self.p = spread_probability(p, "GaussianDropout")
        self.generator = generator

    def forward(self, x: Any) -> Tensor:
        return gaussian_dropout(x, self.p, self.training, self.generator)

    def extra_repr(self) -> str:
        return f"p={self.p}"
