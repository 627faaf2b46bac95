"""Every entry the same number, or drawn from the same distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.random import draw

if TYPE_CHECKING:
    from numpy.random import Generator


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros."""
    return constant_(tensor, 0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones."""
    return constant_(tensor, 1)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one number."""
    must_be_tensor(tensor)
    return tensor.copy_(np.full(tensor.shape, val))


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill with numbers uniform between a and b."""
    if a > b:
        raise ValueError(f"uniform_: the lower end {a} is above the upper end {b}.")
    return tensor.copy_(a + (b - a) * drawn("random", tensor, generator))


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill with normal numbers of the given mean and standard deviation."""
    must_not_be_negative(std, "normal_")
    return tensor.copy_(mean + std * drawn("standard_normal", tensor, generator))


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with normal numbers, of which only those between a and b are taken.

    a and b are ends of the interval as they are, not numbers of standard deviations.

    Raises ValueError if std is not positive, or next to no normal number is between a and b.
    """
    from statistics import NormalDist  # a module that loads many others

    if not std > 0:
        raise ValueError(f"trunc_normal_: the standard deviation is positive, not {std}.")
    normal = NormalDist(mean, std)
    below, until = normal.cdf(a), normal.cdf(b)
    if not until - below > 1e-9:
        raise ValueError(
            f"trunc_normal_: normal numbers of mean {mean} and standard deviation {std} are never "
            f"between {a} and {b}. (a and b are values, not numbers of standard deviations.)"
        )
    must_be_floating(tensor)
    share = below + (until - below) * draw("random", tensor.shape, np.float64, generator)
    share = np.clip(share, np.finfo(float).tiny, 1 - np.finfo(float).epsneg)
    values = np.vectorize(normal.inv_cdf, [float])(share)
    return tensor.copy_(np.clip(values, a, b))


# Shared with the other files of this folder


def drawn(method: str, tensor: Tensor, generator: Generator | None) -> Any:
    """Random numbers for the Tensor; see `autograd.random.draw`."""
    must_be_floating(tensor)
    return draw(method, tensor.shape, tensor.dtype, generator)


def must_be_floating(tensor: Any) -> None:
    """Raise TypeError for what random numbers cannot be written into."""
    must_be_tensor(tensor)
    if tensor.dtype.kind != "f":
        raise TypeError(f"Random numbers do not go into a Tensor of {tensor.dtype}.")


def must_be_tensor(tensor: Any) -> None:
    """Raise TypeError for what cannot be filled."""
    if not isinstance(tensor, Tensor):
        raise TypeError(
            "nn.init fills a Tensor or Parameter in place, such as layer.weight, not "
            f"{type(tensor).__name__}."
        )


def must_not_be_negative(std: float, who: str) -> None:
    """Raise ValueError for a negative standard deviation."""
    if std < 0:
        raise ValueError(f"{who}: a standard deviation is not negative; this is {std}.")
