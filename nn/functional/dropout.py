"""What is left out at random."""

from __future__ import annotations

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
