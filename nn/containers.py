"""Modules made of other modules."""

from __future__ import annotations

from collections.abc import Iterator
from operator import index
from typing import Any, overload

from nn.module import Module


class Sequential(Module):
    """Layers one after the other: each takes what the one before it gives.

    Args:
        layers: modules, or functions of one Tensor. Their paths are "0", "1", ….

    Raises:
        TypeError: something is not a layer; the message names its position.

    `net[0]` and `net[-1]` are layers, `net[1:3]` is a Sequential of the same layers,
    `net[0] = layer` replaces one.
    """

    def __init__(self, *layers: Any) -> None:
        for i, layer in enumerate(layers):
            _check_layer(layer, i)
        vars(self).update({str(i): layer for i, layer in enumerate(layers)})

    def forward(self, x: Any) -> Any:
        for layer in self._layers():
            x = layer(x)
        return x

    def _layers(self) -> list[Any]:
        return [layer for name, layer in vars(self).items() if name.isdecimal()]

    def __len__(self) -> int:
        return len(self._layers())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._layers())

    @overload
    def __getitem__(self, key: int) -> Any: ...

    @overload
    def __getitem__(self, key: slice) -> Sequential: ...

    def __getitem__(self, key: int | slice) -> Any:
        if not isinstance(key, slice):
            return self._layers()[self._position(key)]
        part = object.__new__(Sequential)  # not built anew: the parameters keep their names
        vars(part).update({str(i): layer for i, layer in enumerate(self._layers()[key])})
        part.training = self.training
        return part

    def __setitem__(self, key: int, layer: Any) -> None:
        position = self._position(key)
        _check_layer(layer, position)
        setattr(self, str(position), layer)

    def _position(self, key: int) -> int:
        position, n = index(key), len(self)
        if not -n <= position < n:
            raise IndexError(f"There is no layer {key}: this Sequential has {n}, counted from 0.")
        return position % n

    def __repr__(self) -> str:
        functions = {i: _Named(f) for i, f in enumerate(self) if not isinstance(f, Module)}
        return self._tree((str(i), functions.get(i, layer)) for i, layer in enumerate(self))


class _Named:
    """A function among layers, printed by its name."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __repr__(self) -> str:
        return getattr(self.function, "__name__", repr(self.function))


def _check_layer(layer: Any, position: int) -> None:
    if isinstance(layer, type):
        raise TypeError(
            f"Sequential: layer {position} is the class {layer.__name__}, not a layer made from "
            f"it. Write {layer.__name__}(…), with its arguments."
        )
    if not callable(layer):
        fix = "A layer is a Module, or a function of one Tensor."
        if isinstance(layer, list | tuple | Iterator):
            fix = "Pass the layers themselves: Sequential(*layers)."
        raise TypeError(f"Sequential: layer {position} is of type {type(layer).__name__}. {fix}")
