"""Parting data into training, development and test sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.data.arguments import Array, Source, count_examples, random_source

WHO = "train_dev_test_split"


def train_dev_test_split(
    *arrays: Any,
    sizes: Sequence[float] = (0.6, 0.2, 0.2),
    stratify: Any = None,
    generator: Source = None,
) -> list[Any]:
    """Part the examples at random, for training, development and test.

    Args:
        arrays: examples along the first axis, equally many in each. For the indices of the
            examples give np.arange(n).
        sizes: of the parts, as many as there are: fractions that add up to 1, such as
            (0.98, 0.01, 0.01) or (0.8, 0.2), or whole numbers of examples that add up to all.
        stratify: (n,), the class of each example; every part then has all classes in the same
            proportions, to within one example. Numbers are parted evenly along their range.
        generator: what shuffles: a Generator, or a seed for one; the project's own if None.

    Returns:
        For each part a tuple with a piece of every array (the piece itself if there is one
        array), shuffled. Each example is in exactly one part.

    Raises:
        ValueError, TypeError: unequal numbers of examples; sizes that are not positive or do not
            add up; too few examples for a part to have one; labels of another shape.

    Example:
        (x, y), dev, test = train_dev_test_split(images, labels, stratify=labels, generator=0)
    """
    n = count_examples(arrays, WHO)
    shares = _shares(sizes, n)
    labels = np.zeros(n) if stratify is None else np.asarray(stratify)
    if labels.shape != (n,):
        raise ValueError(
            f"{WHO}: stratify has one label for each of the {n} examples, shape ({n},), not "
            f"{labels.shape}."
        )
    parts = _parts(labels, shares, random_source(generator))
    if any(len(rows) == 0 for rows in parts):
        raise ValueError(
            f"{WHO}: {n} examples are too few for the sizes {sizes!r}; the parts would have "
            f"{', '.join(str(len(rows)) for rows in parts)}."
        )
    pieces = [tuple(one[rows] for one in arrays) for rows in parts]
    return pieces if len(arrays) > 1 else [one for (one,) in pieces]


def _shares(sizes: Sequence[float], n: int) -> Array:
    """The sizes as fractions that add up to 1."""
    shares = np.asarray(sizes)
    if shares.ndim != 1 or shares.dtype.kind not in "iuf" or not (shares > 0).all():
        total = np.nan
    elif shares.dtype.kind == "f" or len(shares) == 1 == shares[0]:
        total = shares.sum()
    else:
        total, shares = shares.sum() / n, shares / n
    if not abs(total - 1) < 1e-6:
        raise ValueError(
            f"{WHO}: the sizes are positive, and either fractions that add up to 1, such as "
            f"(0.6, 0.2, 0.2), or whole numbers that add up to all {n} examples; not {sizes!r}."
        )
    return shares


def _parts(labels: Array, shares: Array, generator: np.random.Generator) -> list[Array]:
    """For each share the indices of its examples, shuffled."""
    shuffled = generator.permutation(len(labels))
    rest = shuffled[np.argsort(labels[shuffled], kind="stable")]  # by class, shuffled within
    parts = []
    for i in range(len(shares) - 1):
        # Evenly spaced through the classes one after the other: of each its share, to within one.
        share = shares[i] / shares[i:].sum()
        taken = np.diff(np.floor(share * np.arange(len(rest) + 1) + 0.5)) > 0
        parts.append(rest[taken])
        rest = rest[~taken]
    parts.append(rest)
    return [generator.permutation(part) for part in parts]
