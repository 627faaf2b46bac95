"""The maxout layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor
from nn.checks import whole_number
from nn.init.choosing import Init
from nn.linear import Linear
from nn.module import Module


class Maxout(Module):
    """The largest of several weighted sums, for each output: a piecewise linear convex function.

    Args:
        in_features: the length of an input row.
        out_features: the length of an output row.
        pieces: how many sums each output chooses from. With 2 it can be |x| or max(x, 0).
        bias: whether the sums have an offset.
        dtype, generator, init: as for Linear.

    Attributes:
        linear: the sums, a Linear of out_features · pieces outputs, those of one output together.

    Shapes: x (..., in_features); the result is (..., out_features).

    Raises:
        TypeError, ValueError: a size is not a positive whole number; called with rows of another
            length.

    Source: Goodfellow, Warde-Farley, Mirza, Courville, Bengio, "Maxout Networks", ICML 2013.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        pieces: int = 2,
        bias: bool = True,
        dtype: DTypeLike | None = None,
        generator: np.random.Generator | None = None,
        init: Init | None = None,
    ) -> None:
        self.in_features = whole_number(in_features, "Maxout", "in_features")
        self.out_features = whole_number(out_features, "Maxout", "out_features")
        self.pieces = whole_number(pieces, "Maxout", "pieces")
        self.linear = Linear(in_features, out_features * pieces, bias, dtype, generator, init)

    def forward(self, x: Any) -> Tensor:
        sums: Tensor = self.linear(x)
        return sums.reshape(*sums.shape[:-1], self.out_features, self.pieces).max(axis=-1)

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"pieces={self.pieces}"
        )
