"""The arguments of one call: arrays among them are inputs, whatever else there is are constants."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd.tensor import Tensor
from autograd.trees import rebuild

NDARRAYS = (np.ndarray, np.memmap)  # a masked array or a matrix computes in ways of its own


class Argument(NamedTuple):
    """One thing among the arguments.

    Attributes:
        where: the expression that leads to it from `args` and `kwargs`.
        label: what a reader would call it.
        value: what it is.
    """

    where: str
    label: str
    value: Any

    @property
    def is_array(self) -> bool:
        """Whether it is an input. NumPy's scalars are constants: they count as Python's numbers."""
        return isinstance(self.value, Tensor | np.ndarray)


class Arguments:
    """The arguments of one call, through lists, tuples and dicts.

    Attributes:
        args, kwargs: as given.
        found: what is in them, in order.
        containers: what it is in, each with the expression that leads there.
    """

    def __init__(
        self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self.args, self.kwargs = args, kwargs
        self.found: list[Argument] = []
        self.containers: list[tuple[str, Any]] = [("args", args), ("kwargs", kwargs)]
        for i, (name, one) in enumerate(zip(_parameters(fn, len(args)), args, strict=True)):
            self._walk(f"args[{i}]", name, one)
        for name, one in kwargs.items():
            self._walk(f"kwargs[{name!r}]", name, one)

    def _walk(self, where: str, label: str, tree: Any) -> None:
        if isinstance(tree, Mapping):
            self.containers.append((where, tree))
            for key, one in tree.items():
                self._walk(f"{where}[{key!r}]", f"{label}_{key}", one)
        elif isinstance(tree, list | tuple):
            self.containers.append((where, tree))
            for i, one in enumerate(tree):
                self._walk(f"{where}[{i}]", f"{label}_{i}", one)
        else:
            self.found.append(Argument(where, label, tree))

    def rebuilt(self, things: Iterable[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arguments of the same form, with these things in them."""
        args, kwargs = rebuild((self.args, self.kwargs), iter(things))
        return args, kwargs


def _parameters(fn: Callable[..., Any], count: int) -> list[str]:
    """What the function calls its positional arguments."""
    try:
        parameters = list(inspect.signature(getattr(fn, "forward", fn)).parameters.values())
    except (TypeError, ValueError):  # it does not say
        parameters = []
    names = []
    for one in parameters:
        if one.kind is one.VAR_POSITIONAL:
            names += [f"{one.name}_{i}" for i in range(count)]
        elif one.kind is not one.KEYWORD_ONLY and one.kind is not one.VAR_KEYWORD:
            names.append(one.name)
    names += [f"input_{i}" for i in range(len(names), count)]
    return names[:count]
