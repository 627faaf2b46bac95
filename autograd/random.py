"""One source of random numbers, so that one seed reproduces everything."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

# Made when first used: NumPy loads its random numbers only then, which keeps imports light.
_generator: np.random.Generator | None = None


def manual_seed(seed: int) -> None:
    """Start the project's random numbers anew from `seed` (a non-negative integer)."""
    global _generator
    _generator = np.random.default_rng(seed)


def default_generator() -> np.random.Generator:
    """The generator used wherever none is given."""
    global _generator
    if _generator is None:
        _generator = np.random.default_rng()
    return _generator


def take(
    generator: np.random.Generator, method: str, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> np.ndarray[Any, Any]:
    """The generator's next numbers, of dtype float32 or float64."""
    numbers: np.ndarray[Any, Any] = getattr(generator, method)(shape, dtype=dtype)
    return numbers


# What `draw` calls. Who must know of draws, or repeat them, puts its own in the place of `take`.
taking: ContextVar[Callable[..., Any]] = ContextVar("autograd_taking", default=take)


def draw(
    method: str,
    shape: tuple[int, ...],
    dtype: DTypeLike = np.float32,
    generator: np.random.Generator | None = None,
) -> np.ndarray[Any, Any]:
    """Random numbers of `shape`: method "random" (uniform in [0, 1)) or "standard_normal".

    Raises TypeError if the generator is no `np.random.Generator`.
    """
    source = default_generator() if generator is None else generator
    if not isinstance(source, np.random.Generator):
        number = f"{source}" if isinstance(source, int) else "seed"
        raise TypeError(
            f"generator is where random numbers are drawn from, not {type(source).__name__}: write "
            f"generator=np.random.default_rng({number})."
        )
    wanted = np.dtype(dtype)
    # Generators draw float32 and float64; anything narrower is rounded from float32.
    drawn = wanted if wanted in (np.float32, np.float64) else np.dtype(np.float32)
    numbers: np.ndarray[Any, Any] = taking.get()(source, method, shape, drawn)
    return numbers.astype(wanted, copy=False)
