"""What is trained or judged on, as batches: pairs of inputs and targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import Any

import numpy as np

from autograd import Tensor, get_default_dtype
from nn.checks import whole_number
from nn.data.arguments import Source, arrays_within
from nn.data.loaders import DataLoader
from nn.module import Module
from nn.training.arguments import ORDER, kind_of
from optim.optimizer import Optimizer

Batch = tuple[Any, Any]
PAIRS = tuple, list  # what a batch may be
TRAINED_AT_A_TIME = 32  # examples, where nobody says
JUDGED_AT_A_TIME = 256


def training_batches(
    data: Any, batch_size: int | None, shuffle: bool | None, generator: Source
) -> Iterable[Any]:
    """`data` as something to go through once per epoch; see `fit`."""
    if not is_pair(data):
        given = {"batch_size": batch_size, "shuffle": shuffle, "generator": generator}
        beside = [name for name, value in given.items() if value is not None]
        if beside:
            raise ValueError(
                f"fit: {', '.join(beside)} is for data given as (x, y). This {kind_of(data)} makes "
                "its batches itself: say it there."
            )
        return _iterable(data, "fit")
    return DataLoader(
        *map(array_of, data),
        batch_size=TRAINED_AT_A_TIME if batch_size is None else batch_size,
        shuffle=True if shuffle is None else shuffle,
        generator=generator,
    )


def judging_batches(data: Any, who: str, batch_size: int = JUDGED_AT_A_TIME) -> Iterable[Any]:
    """`data` as batches in their order; see `evaluate`."""
    size = whole_number(batch_size, who, "batch_size")
    if is_pair(data):
        return DataLoader(*map(array_of, data), batch_size=size)
    return _iterable(data, who)


def pairs(batches: Iterable[Any], who: str) -> Iterator[Batch]:
    """The batches, each (inputs, targets), the inputs a Tensor.

    Raises TypeError for a batch that is no pair, ValueError if there are none.
    """
    empty = True
    for batch in batches:
        if not isinstance(batch, PAIRS) or len(batch) != 2:
            raise TypeError(
                f"{who}: a batch is a pair (x, y) of inputs and targets, and this is "
                f"{kind_of(batch)}{_hint(batch)}."
            )
        empty = False
        x, y = batch
        yield (x if isinstance(x, Tensor) else Tensor(x)), y
    if empty:
        raise _no_batches(who)


def is_pair(data: Any) -> bool:
    """Whether the data is (x, y), arrays of all examples, rather than batches."""
    return isinstance(data, tuple) and not any(isinstance(one, tuple) for one in data)


def array_of(x: Any) -> Any:
    """The array of a Tensor, or of a list, as a Tensor of it has; anything else as it is."""
    if isinstance(x, list):
        array = np.asarray(x)
        return array.astype(get_default_dtype()) if array.dtype.kind == "f" else array
    return x.data if isinstance(x, Tensor) else x


def count(batches: Iterable[Any]) -> int | None:
    """How many batches an epoch has, if they say so."""
    return len(batches) if isinstance(batches, Sized) else None


def _iterable(data: Any, who: str) -> Iterable[Any]:
    strange = isinstance(data, Module | Optimizer | np.ndarray | Tensor | dict | str)
    if strange or not isinstance(data, Iterable):
        order = ORDER if who == "fit" else ""
        fix = " A share is split off by nn.data.train_dev_test_split." * isinstance(data, float)
        raise TypeError(
            f"{who}{order}: data is (x, y), arrays with an example in each row; a DataLoader; or "
            f"an iterable of batches (x, y). This is {kind_of(data)}.{fix or arrays_within(data)}"
        )
    if count(data) == 0:
        raise _no_batches(who)
    return data


def _no_batches(who: str) -> ValueError:
    return ValueError(
        f"{who}: the data has no batches. A generator is used up after one pass: give a "
        "DataLoader, a list of batches, or (x, y)."
    )


def _hint(batch: Any) -> str:
    if isinstance(batch, np.ndarray | Tensor):
        return (
            ". Arrays of all examples are given as a tuple, (x, y); and DataLoader(x, y, …), with "
            "the targets, gives pairs"
        )
    return f" of {len(batch)}" if isinstance(batch, tuple | list) else ""
