"""Where the gradients of leaves go.

A leaf's gradient never shares memory with the graph. It may have a home, a slice of a flat buffer
in which an optimiser keeps all gradients side by side; then it is written there, unless somebody
still holds a gradient that was handed out earlier: theirs keeps its value, and this one gets memory
of its own.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from autograd.operands import settle
from autograd.versions import memory_owner, stamp

ADDED = "another backward, which added to it"  # what the clock says of a gradient added to

_lock = threading.Lock()  # passes in several threads may end at one parameter


class Home:
    """A slice of a flat buffer, in which one array of a given shape lives."""

    __slots__ = ("_buffer", "_start", "memory", "shape", "strides")

    def __init__(self, buffer: np.ndarray[Any, Any], start: int, shape: tuple[int, ...]) -> None:
        # Made through a memoryview, the slice is the base of all views of it (a plain
        # slice would pass the whole buffer on as their base), so its reference count tells
        # whether any view is alive.
        self._buffer, self._start = buffer, start
        self.shape = shape
        self.memory = self._slice()
        self.strides = self.view().strides

    def _slice(self) -> np.ndarray[Any, Any]:
        buffer, count = self._buffer, int(np.prod(self.shape))
        return np.frombuffer(buffer.data, buffer.dtype, count, self._start * buffer.itemsize)

    def view(self) -> np.ndarray[Any, Any]:
        """The slice in the array's shape."""
        return self.memory.reshape(self.shape)

    def another_view(self) -> np.ndarray[Any, Any]:
        """The same, for who writes there again and again: not counted as somebody's holding it."""
        return self._slice().reshape(self.shape)

    def is_free(self) -> bool:
        """Whether nobody holds a view of it."""
        return sys.getrefcount(self.memory) == 2  # ours, and the call's own

    def holds(self, array: np.ndarray[Any, Any]) -> bool:
        """Whether `array`, of the same shape, is a view of it with the entries in order."""
        return array.base is self.memory and array.strides == self.strides


def accumulate(leaf: Any, gradient: Any, tensor_type: Any) -> None:
    """Add `gradient` (an array, or a Tensor with a history) to `leaf.grad`, making it if needed."""
    accumulate_all({leaf: gradient}, tensor_type)


def accumulate_all(gradients: dict[Any, Any], tensor_type: Any) -> None:
    """As `accumulate`, for each leaf in the dictionary.

    What a leaf was given is let go, in the dictionary too, before the next one gets its own.
    """
    with _lock:
        for leaf in gradients:
            alone = sys.getrefcount(gradients[leaf]) == 2  # the dictionary's, and the call's own
            gradient, held = gradients[leaf], leaf._grad
            gradients[leaf] = None
            if isinstance(gradient, tensor_type):
                leaf._grad = held + gradient if held is not None else own(gradient)
            elif held is None:
                leaf._grad = tensor_type.at(None, _settled(leaf, gradient, alone))
            elif held._node is None and is_writeable(held._data):
                np.add(held._data, gradient, out=held._data)
                stamp(held._data, ADDED)
            else:
                leaf._grad = tensor_type.at(None, settle(held._data + gradient))


def _settled(leaf: Any, gradient: Any, alone: bool) -> Any:
    """The gradient in the leaf's home, or in memory that nothing else has to do with.

    `alone` says that nobody else holds the array: if it is no view, it may stay as it is.
    """
    home = leaf._home
    if home is not None and home.is_free():
        adopt = getattr(gradient, "__autograd_adopt__", None)  # a step is being recorded
        place = home.view() if adopt is None else adopt(home.another_view(), leaf.name)
        np.copyto(place, gradient)
        return place
    whole = alone and type(gradient) is np.ndarray and gradient.base is None
    return gradient if whole and gradient.flags.c_contiguous else gradient.copy()


def is_writeable(array: Any) -> bool:
    """Whether `array` may be written in place; another library's may not."""
    array = getattr(array, "__autograd_value__", array)
    return isinstance(array, np.ndarray) and array.flags.writeable


def own(tensor: Any) -> Any:
    """The same values at the same place in the graph, in memory of their own."""
    place = tensor.edge() if tensor._requires_grad else None
    return type(tensor).at(place, tensor._data.copy())


def span(arrays: Sequence[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any] | None:
    """One flat view over arrays that lie one after the other in one memory; None if they do not."""
    owner = memory_owner(arrays[0])
    start = end = byte_bounds(arrays[0])[0]
    for array in arrays:
        if memory_owner(array) is not owner or not array.flags.c_contiguous:
            return None
        if byte_bounds(array)[0] != end:
            return None
        end += array.nbytes
    if not owner.flags.c_contiguous or not owner.flags.writeable:
        return None
    offset = start - byte_bounds(owner)[0]
    dtype = arrays[0].dtype
    return np.frombuffer(owner, dtype, (end - start) // dtype.itemsize, offset)


def move_into(buffer: np.ndarray[Any, Any], leaves: Sequence[Any]) -> None:
    """Move the leaves' data into `buffer`, one after the other.

    An array that somebody else can see (a view of another, or one with other names) stays where it
    is: its other names would be left behind.
    """
    start = 0
    for leaf in leaves:
        if leaf._data.base is None and sys.getrefcount(leaf._data) == 2:
            place = Home(buffer, start, leaf._data.shape).view()
            np.copyto(place, leaf._data)
            leaf._data = place
        start += leaf._data.size
