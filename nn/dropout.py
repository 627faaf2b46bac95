"""Dropout, of entries and of weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor
from nn.checks import probability
from nn.functional.dropout import alpha_dropout, dropout, spread_probability
from nn.functional.linear import weighted_sums
from nn.init.choosing import Init
from nn.linear import Linear
from nn.module import Module
from nn.wider import SaysWhenWider


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

    takes_inplace = True

    def __init__(self, p: float = 0.5, generator: np.random.Generator | None = None) -> None:
        self.p = probability(p, "Dropout")
        self.generator = generator

    def forward(self, x: Any) -> Tensor:
        return dropout(x, self.p, self.training, self.generator)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class AlphaDropout(Module):
    """Dropout for networks of SELU: in training, entries become −α with probability p, not 0.

    α = 1.7581 is where SELU saturates; all entries are then scaled and shifted, so that a mean of 0
    and a variance of 1 stay. In evaluation mode the input passes as it is.

    Args:
        p: the probability, from 0 to below 1.
        generator: where the choice is drawn from; the project's own if None.

    Raises:
        TypeError, ValueError: p is no such number.

    Source: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-Normalizing Neural Networks", NIPS 2017.
    """

    takes_inplace = True

    def __init__(self, p: float = 0.5, generator: np.random.Generator | None = None) -> None:
        self.p = spread_probability(p, "AlphaDropout")
        self.generator = generator

    def forward(self, x: Any) -> Tensor:
        return alpha_dropout(x, self.p, self.training, self.generator)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class DropConnectLinear(SaysWhenWider, Linear):
    """A linear layer that in training sets weights, rather than inputs, to zero at random.

    Each weight is zero with probability p and else divided by 1 − p, anew at each call and the same
    for all rows of a batch; so evaluation uses the weights as they are, their expectation.

    Args:
        in_features, out_features, bias, dtype, init: as for Linear.
        p: the probability of a zero, from 0 to 1.
        generator: where the initial values and the choice are drawn from; the project's own if
            None.

    Raises:
        TypeError, ValueError: as Linear, and if p is not a number from 0 to 1.

    Source: Wan, Zeiler, Zhang, LeCun, Fergus, "Regularization of Neural Networks using
    DropConnect", ICML 2013.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        p: float = 0.5,
        bias: bool = True,
        dtype: DTypeLike | None = None,
        generator: np.random.Generator | None = None,
        init: Init | None = None,
    ) -> None:
        self.p = probability(p, "DropConnectLinear")
        self.generator = generator
        super().__init__(in_features, out_features, bias, dtype, generator, init)

    def forward(self, x: Any) -> Tensor:
        weight = self.weight  # once: weight_norm works it out
        kept = dropout(weight, self.p, self.training, self.generator)
        return self._said(x, weight, weighted_sums(x, kept, self.bias))

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, p={self.p}"
