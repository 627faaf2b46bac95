"""Arguments that the functions of this package have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.random import default_generator

Array = np.ndarray[Any, Any]
Source = np.random.Generator | int | None


def random_source(generator: Source) -> np.random.Generator:
    """The generator itself, a new one from a seed, or the project's own for None."""
    return default_generator() if generator is None else np.random.default_rng(generator)


def arrays_within(data: Any) -> str:
    """What to write for data that has its arrays as attributes, as a `Table` does; or nothing."""
    return " Give its arrays: data.x, data.y." if hasattr(data, "x") and hasattr(data, "y") else ""


def count_examples(arrays: tuple[Any, ...], who: str) -> int:
    """How many examples the arrays have along their first axis: equally many, at least one.

    Raises TypeError for what is no array, ValueError for unequal numbers, or none.
    """
    for i, one in enumerate(arrays):
        if not getattr(one, "shape", ()):
            fix = " Make it one with np.asarray; for bare indices give np.arange(n)."
            raise TypeError(
                f"{who}: argument {i} is no array of examples, but of type {type(one).__name__}."
                f"{arrays_within(one) or fix}"
            )
    if not arrays:
        raise ValueError(f"{who}: give at least one array of examples.")
    lengths = [len(one) for one in arrays]
    if len(set(lengths)) != 1:
        raise ValueError(
            f"{who}: the arrays have unequal numbers of examples: {', '.join(map(str, lengths))}."
        )
    if lengths[0] == 0:
        raise ValueError(f"{who}: there are no examples; the shape is {arrays[0].shape}.")
    return lengths[0]
