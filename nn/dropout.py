"""Dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from nn import functional
from nn.checks import probability
from nn.module import Module


class Dropout(Module):
    """In training, sets each entry to zero with probability p and divides the others by 1 − p.

    Dividing keeps the expectation, so that in evaluation mode the input passes as it is
    ("inverted" dropout).

    Args:
        p: the probability of a zero, from 0 to 1.
        generator: where the choice is drawn from; the project's own if None.

    Raises:
        TypeError, ValueError: p is not a number from 0 to 1.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: A Simple Way to
    Prevent Neural Networks from Overfitting", JMLR 15 (2014).
    """

    def __init__(self, p: float = 0.5, generator: np.random.Generator | None = None) -> None:
        self.p = probability(p, "Dropout")
        self.generator = generator

    def forward(self, x: Any) -> Tensor:
        return functional.dropout(x, self.p, self.training, self.generator)

    def extra_repr(self) -> str:
        return f"p={self.p}"
