"""Initial values for parameters, written in place.

What keeps the sizes of activations, and of gradients, about the same from layer to layer depends on
a weight's fan-in (how many inputs a unit sums) and fan-out (how many units an input feeds): for a
weight of shape (n_out, n_in), n_in and n_out. Every function returns the Tensor it filled, and
draws from the project's own generator if none is given.

Raises:
    TypeError: what is to be filled is no Tensor, or random numbers are to go into whole ones.
    ValueError: a Tensor with fewer than two axes has no fan; a negative spread; an unknown name.
"""

from __future__ import annotations

from math import prod, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.random import draw

if TYPE_CHECKING:
    from numpy.random import Generator


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros."""
    return constant_(tensor, 0)


def constant_(tensor: Tensor, value: float) -> Tensor:
    """Fill with one number."""
    _check(tensor)
    return tensor.copy_(np.full(tensor.shape, value))


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill with numbers uniform between a and b."""
    if a > b:
        raise ValueError(f"uniform_: the lower end {a} is above the upper end {b}.")
    return tensor.copy_(a + (b - a) * _drawn("random", tensor, generator))


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill with normal numbers of the given mean and standard deviation."""
    if std < 0:
        raise ValueError(f"normal_: a standard deviation is not negative; this is {std}.")
    return tensor.copy_(mean + std * _drawn("standard_normal", tensor, generator))


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Uniform between ±gain·√(6 / (fan_in + fan_out)).

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010.
    """
    bound = sqrt(3) * _xavier_std(tensor, gain)
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal with standard deviation gain·√(2 / (fan_in + fan_out)); see `xavier_uniform_`."""
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Uniform between ±gain·√(3 / fan).

    Args:
        tensor: what to fill, with two axes or more.
        a: the slope of the leaky ReLU that follows; 0 for ReLU.
        mode: "fan_in" keeps the variance of activations, "fan_out" that of gradients.
        nonlinearity: what follows the layer; decides the gain, see `calculate_gain`.
        generator: where the numbers are drawn from.

    Source: He, Zhang, Ren, Sun, "Delving Deep into Rectifiers: Surpassing Human-Level Performance
    on ImageNet Classification", ICCV 2015.
    """
    bound = sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Normal with standard deviation gain / √fan; see `kaiming_uniform_`."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which a non-linearity asks for larger weights, as PyTorch has it.

    linear and sigmoid 1, tanh 5/3, relu √2, leaky_relu √(2 / (1 + slope²)) with the slope `param`
    (0.01 if None), selu 3/4.
    """
    slope = 0.01 if param is None else param
    gains = {
        "linear": 1.0,
        "sigmoid": 1.0,
        "tanh": 5 / 3,
        "relu": sqrt(2),
        "leaky_relu": sqrt(2 / (1 + slope**2)),
        "selu": 3 / 4,
    }
    if nonlinearity not in gains:
        raise ValueError(
            f"calculate_gain: no gain is known for {nonlinearity!r}; known are {', '.join(gains)}."
        )
    return gains[nonlinearity]


def _xavier_std(tensor: Tensor, gain: float) -> float:
    return gain * sqrt(2 / sum(_fans(tensor)))


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode is "fan_in" or "fan_out", not {mode!r}.')
    fan = _fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / sqrt(fan)


def _fans(tensor: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out): axes after the second, as a convolution has, multiply both."""
    _check(tensor)
    if tensor.ndim < 2:
        name = f" {tensor.name!r}" if tensor.name else ""
        raise ValueError(
            f"fan_in and fan_out are those of a weight (n_out, n_in); the Tensor{name} has shape "
            f"{tensor.shape}. Is it a bias? Biases usually start at zero: init.zeros_(bias)."
        )
    n_out, n_in, *field = tensor.shape
    return n_in * prod(field), n_out * prod(field)


def _drawn(method: str, tensor: Tensor, generator: Generator | None) -> Any:
    _check(tensor)
    if tensor.dtype.kind != "f":
        raise TypeError(f"Random numbers do not go into a Tensor of {tensor.dtype}.")
    return draw(method, tensor.shape, tensor.dtype, generator)


def _check(tensor: Any) -> None:
    if not isinstance(tensor, Tensor):
        raise TypeError(
            "nn.init fills a Tensor or Parameter in place, such as layer.weight, not "
            f"{type(tensor).__name__}."
        )
