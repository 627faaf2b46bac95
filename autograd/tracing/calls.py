"""Recorded calls: what was called, and what is known of the arrays without holding their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from autograd.versions import memory_owner

Function = Any  # a NumPy function, or what stands for one: see `Call`


class Entry:
    """An array of a recording.

    Attributes:
        shape, dtype, strides: as the array has them.
        label: what to call it in a printed program; None for a step in between.
        value: the array itself, of one that was there before; None for what a call made.
        source: of a view, the entry of the array that it looks at.
        memory: the same number for all that lie in one memory.
        low, high: where it lies in that, in bytes.
    """

    __slots__ = ("dtype", "high", "label", "low", "memory", "shape", "source", "strides", "value")

    def __init__(self, array: Any, label: str | None, source: Entry | None, lasts: bool) -> None:
        self.shape: tuple[int, ...] = array.shape
        self.dtype: np.dtype[Any] = array.dtype
        self.strides: tuple[int, ...] = array.strides
        self.label = label
        self.source = source
        self.value: Any = array if lasts else None
        if source is not None:
            self.memory: int = source.memory
        else:  # memory that lasts is the same for all who got at it
            self.memory = id(memory_owner(array)) if lasts else id(self)
        self.low, self.high = byte_bounds(array)

    @property
    def ndim(self) -> int:
        """The number of its axes."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """The bytes of its entries."""
        return self.dtype.itemsize * prod(self.shape)

    def root(self) -> Entry:
        """The entry of the array in whose memory it lies."""
        entry = self
        while entry.source is not None:
            entry = entry.source
        return entry


@dataclass(frozen=True, eq=False)
class Call:
    """One recorded call.

    Attributes:
        function: a NumPy function or ufunc, or a method of one (`np.add.at`); `operator.getitem`
            or `setitem`; `np.ndarray.astype`; `guard`; or a generator's method that draws.
        args, kwargs: its arguments, with entries for the arrays of the recording.
        results: the arrays it made; none if it wrote into one of its arguments.
    """

    function: Function
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    results: tuple[Entry, ...]

    @cached_property
    def arrays(self) -> tuple[Any, ...]:
        """The arrays among its arguments, of the recording or not, in order."""
        return tuple(_arrays_in((self.args, self.kwargs)))


def guard(holds: Any, message: str) -> None:
    """What a recorded check does. Raises ValueError with the message if it does not hold."""
    if not holds:
        raise ValueError(message)


def _arrays_in(tree: Any) -> Iterator[Any]:
    if isinstance(tree, Entry | np.ndarray):
        yield tree
    elif isinstance(tree, tuple | list):
        for one in tree:
            yield from _arrays_in(one)
    elif isinstance(tree, dict):
        yield from _arrays_in(list(tree.values()))


def is_view(call: Call) -> bool:
    """Whether the result of a call lies in the memory of one of its arguments."""
    return len(call.results) == 1 and call.results[0].source is not None


def place_of(array: Any) -> tuple[int, int, int]:
    """The memory that an array lies in, as a number, and where in it, in bytes."""
    if isinstance(array, Entry):
        return array.memory, array.low, array.high
    return (id(memory_owner(array)), *byte_bounds(array))
