"""Going through data in small pieces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.random import default_generator
from nn.checks import whole_number


def batches(
    *arrays: Any,
    batch_size: int,
    shuffle: bool = True,
    generator: np.random.Generator | None = None,
) -> Iterator[Any]:
    """Go once through the examples, `batch_size` at a time; the last batch may be smaller.

    Args:
        arrays: examples along the first axis, equally many in each. For bare indices give
            np.arange(n).
        batch_size: how many examples at a time.
        shuffle: whether in random order, a new one at every call.
        generator: what shuffles; the project's own if None.

    Yields:
        A tuple with a piece of every array; the piece itself if there is one array.

    Raises:
        ValueError, TypeError: no array, unequal numbers of examples, or a batch size that is not a
            positive whole number.

    Example:
        for x, y in batches(images, labels, batch_size=64):
            ...
    """
    batch_size = whole_number(batch_size, "batches", "batch_size")
    for i, one in enumerate(arrays):
        if not getattr(one, "shape", ()):
            raise TypeError(
                f"batches: argument {i} is no array of examples, but of type {type(one).__name__}. "
                "Give the arrays one by one, batches(x, y, batch_size=64); for bare indices give "
                "np.arange(n)."
            )
    lengths = [len(one) for one in arrays]
    if len(set(lengths)) != 1:
        raise ValueError(
            f"batches: the arrays have unequal numbers of examples: {', '.join(map(str, lengths))}."
            if arrays
            else "batches: give at least one array of examples."
        )
    n = lengths[0]
    generator = default_generator() if generator is None else generator
    order = generator.permutation(n) if shuffle else None

    def pieces() -> Iterator[Any]:
        for start in range(0, n, batch_size):
            chosen: Any = slice(start, start + batch_size)
            if order is not None:
                chosen = order[chosen]
            piece = tuple(one[chosen] for one in arrays)
            yield piece if len(piece) > 1 else piece[0]

    return pieces()
