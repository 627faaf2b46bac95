"""How things were, so that they can be put back."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from autograd.tensor import Tensor


class Snapshot:
    """Arrays, gradients, generators, and whatever else, as they were when each was first noted."""

    def __init__(self) -> None:
        self._known: set[Any] = set()
        self._undo: list[Callable[[], None]] = []

    def array(self, array: np.ndarray[Any, Any]) -> None:
        """Note the values of an array that is about to be written."""
        place = (*byte_bounds(array), array.shape, array.strides)
        if place not in self._known:
            self._known.add(place)
            values = array.copy()
            self._undo.append(lambda: np.copyto(array, values))

    def gradient(self, leaf: Tensor) -> None:
        """Note whether a leaf has a gradient in its place; the values are noted by themselves."""
        has = leaf._grad is not None
        self._undo.append(lambda: show_gradient(leaf, has))

    def generator(self, generator: np.random.Generator) -> None:
        """Note where a generator is."""
        if id(generator) not in self._known:
            self._known.add(id(generator))
            bits, state = generator.bit_generator, copy.deepcopy(generator.bit_generator.state)
            self._undo.append(lambda: setattr(bits, "state", state))

    def also(self, undo: Callable[[], None]) -> None:
        """Have this called too."""
        self._undo.append(undo)

    def restore(self) -> None:
        """Make everything as it was noted; what was noted first is restored last."""
        for undo in reversed(self._undo):
            undo()

    def forget(self) -> None:
        """Let go what was noted."""
        self._known.clear()
        self._undo.clear()


def show_gradient(leaf: Tensor, has: bool) -> None:
    """Let a leaf have the gradient that lies in its place, or none."""
    if not has:
        leaf._grad = None
    elif leaf._grad is None:
        home = leaf._home
        leaf._grad = Tensor.at(None, np.empty_like(leaf._data) if home is None else home.view())
