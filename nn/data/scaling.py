"""Bringing features to a common scale."""

from __future__ import annotations

from typing import Any, overload

import numpy as np

from autograd import get_default_dtype

Array = np.ndarray[Any, Any]


@overload
def standardize(train: Any) -> Array: ...


@overload
def standardize(train: Any, *others: Any) -> tuple[Array, ...]: ...


def standardize(train: Any, *others: Any) -> Array | tuple[Array, ...]:
    """Shift and scale each feature so that in `train` its mean is 0 and its deviation 1.

    Args:
        train: (n, ...), the examples that decide the mean and deviation of each feature.
        others: more examples (development, test), scaled with the numbers of `train`: nothing of
            them may be known in training.

    Returns:
        All of them, scaled, in their floating dtype (whole numbers become the default dtype); a
        feature that is constant in `train` is shifted only.

    Raises:
        ValueError: there is no training example, or others have other features.

    Example:
        x_train, x_test = standardize(x_train, x_test)
    """
    first, *more = (np.asarray(one) for one in (train, *others))
    if first.ndim == 0 or len(first) == 0:
        raise ValueError(
            f"standardize: the first argument has the training examples, shape (n, features), at "
            f"least one; its shape is {first.shape}."
        )
    mean = first.mean(axis=0, dtype=np.float64)
    deviation = first.std(axis=0, dtype=np.float64)
    # Compared exactly: the deviation of equal numbers may be a rounding error instead of 0.
    deviation = np.where(first.max(axis=0) == first.min(axis=0), 1, deviation)
    scaled = []
    for one in (first, *more):
        if one.shape[1:] != first.shape[1:]:
            raise ValueError(
                f"standardize: the training examples have the shape {first.shape[1:]}, and others "
                f"have {one.shape[1:]}."
            )
        dtype = one.dtype if one.dtype.kind == "f" else get_default_dtype()
        scaled.append(((one - mean) / deviation).astype(dtype))
    return tuple(scaled) if others else scaled[0]
