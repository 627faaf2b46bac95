"""Parting data into training, development and test sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.random import default_generator


def stratified_split(
    labels: Any, fractions: Sequence[float], generator: np.random.Generator | None = None
) -> list[np.ndarray[Any, Any]]:
    """Part the examples at random so that every part has all classes in the same proportions.

    Args:
        labels: (n,), the class of each example.
        fractions: the share of each part, such as (0.6, 0.2, 0.2); they add up to 1.
        generator: what shuffles; the project's own if None. The same seed gives the same parts.

    Returns:
        For each part the indices of its examples, shuffled. Each example is in exactly one part.

    Raises:
        ValueError: the labels have several axes; the fractions are not positive or do not add up
            to 1; there are too few examples for a part to have one.

    Example:
        train, test = stratified_split(labels, (0.8, 0.2), np.random.default_rng(0))
        images[train], labels[train]
    """
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ValueError(
            f"stratified_split takes one label for each example, shape (n,), not {labels.shape}."
        )
    shares = np.asarray(fractions, np.float64)
    if shares.ndim != 1 or not (shares > 0).all() or abs(shares.sum() - 1) > 1e-6:
        raise ValueError(
            "stratified_split: the fractions are positive and add up to 1, such as (0.8, 0.2), "
            f"not {fractions!r}."
        )
    generator = default_generator() if generator is None else generator
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
    if any(len(part) == 0 for part in parts):
        sizes = ", ".join(str(len(part)) for part in parts)
        raise ValueError(
            f"stratified_split: {len(labels)} examples are too few for the fractions "
            f"{fractions!r}; the parts would have {sizes}."
        )
    return [generator.permutation(part) for part in parts]
