"""Activation functions made of straight pieces, other than those that pass all positive numbers."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn.activations.base import Activation
from nn.checks import not_negative
from nn.functional import activations as functional


class Hardtanh(Activation):
    """x limited to [min_val, max_val]; the derivative at both limits is 0."""

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        ends = functional.interval(min_val, max_val, "Hardtanh", "min_val", "max_val")
        self.min_val, self.max_val = ends

    def forward(self, x: Any) -> Tensor:
        return functional.hardtanh(x, self.min_val, self.max_val)


class ReLU6(Activation):
    """x limited to [0, 6]; the derivative at both limits is 0."""

    def forward(self, x: Any) -> Tensor:
        return functional.relu6(x)


class Hardsigmoid(Activation):
    """x / 6 + ½, limited to [0, 1]."""

    def forward(self, x: Any) -> Tensor:
        return functional.hardsigmoid(x)


class Hardswish(Activation):
    """x · hardsigmoid(x)."""

    def forward(self, x: Any) -> Tensor:
        return functional.hardswish(x)


class Hardshrink(Activation):
    """x where |x| > lambd, else 0."""

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = not_negative(lambd, "Hardshrink", "lambd")

    def forward(self, x: Any) -> Tensor:
        return functional.hardshrink(x, self.lambd)


class Softshrink(Activation):
    """x moved by lambd towards 0, and 0 where |x| ≤ lambd."""

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = not_negative(lambd, "Softshrink", "lambd")

    def forward(self, x: Any) -> Tensor:
        return functional.softshrink(x, self.lambd)


class BinaryStep(Activation):
    """1 where x ≥ 0, else 0: the threshold unit. Its derivative is 0, so nothing learns through it.

    The layers before it get gradients of zeros; see `nn.Perceptron` for a rule that learns.
    """

    def forward(self, x: Any) -> Tensor:
        return functional.binary_step(x)
