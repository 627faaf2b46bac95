"""Modules made of other modules."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from itertools import count
from operator import index
from typing import Any, Self, overload

from nn.composition import as_module
from nn.module import Module


class _Container(Module):
    """What containers share: the modules that they hold are their attributes."""

    def _layers(self) -> dict[str, Module]:
        return {name: value for name, value in vars(self).items() if isinstance(value, Module)}

    def _put(self, layers: Mapping[str, Module]) -> None:
        """Hold these modules, in this order, and no others."""
        for name in self._layers():
            del vars(self)[name]
        vars(self).update(layers)
        self._name_tensors()

    def __len__(self) -> int:
        return len(self._layers())

    def _check_name(self, name: Any) -> str:
        kind = type(self).__name__
        if not isinstance(name, str):
            raise TypeError(f"{kind}: a layer's name is a str, not {name!r}.")
        if not name or "." in name:
            raise ValueError(
                f"{kind}: {name!r} is not the name of a layer: names are joined by dots to paths, "
                "so each is without dots and not empty."
            )
        if name not in self._layers() and (name in vars(self) or hasattr(type(self), name)):
            raise ValueError(
                f"{kind}: {name!r} cannot be the name of a layer, because every {kind} has an "
                "attribute of that name. Choose another; a plain dict as an attribute of a module "
                "takes any."
            )
        return name


class _Row(_Container):
    """Modules by position, whose paths are "0", "1", … unless they were given names."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self._layers().values())

    @overload
    def __getitem__(self, key: int) -> Any: ...

    @overload
    def __getitem__(self, key: slice) -> Self: ...

    def __getitem__(self, key: int | slice) -> Any:
        if isinstance(key, slice):
            return self._part(dict(list(self._layers().items())[key]))
        return list(self)[self._position(key)]

    def __setitem__(self, key: int, layer: Any) -> None:
        position = self._position(key)
        setattr(self, list(self._layers())[position], self._checked(layer, position))

    def __delitem__(self, key: int | slice) -> None:
        names = list(self._layers())
        gone = names[key] if isinstance(key, slice) else [names[self._position(key)]]
        self._arrange([pair for pair in self._layers().items() if pair[0] not in gone])

    def append(self, layer: Any) -> Self:
        """Add a layer at the end."""
        return self.insert(len(self), layer)

    def extend(self, layers: Iterable[Any]) -> Self:
        """Add several layers at the end, in their order."""
        for layer in [self._checked(one, len(self) + i) for i, one in enumerate(layers)]:
            self.append(layer)
        return self

    def insert(self, position: int, layer: Any) -> Self:
        """Add a layer before the one at a position, as in a list."""
        pairs = list(self._layers().items())
        taken = vars(self)
        name = next(str(n) for n in count(len(pairs)) if str(n) not in taken)
        pairs.insert(position, (name, self._checked(layer, position)))
        self._arrange(pairs)
        return self

    def pop(self, position: int = -1) -> Any:
        """Take a layer out, the last one by default, and return it."""
        layer = self[position]
        del self[position]
        return layer

    def __add__(self, others: Iterable[Any]) -> Self:
        n = len(self)
        added = {str(n + i): self._checked(one, n + i) for i, one in enumerate(others)}
        own = zip(map(str, count()), self, strict=False)
        return self._part({**dict(own), **added})

    def __iadd__(self, others: Iterable[Any]) -> Self:
        return self.extend(others)

    def _part(self, layers: Mapping[str, Module]) -> Self:
        raise NotImplementedError

    def _checked(self, layer: Any, position: int) -> Module:
        return as_module(layer, type(self).__name__, f"layer {position}")

    def _arrange(self, pairs: list[tuple[str, Module]]) -> None:
        """Hold these modules; numbers count again from 0, names that were given stay."""
        if all(name.isdecimal() for name, _ in pairs):
            pairs = [(str(i), layer) for i, (_, layer) in enumerate(pairs)]
        self._put(dict(pairs))

    def _position(self, key: int) -> int:
        position, n = index(key), len(self)
        if not -n <= position < n:
            kind = type(self).__name__
            raise IndexError(f"There is no layer {key}: this {kind} has {n}, counted from 0.")
        return position % n


def _part_of(whole: Module, kind: type[Module], layers: Mapping[str, Module]) -> Module:
    part = object.__new__(kind)  # not built anew: the parameters keep their names
    vars(part).update(layers)
    part.training = whole.training
    return part


