"""Activation functions, entry by entry, and the normal distribution's Φ that some are made with.

Those that are a product, as x · σ(x), are made of operations in `nn.functional`: so each factor is
kept for the way back, and drawings show what they are.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.function import Array, Elementwise
from autograd.ops.elementwise import Sigmoid
from autograd.ops.error_function import Erfc


class LeakyReLU(Elementwise):
    """x where x > 0, slope · x elsewhere; its derivative at 0 is the slope."""

    def forward(x: Array, slope: Array) -> Array:
        return np.maximum(x, 0) + slope * np.minimum(x, 0)

    local_gradients = {
        "x": lambda x, slope: (x > 0) + slope * (x <= 0),
        "slope": lambda x: np.minimum(x, 0),
    }


class ELU(Elementwise):
    """x where x > 0, alpha · (exp(x / width) − 1) elsewhere; the derivative at 0 is alpha / width.

    With width = 1 the ELU, with width = alpha the CELU, whose derivative has no jump.
    """

    settings = ("alpha", "width")

    def forward(x: Array, alpha: float = 1.0, width: float = 1.0) -> Array:
        return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / width)

    local_gradients = {
        "x": lambda x, alpha, width: (
            (x > 0) + (x <= 0) * (alpha / width * np.exp(np.minimum(x, 0) / width))
        )
    }


class Softplus(Elementwise):
    """ln(1 + exp(beta · x)) / beta, which never overflows; x itself where beta · x > threshold."""

    settings = ("beta", "threshold")

    def forward(x: Array, beta: float = 1.0, threshold: float = math.inf) -> Array:
        z = scaled(x, beta)
        return (np.maximum(z, 0) + tail(z) * (z <= threshold)) / beta

    local_gradients = {
        "x": lambda x, beta, threshold: sigmoid_until(scaled(x, beta), threshold),
    }


def scaled(x: Array, beta: float) -> Array:
    """beta · x, without a product where it is x."""
    return x if beta == 1 else beta * x


def sigmoid_until(z: Array, threshold: float) -> Array:
    """σ(z), and 1 beyond the threshold: of a number below 1 and True, True is the larger."""
    out = Sigmoid.call(z)
    return out if threshold == math.inf else np.maximum(out, z > threshold)


class LogSigmoid(Elementwise):
    """Logarithm of the sigmoid, −ln(1 + e⁻ˣ), which never overflows."""

    def forward(x: Array) -> Array:
        return np.minimum(x, 0) - tail(x)

    local_gradients = {"x": lambda x: Sigmoid.call(-x)}


def tail(z: Array) -> Array:
    """ln(1 + e^−|z|): what ln(1 + eᶻ) is beyond max(z, 0)."""
    return np.log1p(np.exp(np.absolute(z) * -1.0))


class Softsign(Elementwise):
    """x / (1 + |x|)."""

    def forward(x: Array) -> Array:
        return x / (1 + np.absolute(x))

    local_gradients = {"x": lambda x: np.square(1 / (1 + np.absolute(x)))}


class Hardtanh(Elementwise):
    """x limited to [low, high]; unlike Clip's, the derivative at a limit is 0."""

    settings = ("low", "high")

    def forward(x: Array, low: float = -1.0, high: float = 1.0) -> Array:
        return np.clip(x, low, high)

    local_gradients = {"x": lambda x, low, high: (x > low) & (x < high)}


class BinaryStep(Elementwise):
    """1 where x ≥ 0, else 0; its derivative is taken as 0 everywhere."""

    def forward(x: Array) -> Array:
        return np.heaviside(x, 1)

    local_gradients = {"x": lambda: 0}


class NormalCDF(Elementwise):
    """Φ(x), the probability that a standard normal number is below x, exact where it is small."""

    def forward(x: Array) -> Array:
        return 0.5 * Erfc.forward(x * -math.sqrt(0.5))

    # Beyond ±40 the density is 0 in every dtype; limited, its square does not overflow.
    local_gradients = {
        "x": lambda x: 1 / math.sqrt(2 * math.pi) * np.exp(-0.5 * np.square(np.clip(x, -40, 40)))
    }


LINEAR = math.sqrt(8 / math.pi)
CUBIC = 0.044715 * LINEAR


class TanhGELU(Elementwise):
    """x · σ(√(8/π) · (x + 0.044715 x³)), near x · Φ(x).

    Source: Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", arXiv:1606.08415. They
    write ½ (1 + tanh(½ u)) for σ(u): the same, but inexact where it is small.
    """

    def forward(x: Array) -> Array:
        z = within(x)
        return x * Sigmoid.forward(z * (LINEAR + CUBIC * np.square(z)))

    local_gradients = {"x": lambda x: tanh_gelu_slope(within(x))}


def within(x: Array) -> Array:
    """x limited to ±25: beyond, the sigmoid in `TanhGELU` is 0 or 1 in every dtype."""
    return np.clip(x, -25, 25)


def tanh_gelu_slope(z: Array) -> Array:
    """The derivative of `TanhGELU` at z."""
    square = np.square(z)
    share = Sigmoid.call(z * (LINEAR + CUBIC * square))
    return share + share * (1 - share) * (z * (LINEAR + 3 * CUBIC * square))
