"""The linear layer with cosine normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor, get_default_dtype, matmul, maximum
from autograd.diagnosis import describe
from autograd.ops.norms import EuclideanNorm
from nn.checks import whole_number
from nn.functional.operands import floating
from nn.init.choosing import Init, start
from nn.parameter import Parameter
from nn.wider import SaysWhenWider


class CosineLinear(SaysWhenWider):
    """(w · x) / (‖w‖ ‖x‖) for rows x: the cosine of the angle between x and each unit's weights.

    Args:
        in_features: the length of an input row.
        out_features: the length of an output row.
        eps: norms below it count as it, so that a row of zeros gives 0.
        dtype, generator, init: as for Linear.

    Attributes:
        weight: a row w for each output, of shape (out_features, in_features).

    Shapes: x (..., in_features); the result is (..., out_features), between −1 and 1.

    Without `init`, the weight starts as that of Linear does.

    Raises:
        TypeError, ValueError: a size is not a positive whole number; called with rows of another
            length.

    Source: Luo, Zhan, Wang, Yang, "Cosine Normalization: Using Cosine Similarity Instead of Dot
    Product in Neural Networks", ICANN 2018.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        eps: float = 1e-8,
        dtype: DTypeLike | None = None,
        generator: np.random.Generator | None = None,
        init: Init | None = None,
    ) -> None:
        self.in_features = whole_number(in_features, "CosineLinear", "in_features")
        self.out_features = whole_number(out_features, "CosineLinear", "out_features")
        self.eps = eps
        dtype = get_default_dtype() if dtype is None else np.dtype(dtype)
        self.weight = Parameter(np.empty((self.out_features, self.in_features), dtype))
        start(self.weight, None, init, "CosineLinear", generator)

    def forward(self, x: Any) -> Tensor:
        rows = floating(x)
        if rows.shape[-1:] != (self.in_features,):
            raise ValueError(
                f"CosineLinear: x is rows of {self.in_features} numbers, "
                f"(..., {self.in_features}), and this is {describe(rows)}."
            )
        weight = self.weight  # once: weight_norm works it out
        out = matmul(self._unit(rows), self._unit(weight).T)
        return self._said(x, weight, out)

    def _unit(self, rows: Tensor) -> Tensor:
        """The rows with a norm of 1."""
        return rows / maximum(EuclideanNorm.apply(rows, axis=-1, keepdims=True), self.eps)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, eps={self.eps:g}"
