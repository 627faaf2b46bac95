"""Sources of random numbers: whether anything was drawn from them that was not recorded."""

from __future__ import annotations

import random
import sys
from typing import Any

import numpy as np

from autograd.compiling import errors


class Source:
    """A generator, and where it was when last looked at.

    Args:
        path: what a reader would call it.
        generator: a Generator; a RandomState, such as NumPy's old one; or Python's Random.
    """

    def __init__(self, path: str, generator: Any) -> None:
        self._path, self._generator = path, generator
        self._first = self._where()
        self.look()

    def look(self) -> None:
        """Where it is now is right."""
        self._state = self._where()

    def check(self) -> None:
        """Raise TracingError if it has moved."""
        if not _equal(self._state, self._where()):
            raise errors.unseen_draw(self._path)

    def put_back(self) -> None:
        """Let it be where it was at first."""
        if _equal(self._first, self._where()):
            return
        if isinstance(self._generator, random.Random):
            self._generator.setstate(self._first)
        elif isinstance(self._generator, np.random.Generator):
            self._generator.bit_generator.state = self._first
        else:
            self._generator.set_state(self._first)

    def _where(self) -> Any:
        if isinstance(self._generator, random.Random):
            return self._generator.getstate()
        if isinstance(self._generator, np.random.Generator):
            return self._generator.bit_generator.state
        return self._generator.get_state(legacy=False)


def others() -> list[Source]:
    """Those that anybody may draw from, as far as they are loaded."""
    found = [Source("Python's random", random._inst)]
    if "numpy.random" in sys.modules:
        found.append(Source("np.random", np.random.mtrand._rand))
    return found


def _equal(a: Any, b: Any) -> bool:
    """Whether two states are equal: numbers, tuples, arrays, and dicts of these."""
    if isinstance(a, tuple):
        return bool(a == b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    return bool(np.array_equal(a, b))
