"""The bilinear layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor, get_default_dtype
from nn.checks import whole_number
from nn.functional.bilinear import bilinear
from nn.init.choosing import Init, start
from nn.parameter import Parameter
from nn.wider import SaysWhenWider


class Bilinear(SaysWhenWider):
    """x1ᵀ Wₖ x2 + bₖ for rows x1 and x2: each output weighs all products of their features.

    Args:
        in1_features, in2_features: the lengths of the rows of the two inputs.
        out_features: the length of an output row.
        bias: whether b is there.
        dtype: of weight and bias; the default dtype (float32) if None.
        generator: where the initial values are drawn from; the project's own if None.
        init: how the weight starts, as for Linear; the bias then starts at zero.

    Attributes:
        weight: W, of shape (out_features, in1_features, in2_features).
        bias: b, of shape (out_features,), or None.

    Shapes: x1 (..., in1_features), x2 (..., in2_features); the result is (..., out_features).

    Without `init`, weight and bias start uniform between ±1/√in1_features, as in PyTorch.

    Raises:
        TypeError, ValueError: a size is not a positive whole number; called with other shapes.
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        dtype: DTypeLike | None = None,
        generator: np.random.Generator | None = None,
        init: Init | None = None,
    ) -> None:
        self.in1_features = whole_number(in1_features, "Bilinear", "in1_features")
        self.in2_features = whole_number(in2_features, "Bilinear", "in2_features")
        self.out_features = whole_number(out_features, "Bilinear", "out_features")
        dtype = get_default_dtype() if dtype is None else np.dtype(dtype)
        shape = (self.out_features, self.in1_features, self.in2_features)
        self.weight = Parameter(np.empty(shape, dtype))
        self.bias = Parameter(np.empty(self.out_features, dtype)) if bias else None
        start(self.weight, self.bias, init, "Bilinear", generator)

    def forward(self, x1: Any, x2: Any) -> Tensor:
        weight = self.weight  # once: weight_norm works it out
        return self._said(x1, weight, bilinear(x1, x2, weight, self.bias))

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
