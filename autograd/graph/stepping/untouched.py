"""Running a function so that nothing remembers it: random numbers, modules and their buffers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.places import parts_of
from autograd.random import taking
from autograd.tensor import Tensor
from autograd.watching import Watcher, watch

Array = np.ndarray[Any, Any]


@contextmanager
def untouched(things: Iterable[Any]) -> Iterator[None]:
    """What runs within it leaves no trace in random numbers and modules.

    Put back at the end are the generators that the project drew from, and the attributes (modes,
    counters) and buffers of the modules among `things` and of those that ran. A module that only
    runs, and is not among `things`, is put back to what it was when it first ran.
    """
    keeper = _Keeper()
    for thing in things:
        if hasattr(thing, "named_modules") and not isinstance(thing, type):
            keeper.entered(thing)
    token = taking.set(keeper.take)
    try:
        with watch(keeper):
            yield
    finally:
        taking.reset(token)
        keeper.put_back()


class _Keeper(Watcher):
    """Remembers how things were when they were first met."""

    def __init__(self) -> None:
        self._take = taking.get()
        self._generators: dict[int, tuple[np.random.Generator, Any]] = {}
        self._modules: dict[int, tuple[Any, dict[str, Any]]] = {}
        self._arrays: dict[int, tuple[Array, Array]] = {}

    def take(self, generator: np.random.Generator, *wanted: Any) -> Any:
        """As `autograd.random.take`."""
        if id(generator) not in self._generators:
            self._generators[id(generator)] = generator, generator.bit_generator.state
        return self._take(generator, *wanted)

    def entered(self, module: Any) -> None:
        """Remember a module and all within it, if not met before."""
        if id(module) in self._modules:
            return
        for _, one in module.named_modules():
            attributes = self._modules.setdefault(id(one), (one, dict(vars(one))))[1]
            for name, value in attributes.items():
                for part in parts_of(name, value).values():
                    if not (isinstance(part, Tensor) and part.requires_grad):
                        array = part.data if isinstance(part, Tensor) else part
                        self._arrays.setdefault(id(array), (array, array.copy()))

    def put_back(self) -> None:
        """Make everything as it was."""
        for generator, state in self._generators.values():
            generator.bit_generator.state = state
        for module, attributes in self._modules.values():
            vars(module).clear()
            vars(module).update(attributes)
        for array, before in self._arrays.values():
            if not np.array_equal(array, before, equal_nan=before.dtype.kind == "f"):
                np.copyto(array, before)
