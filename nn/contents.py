"""What a module holds is what its attributes hold; there is no registration.

Parameters, buffers and modules are found by walking a module's attributes in the order they were
set, through lists, tuples and dicts, whatever the attributes are called (a leading underscore hides
nothing). As in PyTorch, a module's own parameters come first, then its own buffers, then its
modules, each before what it holds. What is held in several places is met once, at the first.
"""

from __future__ import annotations

from collections import UserDict, UserList, deque
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from types import GeneratorType, MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from autograd import Tensor
from autograd.places import warn
from nn.parameter import Buffer, Parameter

if TYPE_CHECKING:
    from nn.module import Module

Kind = TypeVar("Kind")

# What may hold modules where nobody looks for them: they have no order, or show what is in them
# only once, or have no names for the paths.
HIDING_BY_NAME = (UserDict, MappingProxyType, SimpleNamespace)
HIDING = (
    *(set, frozenset, deque, KeysView, ValuesView, ItemsView, UserList, np.ndarray),
    *HIDING_BY_NAME,
)
USED_UP = (GeneratorType, map, filter, zip)

MOST_NAMES = 8  # that a message lists


class Contents:
    """The part of Module that finds and names what it holds."""

    def __setattr__(self, name: str, value: Any) -> None:
        old = vars(self).get(name)
        if isinstance(old, Parameter) and not isinstance(value, Tensor | Contents | None):
            raise _instead_of_parameter(self, name, value)
        if isinstance(value, Tensor) and not isinstance(value, Parameter | Buffer):
            if isinstance(old, Parameter):
                raise _instead_of_parameter(self, name, value)
            if isinstance(old, Buffer):
                value = Buffer(value, old.persistent)
            elif value.is_leaf and value.requires_grad:
                warn(
                    f"{type(self).__name__}.{name} is a Tensor that requires a gradient, but no "
                    f"parameter: optimisers will not see it. Write nn.Parameter(data)."
                )
        holds = any(True for _ in _held(value, name))
        super().__setattr__(name, value)
        if holds:
            self._name_tensors()

    # Looking through it

    def named_parameters(
        self, prefix: str = "", recurse: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their dotted paths, each once.

        Args:
            prefix: a path to be put before each, of where this module is.
            recurse: False leaves out those of modules within this one.
        """
        return self._all_of(Parameter, prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, each once; with recurse=False without those of modules within."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Buffer]]:
        """The buffers with their dotted paths, each once; arguments as `named_parameters` has."""
        return self._all_of(Buffer, prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Buffer]:
        """The buffers, each once; with recurse=False without those of modules within."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that are attributes, or in a list or dict that is one, with their paths."""
        seen: set[int] = set()
        for path, found in self._attributes():
            if isinstance(found, Contents) and id(found) not in seen:
                seen.add(id(found))
                yield path, found  # type: ignore[misc]  # every Contents is a Module

    def children(self) -> Iterator[Module]:
        """The modules that are attributes, or in a list or dict that is one."""
        return (module for _, module in self.named_children())

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """This module, with the path "", and all within it, each once."""
        yield "", self  # type: ignore[misc]
        yield from self._all_of(Contents)  # type: ignore[misc]

    def modules(self) -> Iterator[Module]:
        """This module and all within it, each once."""
        return (module for _, module in self.named_modules())

    # By path

    def get_submodule(self, path: str) -> Module:
        """The module with a dotted path; this one for "". Raises AttributeError if there is none.

        A module that is held in several places has several paths, and is found by each.
        """
        return self if path == "" else self._get(path, Contents, "module")  # type: ignore[return-value]

    def get_parameter(self, path: str) -> Parameter:
        """The parameter with a dotted path. Raises AttributeError if there is none."""
        return self._get(path, Parameter, "parameter")

    def get_buffer(self, path: str) -> Buffer:
        """The buffer with a dotted path. Raises AttributeError if there is none."""
        return self._get(path, Buffer, "buffer")

    # As PyTorch spells it; setting the attribute is all there is to it

    def register_parameter(self, name: str, parameter: Parameter | None) -> None:
        """The same as `self.name = parameter`. Raises TypeError if it is none."""
        _check_registered("register_parameter", name, parameter, Parameter)
        setattr(self, name, parameter)

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """The same as `self.name = Buffer(tensor, persistent)`; None stays None."""
        _check_registered("register_buffer", name, None, Buffer)
        setattr(self, name, None if tensor is None else Buffer(tensor, persistent))

    def register_module(self, name: str, module: Module | None) -> None:
        """The same as `self.name = module`. Raises TypeError if it is none."""
        _check_registered("register_module", name, module, Contents)
        setattr(self, name, module)

    add_module = register_module

    # Walking

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        """What the attributes hold, with paths; a module's own contents are left to it."""
        attributes = list(vars(self).items())  # the caller may set some meanwhile
        found = [pair for name, value in attributes for pair in _held(value, name)]
        yield from sorted(found, key=_rank)

    def _walk(self, prefix: str, seen: set[int], recurse: bool) -> Iterator[tuple[str, Any]]:
        """All that is within, each before what it holds, if not seen before."""
        for path, found in self._attributes():
            if id(found) not in seen:
                seen.add(id(found))
                yield prefix + path, found
                if recurse and isinstance(found, Contents):
                    yield from found._walk(f"{prefix}{path}.", seen, recurse)

    def _all_of(
        self, kind: type[Kind], prefix: str = "", recurse: bool = True
    ) -> Iterator[tuple[str, Kind]]:
        before = f"{prefix}." if prefix else ""
        for path, found in self._walk(before, {id(self)}, recurse):
            if isinstance(found, kind):
                yield path, found

    def _find(self, path: str) -> Any:
        """What has this path; None if nothing has."""
        for own, found in self._attributes():
            if own == path:
                return found
            if isinstance(found, Contents) and path.startswith(f"{own}."):
                inner = found._find(path.removeprefix(f"{own}."))
                if inner is not None:
                    return inner
        return None

    def _get(self, path: str, kind: type[Kind], what: str) -> Kind:
        found = self._find(path)
        if isinstance(found, kind):
            return found
        from difflib import get_close_matches

        name = type(self).__name__
        lines = [f"{name} has no {what} {path!r}."]
        if found is not None:
            lines[0] += f" There is a {type(found).__name__} of that name."
        names = [own for own, _ in self._all_of(kind)]
        near = get_close_matches(path, names)
        lines.append(f"  {'near it  ' if near else 'there are'}  {some_of(near or names)}")
        raise AttributeError("\n".join(lines))

    def _name_tensors(self) -> None:
        """Call each parameter and buffer by its path, unless a module further out has done so."""
        for path, tensor in self._all_of(Tensor):
            if not (tensor.name or "").endswith(f".{path}"):
                tensor.name = path


def some_of(names: list[str]) -> str:
    """The names, or the first of many and how many more there are."""
    if not names:
        return "none"
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return shown if more <= 0 else f"{shown}, … and {more} more"


def _rank(pair: tuple[str, Any]) -> int:
    """Parameters before buffers before modules."""
    return 2 if isinstance(pair[1], Contents) else int(isinstance(pair[1], Buffer))


def _held(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """What is found in an attribute's value: itself, or what its lists, tuples and dicts hold."""
    if isinstance(value, Parameter | Buffer | Contents):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _held(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for i, inner in enumerate(value):
            yield from _held(inner, f"{path}.{i}")
    elif isinstance(value, USED_UP):
        raise TypeError(
            f"{path} is a {type(value).__name__}, which is empty after it was read once, so no "
            "module can look into it for layers and parameters. Make it a list: "
            "[layer for …], or list(…)."
        )
    elif isinstance(value, HIDING):
        for _, hidden in _hidden(value, path):
            form = "{name: layer, …}" if isinstance(value, HIDING_BY_NAME) else "[layer, …]"
            raise TypeError(
                f"{path} is a {type(value).__name__}, and holds a {type(hidden).__name__} where no "
                "optimiser, train(), eval() or state_dict() would find it. Layers and parameters "
                f"are found in lists, tuples and dicts: make it {form}."
            )


def _hidden(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """What would be found in a container that is not looked into, if it were."""
    if isinstance(value, np.ndarray):
        value = value.flat if value.dtype == object else ()
    elif isinstance(value, SimpleNamespace):
        value = vars(value).values()
    elif isinstance(value, HIDING_BY_NAME):
        value = value.values()
    for inner in value:
        yield from _held(inner, path)


def _instead_of_parameter(module: Contents, name: str, value: Any) -> TypeError:
    lines = [
        f"{type(module).__name__}.{name} is a parameter, and a {type(value).__name__} in its place "
        "would not be trained or saved."
    ]
    if isinstance(value, Tensor | np.ndarray):
        values = "values.detach()" if isinstance(value, Tensor) and value.grad_fn else "values"
        lines += [
            f"  new values, the same parameter  module.{name}.data = {values}",
            f"  another parameter               module.{name} = nn.Parameter({values})",
            f"  computed anew in each forward   del module.{name} first",
        ]
    else:
        lines.append(f"  to do without it  module.{name} = None")
    return TypeError("\n".join(lines))


def _check_registered(who: str, name: Any, thing: Any, kind: type) -> None:
    what = "Module" if kind is Contents else kind.__name__
    if not isinstance(name, str) or not name or "." in name:
        raise TypeError(
            f"{who}(name, …): the name is that of an attribute, without dots, not {name!r}."
        )
    if thing is not None and not isinstance(thing, kind):
        raise TypeError(f"{who}({name!r}, …) takes a {what}, not {type(thing).__name__}.")
