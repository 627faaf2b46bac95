"""Smooth activation functions, entry by entry."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, ops
from nn.activations.base import Activation
from nn.checks import not_negative, positive
from nn.functional import activations as functional
from nn.functional.operands import floating


class Sigmoid(Activation):
    """σ(x) = 1 / (1 + e⁻ˣ), entry by entry."""

    def forward(self, x: Any) -> Tensor:
        return ops.Sigmoid.apply(floating(x))


class Tanh(Activation):
    """Hyperbolic tangent, entry by entry; tanh(x) = 2 σ(2x) − 1."""

    def forward(self, x: Any) -> Tensor:
        return ops.Tanh.apply(floating(x))


class Arctan(Activation):
    """The angle whose tangent is x, between ±π/2."""

    def forward(self, x: Any) -> Tensor:
        return functional.arctan(x)


class Softplus(Activation):
    """ln(1 + exp(beta · x)) / beta: a smooth ReLU. See `nn.functional.softplus`."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta = positive(beta, "Softplus", "beta")
        self.threshold = not_negative(threshold, "Softplus", "threshold")

    def forward(self, x: Any) -> Tensor:
        return functional.softplus(x, self.beta, self.threshold)


class LogSigmoid(Activation):
    """The logarithm of the sigmoid, exact also where the sigmoid is almost 0."""

    def forward(self, x: Any) -> Tensor:
        return functional.logsigmoid(x)


class Softsign(Activation):
    """x / (1 + |x|)."""

    def forward(self, x: Any) -> Tensor:
        return functional.softsign(x)


class GELU(Activation):
    """x · Φ(x) with the normal distribution's Φ, or with approximate="tanh" an approximation."""

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = functional.known_form(approximate, "GELU")

    def forward(self, x: Any) -> Tensor:
        return functional.gelu(x, self.approximate)


class SiLU(Activation):
    """x · σ(x), also called swish."""

    def forward(self, x: Any) -> Tensor:
        return functional.silu(x)


class Mish(Activation):
    """x · tanh(softplus(x))."""

    def forward(self, x: Any) -> Tensor:
        return functional.mish(x)


class Tanhshrink(Activation):
    """x − tanh(x)."""

    def forward(self, x: Any) -> Tensor:
        return functional.tanhshrink(x)
