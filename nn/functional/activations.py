"""Activation functions, entry by entry and along an axis, by PyTorch's names.

Each takes a Tensor or anything that becomes one, and gives a Tensor of the same shape (`glu`: half
as long). Whole numbers are taken in the default dtype. All are exact for large and small numbers;
where one has a kink, its derivative there is PyTorch's, and stated.

Raises:
    TypeError, ValueError: a setting is no number, or out of its range.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, ops, where
from autograd.ops import activations, trigonometry
from autograd.random import draw
from nn.checks import not_negative, number, positive
from nn.functional.operands import floating
from nn.spelling import takes_dim

# Zero, or nearly so, for negative numbers


def leaky_relu(x: Any, negative_slope: float = 0.01) -> Tensor:
    """x where x > 0, negative_slope · x elsewhere; the derivative at 0 is negative_slope."""
    slope = number(negative_slope, "leaky_relu", "negative_slope")
    return activations.LeakyReLU.apply(floating(x), slope)


def prelu(x: Any, weight: Any) -> Tensor:
    """Leaky ReLU with slopes that are learned: weight (1,), or (channels,) for axis 1 of x.

    Raises ValueError if there are several slopes, but not one for each channel of x.
    """
    values = floating(x)
    slopes = weight if isinstance(weight, Tensor) else Tensor(weight)
    channels = values.shape[1] if values.ndim > 1 else 1
    if slopes.size != 1 and slopes.shape != (channels,):
        raise ValueError(
            f"prelu: the weight of shape {slopes.shape} is one slope, or one for each channel, and "
            f"x of shape {values.shape} has {channels} (its axis 1, if there is one)."
        )
    shape = (slopes.size, *(1,) * (values.ndim - 2)) if values.ndim > 1 else ()
    return activations.LeakyReLU.apply(
        values, slopes if slopes.shape == shape else slopes.reshape(shape)
    )


def rrelu(
    x: Any,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """Leaky ReLU with a random slope for each entry, uniform from lower to upper.

    If not training, the slope is their mean.
    Source: Xu, Wang, Chen, Li, "Empirical Evaluation of Rectified Activations in Convolutional
    Network", arXiv:1505.00853.
    """
    lower, upper = interval(lower, upper, "rrelu", "lower", "upper")
    values = floating(x)
    if not training:
        return activations.LeakyReLU.apply(values, (lower + upper) / 2)
    slopes = lower + (upper - lower) * draw("random", values.shape, values.dtype, generator)
    return activations.LeakyReLU.apply(values, slopes)


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """x where x > 0, alpha · (eˣ − 1) elsewhere; the derivative at 0 is alpha.

    Source: Clevert, Unterthiner, Hochreiter, "Fast and Accurate Deep Network Learning by
    Exponential Linear Units (ELUs)", ICLR 2016.
    """
    return activations.ELU.apply(floating(x), alpha=number(alpha, "elu", "alpha"))


# The fixed point of mean 0 and variance 1: its derivation is in the source named below.
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def selu(x: Any) -> Tensor:
    """1.0507 · elu(x, 1.67326…): keeps mean 0 and variance 1 from layer to layer.

    For weights of variance 1 / fan_in, as `nn.init.lecun_normal_` draws them.
    Source: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-Normalizing Neural Networks", NIPS 2017.
    """
    return SELU_SCALE * activations.ELU.apply(floating(x), alpha=SELU_ALPHA)


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """x where x > 0, alpha · (exp(x / alpha) − 1) elsewhere; smooth at 0 for any positive alpha.

    Source: Barron, "Continuously Differentiable Exponential Linear Units", arXiv:1704.07483.
    """
    alpha = positive(alpha, "celu", "alpha")
    return activations.ELU.apply(floating(x), alpha=alpha, width=alpha)


def relu6(x: Any) -> Tensor:
    """x limited to [0, 6]; the derivative at both limits is 0."""
    return hardtanh(x, 0.0, 6.0)


def threshold(x: Any, threshold: float, value: float) -> Tensor:
    """x where x > threshold, the number `value` elsewhere, where the derivative is 0."""
    values, least = floating(x), number(threshold, "threshold", "threshold")
    return where(values <= least, number(value, "threshold", "value"), values)


# Smooth


def gelu(x: Any, approximate: str = "none") -> Tensor:
    """x · Φ(x), where Φ(x) is the probability that a standard normal number is below x.

    With approximate="tanh", Φ(x) ≈ ½ (1 + tanh(√(2/π) · (x + 0.044715 x³))).
    Source: Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", arXiv:1606.08415.
    """
    values = floating(x)
    if known_form(approximate, "gelu") == "tanh":
        return activations.TanhGELU.apply(values)
    return values * activations.NormalCDF.apply(values)


def known_form(approximate: Any, who: str) -> str:
    """The argument `approximate` of GELU. Raises ValueError for an unknown one."""
    if approximate not in ("none", "tanh"):
        raise ValueError(f'{who}: approximate is "none" or "tanh", not {approximate!r}.')
    return str(approximate)


def silu(x: Any) -> Tensor:
    """x · σ(x), also called swish.

    Source: Ramachandran, Zoph, Le, "Searching for Activation Functions", arXiv:1710.05941.
    """
    values = floating(x)
    return values * ops.Sigmoid.apply(values)


def mish(x: Any) -> Tensor:
    """x · tanh(softplus(x)).

    Source: Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", arXiv:1908.08681.
    """
    values = floating(x)
    return values * ops.Tanh.apply(activations.Softplus.apply(values))


def softplus(x: Any, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """ln(1 + exp(beta · x)) / beta, and x itself where beta · x > threshold, as in PyTorch.

    It never overflows, so that threshold=inf gives it exactly everywhere; above 20 the difference
    is less than 2.1e-9. The derivative (for beta = 1) is the sigmoid.
    """
    beta = positive(beta, "softplus", "beta")
    threshold = not_negative(threshold, "softplus", "threshold")
    return activations.Softplus.apply(floating(x), beta=beta, threshold=threshold)


def logsigmoid(x: Any) -> Tensor:
    """ln σ(x), exact also where σ(x) is almost 0 or 1."""
    return activations.LogSigmoid.apply(floating(x))


def softsign(x: Any) -> Tensor:
    """x / (1 + |x|)."""
    return activations.Softsign.apply(floating(x))


def arctan(x: Any) -> Tensor:
    """The angle whose tangent is x, between ±π/2."""
    return trigonometry.Arctan.apply(floating(x))


def tanhshrink(x: Any) -> Tensor:
    """x − tanh(x)."""
    values = floating(x)
    return values - ops.Tanh.apply(values)


# Of straight pieces


def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """x limited to [min_val, max_val]; the derivative at both limits is 0."""
    low, high = interval(min_val, max_val, "hardtanh", "min_val", "max_val")
    return activations.Hardtanh.apply(floating(x), low=low, high=high)


def hardsigmoid(x: Any) -> Tensor:
    """x / 6 + ½, limited to [0, 1]; the derivative at both limits is 0."""
    return activations.Hardtanh.apply(floating(x) / 6 + 0.5, low=0.0, high=1.0)


def hardswish(x: Any) -> Tensor:
    """x · hardsigmoid(x); its derivative is 0 at −3 and 1 at 3.

    Source: Howard et al., "Searching for MobileNetV3", ICCV 2019.
    """
    values = floating(x)
    return values * hardsigmoid(values)


def hardshrink(x: Any, lambd: float = 0.5) -> Tensor:
    """x where |x| > lambd, else 0, with derivative 0."""
    lambd, values = not_negative(lambd, "hardshrink", "lambd"), floating(x)
    return values * ((values > lambd) | (values < -lambd))


def softshrink(x: Any, lambd: float = 0.5) -> Tensor:
    """x moved by lambd towards 0, and 0 where |x| ≤ lambd, with derivative 0."""
    lambd, values = not_negative(lambd, "softshrink", "lambd"), floating(x)
    return values - ops.Clip.apply(values, min=-lambd, max=lambd)


def binary_step(x: Any) -> Tensor:
    """1 where x ≥ 0, else 0: the threshold unit. Its derivative is taken as 0 everywhere."""
    return activations.BinaryStep.apply(floating(x))


# Along an axis, which may be given as `dim`, PyTorch's name for it


@takes_dim
def softmax(x: Any, axis: int = -1) -> Tensor:
    """eˣ over its sum along `axis` (or `dim`): positive numbers that add up to 1."""
    return ops.Softmax.apply(floating(x), axis=axis)


@takes_dim
def log_softmax(x: Any, axis: int = -1) -> Tensor:
    """The logarithm of softmax along `axis`, exact also where softmax is almost 0."""
    return ops.LogSoftmax.apply(floating(x), axis=axis)


@takes_dim
def softmin(x: Any, axis: int = -1) -> Tensor:
    """softmax(−x): the smallest number gets the largest share."""
    return ops.Softmax.apply(-floating(x), axis=axis)


@takes_dim
def glu(x: Any, axis: int = -1) -> Tensor:
    """a · σ(b), where a and b are the first and second half of x along `axis`.

    Raises ValueError if x does not have an even length there.
    Source: Dauphin, Fan, Auli, Grangier, "Language Modeling with Gated Convolutional Networks",
    ICML 2017.
    """
    values = floating(x)
    if -values.ndim <= axis < values.ndim and values.shape[axis] % 2:
        raise ValueError(
            f"glu: x is cut into two halves along axis {axis}, whose length is odd; x has shape "
            f"{values.shape}. Make the layer before it twice as wide as what glu is to give."
        )
    a, b = ops.split(values, 2, axis)
    return a * ops.Sigmoid.apply(b)


def interval(low: Any, high: Any, who: str, *names: str) -> tuple[float, float]:
    """Two settings as numbers. Raises ValueError if the first is above the second."""
    ends = number(low, who, names[0]), number(high, who, names[1])
    if not ends[0] <= ends[1]:
        raise ValueError(f"{who}: {names[0]}, {low}, is above {names[1]}, {high}.")
    return ends
