"""Random weights whose spread suits the numbers of inputs and outputs, and what comes after."""

from __future__ import annotations

from math import prod, sqrt
from typing import TYPE_CHECKING

from autograd import Tensor
from nn.init.filling import must_be_tensor, normal_, uniform_

if TYPE_CHECKING:
    from numpy.random import Generator


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Uniform between ±gain·√(6 / (fan_in + fan_out)).

    With the gain √½, the variance is 1 / (fan_in + fan_out), as some texts have it.
    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010.
    """
    bound = sqrt(3) * _xavier_std(tensor, gain)
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal with standard deviation gain·√(2 / (fan_in + fan_out)); see `xavier_uniform_`."""
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), generator)


def lecun_uniform_(tensor: Tensor, generator: Generator | None = None) -> Tensor:
    """Uniform between ±√(3 / fan_in); see `lecun_normal_`."""
    bound = sqrt(3 / fans(tensor)[0])
    return uniform_(tensor, -bound, bound, generator)


def lecun_normal_(tensor: Tensor, generator: Generator | None = None) -> Tensor:
    """Normal with standard deviation √(1 / fan_in), as SELU asks for.

    Source: LeCun, Bottou, Orr, Müller, "Efficient BackProp", in: Neural Networks: Tricks of the
    Trade, Springer 1998.
    """
    return normal_(tensor, 0.0, sqrt(1 / fans(tensor)[0]), generator)


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
    return gain * sqrt(2 / sum(fans(tensor)))


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode is "fan_in" or "fan_out", not {mode!r}.')
    fan = fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / sqrt(fan)


def fans(tensor: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out): axes after the second, as a convolution has, multiply both."""
    must_be_tensor(tensor)
    if tensor.ndim < 2:
        name = f" {tensor.name!r}" if tensor.name else ""
        raise ValueError(
            f"fan_in and fan_out are those of a weight (n_out, n_in); the Tensor{name} has shape "
            f"{tensor.shape}. Is it a bias? Biases usually start at zero: init.zeros_(bias)."
        )
    n_out, n_in, *field = tensor.shape
    return n_in * prod(field), n_out * prod(field)
