"""Layers that pass positive numbers as they are, and differ in what they make of negative ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor, get_default_dtype, ops
from nn.activations.base import Activation
from nn.checks import number, positive, whole_number
from nn.functional import activations as functional
from nn.functional.operands import floating
from nn.parameter import Parameter


class ReLU(Activation):
    """max(x, 0), entry by entry; the derivative at 0 is 0."""

    def forward(self, x: Any) -> Tensor:
        return ops.ReLU.apply(floating(x))


class LeakyReLU(Activation):
    """x where x > 0, negative_slope · x elsewhere; the derivative at 0 is negative_slope."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = number(negative_slope, "LeakyReLU", "negative_slope")

    def forward(self, x: Any) -> Tensor:
        return functional.leaky_relu(x, self.negative_slope)


class PReLU(Activation):
    """Leaky ReLU whose slope is learned; see `nn.functional.prelu`.

    Args:
        num_parameters: 1 slope for all, or one for each channel (axis 1 of what comes in).
        init: what the slopes start from.
        dtype: of the slopes; the default dtype (float32) if None.

    Attributes:
        weight: the slopes, of shape (num_parameters,).

    Regularisers of weights should leave the slopes alone: at 0 this is a ReLU.
    Source: He, Zhang, Ren, Sun, "Delving Deep into Rectifiers", ICCV 2015.
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, dtype: DTypeLike | None = None
    ) -> None:
        self.num_parameters = whole_number(num_parameters, "PReLU", "num_parameters")
        dtype = get_default_dtype() if dtype is None else dtype
        start = number(init, "PReLU", "init")
        self.weight = Parameter(np.full(self.num_parameters, start, dtype))

    def forward(self, x: Any) -> Tensor:
        return functional.prelu(x, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class RReLU(Activation):
    """Leaky ReLU with random slopes in training, uniform from lower to upper; else their mean.

    The numbers are drawn from `generator`; from the project's own if None.
    """

    def __init__(
        self,
        lower: float = 1 / 8,
        upper: float = 1 / 3,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.lower, self.upper = functional.interval(lower, upper, "RReLU", "lower", "upper")
        self.generator = generator

    def forward(self, x: Any) -> Tensor:
        return functional.rrelu(x, self.lower, self.upper, self.training, self.generator)

    def extra_repr(self) -> str:
        return f"lower={self.lower}, upper={self.upper}"


class ELU(Activation):
    """x where x > 0, alpha · (eˣ − 1) elsewhere; the derivative at 0 is alpha."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = number(alpha, "ELU", "alpha")

    def forward(self, x: Any) -> Tensor:
        return functional.elu(x, self.alpha)


class SELU(Activation):
    """ELU scaled such that mean 0 and variance 1 stay; see `nn.functional.selu`."""

    def forward(self, x: Any) -> Tensor:
        return functional.selu(x)


class CELU(Activation):
    """x where x > 0, alpha · (exp(x / alpha) − 1) elsewhere; smooth for any positive alpha."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = positive(alpha, "CELU", "alpha")

    def forward(self, x: Any) -> Tensor:
        return functional.celu(x, self.alpha)


class Threshold(Activation):
    """x where x > threshold, the number `value` elsewhere."""

    def __init__(self, threshold: float, value: float) -> None:
        self.threshold = number(threshold, "Threshold", "threshold")
        self.value = number(value, "Threshold", "value")

    def forward(self, x: Any) -> Tensor:
        return functional.threshold(x, self.threshold, self.value)
