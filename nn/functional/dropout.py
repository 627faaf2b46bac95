"""What is left out, or disturbed, at random."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.random import draw
from nn.checks import probability
from nn.functional.operands import floating


def dropout(
    x: Any,
    p: float = 0.5,
    training: bool = True,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """Each entry of x zero with probability p, else divided by 1 − p; x itself if not training.

    Raises TypeError or ValueError if p is not a number from 0 to 1.
    """
    p = probability(p, "dropout")
    values = floating(x)
    if not training or p == 0:
        return values
    kept = draw("random", values.shape, values.dtype, generator) >= p
    scale = 1 / (1 - p) if p < 1 else 0.0
    return values * np.multiply(kept, scale, dtype=values.dtype)


ALPHA = 1.7580993408473766  # −SELU(−∞): what SELU's values fall to


def alpha_dropout(
    x: Any,
    p: float = 0.5,
    training: bool = False,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """Each entry −α with probability p, then all scaled and shifted; x itself if not training.

    As in PyTorch, and other than for `dropout`, `training` is False if it is not said.
    α = 1.7581 is where SELU saturates. The scale and the shift keep a mean of 0 and a variance of
    1, as SELU's results have. Raises TypeError or ValueError if p is not from 0 to below 1.
    """
    p = spread_probability(p, "alpha_dropout")
    values = floating(x)
    if not training or p == 0:
        return values
    kept = draw("random", values.shape, values.dtype, generator) >= p
    scale = 1 / sqrt((1 - p) * (1 + p * ALPHA**2))
    factor = np.multiply(kept, scale, dtype=values.dtype)
    return values * factor + (ALPHA * factor - ALPHA * scale * (1 - p))


def gaussian_dropout(
    x: Any,
    p: float = 0.5,
    training: bool = True,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """Each entry times a normal number of mean 1, variance p / (1 − p); x itself if not training.

    Mean and variance are those of dropout's factors. Raises TypeError or ValueError if p is not a
    number from 0 to below 1.
    """
    p = spread_probability(p, "gaussian_dropout")
    values = floating(x)
    if not training or p == 0:
        return values
    noise = draw("standard_normal", values.shape, values.dtype, generator)
    std = sqrt(p / (1 - p))
    return values * (1 + std * noise)


def spread_probability(p: Any, who: str) -> float:
    """`p` as a float below 1, at which nothing would be left to keep a variance."""
    share = probability(p, who)
    if share == 1:
        raise ValueError(f"{who}: p is below 1; at 1 nothing is left whose variance could be kept.")
    return share
