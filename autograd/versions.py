"""One clock for everything: when a node was made, and when memory was last written in place.

A rule may need a value of the forward pass. If somebody wrote into that value's memory since, the
gradient would be silently wrong, so in-place writes are stamped, and backward compares. The stamp
belongs to the memory's owner and holds the range of bytes that was written; so views, `detach()`
and slices of one flat buffer need no bookkeeping of their own.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds

tick = itertools.count(1).__next__  # one number per node and per write, in order of creation

_lock = threading.Lock()
_MOST_RANGES = 64  # per owner; beyond that, its ranges are merged into one


class Write(NamedTuple):
    """One write in place: its number on the clock, and what wrote."""

    number: int
    by: str


NO_WRITE = Write(0, "")


class _History:
    """The writes into one owner's memory: for each byte range, the number of the last one."""

    def __init__(self, owner: np.ndarray[Any, Any]) -> None:
        key = id(owner)
        # The entry goes with the memory, before the id can be given to something else.
        self.alive = weakref.ref(owner, lambda _: _histories.pop(key, None))
        self.writes: dict[tuple[int, int], Write] = {}

    def add(self, low: int, high: int, write: Write) -> None:
        if len(self.writes) >= _MOST_RANGES and (low, high) not in self.writes:
            low = min(low, *(start for start, _ in self.writes))
            high = max(high, *(stop for _, stop in self.writes))
            self.writes.clear()
        self.writes[low, high] = write

    def last(self, low: int, high: int) -> Write:
        hits = [w for (start, stop), w in self.writes.items() if start < high and low < stop]
        return max(hits, default=NO_WRITE)


_histories: dict[int, _History] = {}
_latest = 0


def memory_owner(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The array that owns `array`'s memory: the end of its chain of bases."""
    while True:
        base = array.base.obj if isinstance(array.base, memoryview) else array.base
        if not isinstance(base, np.ndarray):
            return array
        array = base


class Memory:
    """The memory that an array lies in, found once, for who writes into it again and again."""

    __slots__ = ("high", "low", "owner")

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.owner = memory_owner(array)
        self.low, self.high = byte_bounds(array)

    def stamp(self, by: str) -> None:
        """Say that it was just written in place, and by what."""
        global _latest
        key = id(self.owner)
        with _lock:
            history = _histories.get(key)
            if history is None:
                history = _histories[key] = _History(self.owner)
            _latest = tick()
            history.add(self.low, self.high, Write(_latest, by))


def stamp(array: np.ndarray[Any, Any], by: str) -> None:
    """Say that `array`'s memory was just written in place, and by what."""
    noticed = getattr(array, "__autograd_stamp__", None)  # of a tracing array
    if noticed is None:
        Memory(array).stamp(by)
    else:
        noticed(by)


def latest_write() -> int:
    """The number of the last write anywhere: nodes made after it need no check."""
    return _latest


def last_write(array: Any) -> Write:
    """The last write in place into `array`'s memory."""
    array = getattr(array, "__autograd_value__", array)
    if not isinstance(array, np.ndarray) or array.size == 0:
        return NO_WRITE
    with _lock:
        history = _histories.get(id(memory_owner(array)))
        return NO_WRITE if history is None else history.last(*byte_bounds(array))


def written_since(array: Any, number: int) -> bool:
    """Whether `array`'s memory was written in place after the moment `number`."""
    return last_write(array).number > number