class Sequential(_Row):
    """Layers one after the other: each takes what the one before it gives.

    Args:
        layers: modules, or functions of one Tensor (each becomes a Lambda), whose paths are "0",
            "1", …; or one dict of layers, whose keys are the paths.

    Raises:
        TypeError: something is not a layer; the message names its position.
        ValueError: a key of the dict cannot be the name of a layer.

    `net[0]` and `net[-1]` are layers, and `net.hidden` is one of that name. `net[1:3]` is a
    Sequential of the same layers, under their old names. `net[0] = layer`, `del net[0]`, `append`,
    `extend`, `insert` and `pop` change it as they do a list. Any module that a subclass sets as an
    attribute is a layer too, as in PyTorch.
    """

    def __init__(self, *layers: Any) -> None:
        if len(layers) == 1 and isinstance(layers[0], Mapping):
            named = {self._check_name(name): layer for name, layer in layers[0].items()}
        else:
            named = {str(i): layer for i, layer in enumerate(layers)}
        self._put({name: self._checked(layer, i) for i, (name, layer) in enumerate(named.items())})

    def forward(self, x: Any) -> Any:
        for layer in self:
            x = layer(x)
        return x

    def _part(self, layers: Mapping[str, Module]) -> Any:
        return _part_of(self, Sequential, layers)


class ModuleList(_Row):
    """A list of modules, as PyTorch has it. Here a plain list does the same.

    Args:
        modules: the modules, in order. Their paths are "0", "1", ….

    Raises:
        TypeError: something is not a layer; the message names its position.

    It has the methods of a list, and does not run: `forward` of the module that holds it says how
    its layers are called. A slice of it is a ModuleList counted from 0.
    """

    def __init__(self, modules: Iterable[Any] = ()) -> None:
        self._put({str(i): self._checked(one, i) for i, one in enumerate(modules)})

    def forward(self, *_args: Any, **_kwargs: Any) -> Any:
        raise NotImplementedError(
            "A ModuleList only holds its layers, so it cannot be called. Call them in the forward "
            "of the module that holds it, for layer in layers: x = layer(x); or, one after the "
            "other, make it a Sequential(*layers)."
        )

    def _part(self, layers: Mapping[str, Module]) -> Any:
        return _part_of(
            self, ModuleList, dict(zip(map(str, count()), layers.values(), strict=False))
        )


class ModuleDict(_Container):
    """Modules by name, as PyTorch has it. Here a plain dict does the same, and takes any keys.

    Args:
        modules: a dict of modules, or pairs of name and module. The names are their paths.

    Raises:
        TypeError: a name is not a str, or something is not a layer.
        ValueError: a name has a dot in it, is empty, or is that of an attribute.

    It has the methods of a dict, and does not run: `forward` of the module that holds it says how
    its layers are called.
    """

    def __init__(self, modules: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        self.update(modules)

    def forward(self, *_args: Any, **_kwargs: Any) -> Any:
        raise NotImplementedError(
            "A ModuleDict only holds its layers, so it cannot be called. Call one of them, "
            "layers[name](x), in the forward of the module that holds it."
        )

    def __getitem__(self, name: str) -> Any:
        layers = self._layers()
        if name not in layers:
            raise KeyError(f"There is no layer {name!r}: there are {', '.join(layers) or 'none'}.")
        return layers[name]

    def __setitem__(self, name: str, layer: Any) -> None:
        setattr(self, self._check_name(name), as_module(layer, type(self).__name__, f"{name!r}"))

    def __delitem__(self, name: str) -> None:
        self.pop(name)

    def __contains__(self, name: object) -> bool:
        return name in self._layers()

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers())

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._layers().keys()

    def values(self) -> ValuesView[Any]:
        """The modules."""
        return self._layers().values()

    def items(self) -> ItemsView[str, Any]:
        """The pairs of name and module."""
        return self._layers().items()

    def update(self, modules: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Add modules, or put them in the place of those with the same names."""
        for name, layer in dict(modules).items():
            self[name] = layer

    def pop(self, name: str) -> Any:
        """Take a module out, and return it. Raises KeyError if there is none of that name."""
        layer = self[name]
        delattr(self, name)
        return layer

    def clear(self) -> None:
        """Take all modules out."""
        self._put({})
