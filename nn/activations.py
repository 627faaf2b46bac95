"""Activation functions as layers."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, ops
from nn.module import Module


class ReLU(Module):
    """max(x, 0), entry by entry; the derivative at 0 is 0."""

    def forward(self, x: Any) -> Tensor:
        return ops.ReLU.apply(x)


class Sigmoid(Module):
    """σ(x) = 1 / (1 + e⁻ˣ), entry by entry."""

    def forward(self, x: Any) -> Tensor:
        return ops.Sigmoid.apply(x)


class Tanh(Module):
    """Hyperbolic tangent, entry by entry."""

    def forward(self, x: Any) -> Tensor:
        return ops.Tanh.apply(x)


class Softmax(Module):
    """eˣ over its sum along `axis`: positive numbers that add up to 1.

    For training, leave it out: CrossEntropyLoss takes what comes before it.
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Tensor:
        return ops.Softmax.apply(x, axis=self.axis)

    def extra_repr(self) -> str:
        return f"axis={self.axis}"


class LogSoftmax(Module):
    """The logarithm of softmax along `axis`, exact also where softmax is almost 0."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Tensor:
        return ops.LogSoftmax.apply(x, axis=self.axis)

    def extra_repr(self) -> str:
        return f"axis={self.axis}"
