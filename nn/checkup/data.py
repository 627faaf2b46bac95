"""The data, as the doctor looks at it: rows of inputs and targets."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from autograd import Tensor
from nn.training.batches import array_of, is_pair, pairs

Array = np.ndarray[Any, Any]
ENOUGH = 4096  # rows of batches
PATIENCE = 0.3  # seconds for which batches are taken


class Data:
    """Inputs and targets, row by row.

    Attributes:
        x, y: arrays with an example in each row.
        batch_sizes: how the rows came in batches; None if all came at once.
        whole: whether this is all there is.
    """

    def __init__(self, data: Any) -> None:
        self.batch_sizes: list[int] | None = None
        self.whole = True
        if is_pair(data) and len(data) == 2:
            self.x, self.y = map(array_of, data)
        else:
            self.x, self.y = self._gathered(data)
        if self.x.dtype == object or self.x.ndim == 0 or not len(self.x):
            raise TypeError(
                "doctor(model, loss, data): the inputs are an array with an example in each row; "
                f"these are of shape {self.x.shape} and dtype {self.x.dtype}."
            )
        if np.shape(self.y)[:1] != self.x.shape[:1]:
            raise ValueError(
                f"doctor: there are {len(self.x)} inputs, and targets of shape "
                f"{np.shape(self.y)}. Each input has a target: compare how the two were loaded, "
                "filtered and split."
            )

    def _gathered(self, data: Any) -> tuple[Array, Array]:
        if isinstance(data, Iterator):
            raise TypeError(
                f"doctor: this {type(data).__name__} can be gone through once only, so looking at "
                "it would use it up. Give (x, y), a DataLoader, or a list of batches (x, y)."
            )
        if not isinstance(data, Iterable) or isinstance(data, np.ndarray | Tensor | dict | str):
            raise TypeError(
                "doctor(model, loss, data): data is (x, y), arrays with an example in each row; a "
                f"DataLoader; or a list of batches (x, y). This is {type(data).__name__}."
            )
        until, rows = time.perf_counter() + PATIENCE, 0
        xs, ys, sizes = [], [], []
        self.whole = False
        for x, y in pairs(data, "doctor"):
            xs.append(array_of(x))
            ys.append(array_of(y))
            sizes.append(len(xs[-1]))
            rows += sizes[-1]
            if rows >= ENOUGH or time.perf_counter() > until:
                break
        else:
            self.whole = True
        self.batch_sizes = sizes
        return np.concatenate(xs), np.concatenate(ys)

    def __len__(self) -> int:
        return len(self.x)


def spread(count: int, most: int) -> Array:
    """Positions of at most `most` of `count` rows, from everywhere, in order.

    They are drawn, since evenly spaced rows of sorted or repeating labels may be of one class.
    """
    if count <= most:
        return np.arange(count)
    drawn = np.random.default_rng(0).choice(count, most, replace=False)
    return np.sort(drawn)
