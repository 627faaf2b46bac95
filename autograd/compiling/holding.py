"""What things hold that code can get at: which are looked into, and what is seen in them."""

from __future__ import annotations

import builtins
import functools
import random
import sys
from collections import deque
from collections.abc import Iterator, Set
from contextlib import suppress
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, NamedTuple

import numpy as np

from autograd.compiling.names import ANY_ATTRIBUTE, names_in
from autograd.places import LIBRARY
from autograd.tensor import Tensor

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.dtype, np.generic)
GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)
OPAQUE = (BuiltinFunctionType, np.ufunc, CodeType, np.ndarray, Tensor, *GENERATORS)
ROWS = (list, tuple, deque)
CONTAINERS = (list, dict, deque, set)  # whose content may change
# What stands for functions, or binds them: where it keeps them.
BINDING: dict[Any, tuple[str, ...]] = {
    MethodType: ("__self__", "__func__"),
    functools.partial: ("func", "args", "keywords"),
    functools.partialmethod: ("func", "args", "keywords"),
    type(functools.lru_cache(len)): ("__wrapped__",),
    property: ("fget", "fset"),
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
}
_NOT_WALKED = (*PLAIN, *OPAQUE)
_WALKED = (*CONTAINERS, tuple, frozenset, *BINDING)
# Of Python's own classes, those that are there to hold a program's settings.
SETTINGS = {("types", "SimpleNamespace"), ("argparse", "Namespace")}

# Methods that Python does not call of itself, on an object that is there, in code that never
# compares; `__repr__` it calls for what is printed, which no replay does.
SELDOM = frozenset(
    (
        *("__init__", "__post_init__", "__repr__", "__str__", "__init_subclass__"),
        *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"),
    )
)
MISSING = object()  # stands where there is nothing, and might be


class Seen(NamedTuple):
    """Something that was reached: how one gets there, and what stood there.

    Attributes:
        container: what holds it: a dict, list, tuple, deque, cell, class, or object with slots;
            None for what stays as it is as long as its holder does.
        key: the key, position or attribute; None for a cell's content.
        value: what it was, or MISSING.
        path: what a reader would call it, such as "model.0.weight".
    """

    container: Any
    key: Any
    value: Any
    path: str


def is_walked(value: Any) -> bool:
    """Whether it is looked into: something of the user's may be in there."""
    if isinstance(value, _NOT_WALKED):
        return False
    if isinstance(value, FunctionType):
        # What wraps another function has its module's name, and what it wraps in its closure.
        return _is_users(value.__module__) or hasattr(value, "__wrapped__")
    if isinstance(value, ModuleType):
        return _is_users(value.__name__)
    if isinstance(value, type):
        return any(_is_users(one.__module__) for one in value.__mro__)
    if isinstance(value, _WALKED) or _is_settings(value):
        return True
    return any(not _is_foreign(one.__module__) for one in type(value).__mro__)


def has_parts(thing: Any) -> bool:
    """Whether it watches over itself, and says what is to be seen of it."""
    return hasattr(type(thing), "__autograd_parts__")


def held_by(thing: Any, path: str, names: Set[str]) -> Iterator[Seen]:
    """What a thing holds, which is reached by `path`.

    Args:
        names: of the attributes that the code asks for. Others are left out where nobody else looks
            for them: of modules, and of objects whose classes are all the user's.
    """
    dot = f"{path}." if path else ""
    if isinstance(thing, ModuleType):
        yield from _named(vars(thing), vars(thing), f"{thing.__name__}.", names)
    elif isinstance(thing, type):
        yield from _of_class(thing, path, dot, names)
    elif has_parts(thing):
        for i, value in enumerate(thing.__autograd_parts__()):
            yield Seen(None, i, value, f"{dot}{i}")
        yield from _named(vars(thing), vars(thing), dot, names)
    else:
        yield from _content(thing, path, dot)
        if hasattr(thing, "__dict__") or not isinstance(thing, _WALKED):
            yield from _of_object(thing, path, dot, names)


def _content(thing: Any, path: str, dot: str) -> Iterator[Seen]:
    """What a thing holds that is no attribute."""
    if isinstance(thing, FunctionType):
        yield from _of_function(thing)
    elif isinstance(thing, dict):
        for key, value in list(thing.items()):
            yield Seen(thing, key, value, f"{dot}{key}")
    elif isinstance(thing, ROWS):
        for i, value in enumerate(thing):
            yield Seen(thing, i, value, f"{dot}{i}")
    elif isinstance(thing, set | frozenset):
        for i, value in enumerate(thing):
            yield Seen(None, i, value, f"{dot}{i}")
    elif isinstance(thing, tuple(BINDING)):
        for name in next(names for kind, names in BINDING.items() if isinstance(thing, kind)):
            yield Seen(None, name, getattr(thing, name), path)


def _of_function(function: FunctionType) -> Iterator[Seen]:
    code = function.__code__
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        if name != "__class__":  # for super(): that of an object that is seen anyway
            with suppress(ValueError):  # it has no value yet
                yield Seen(cell, None, cell.cell_contents, name)
    known = function.__globals__
    for name in names_in(code).globals:
        if name in known or not hasattr(builtins, name):
            yield Seen(known, name, known.get(name, MISSING), name)
    for name in names_in(code).modules:
        yield Seen(None, name, sys.modules.get(name), name)
    for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
        yield Seen(None, "default", value, f"a default of {function.__name__}")


def _of_object(thing: Any, path: str, dot: str, names: Set[str]) -> Iterator[Seen]:
    every = not _is_only_named(type(thing), names)
    attributes = getattr(thing, "__dict__", {})
    yield from _named(attributes, attributes, dot, attributes.keys() if every else names)
    yield Seen(None, "__class__", type(thing), path)
    for kind in type(thing).__mro__:
        for name, value in vars(kind).items() if _is_users(kind.__module__) else ():
            if isinstance(value, MemberDescriptorType) and (every or name in names):
                yield Seen(thing, name, getattr(thing, name, MISSING), f"{dot}{name}")


def _of_class(kind: type, path: str, dot: str, names: Set[str]) -> Iterator[Seen]:
    """What a class holds: what is named, and functions that are called without being named."""
    for base in kind.__mro__[1:]:
        yield Seen(None, "__class__", base, path)
    every = not _is_only_named(kind, names)
    found = [
        name
        for name, value in vars(kind).items()
        if name in names
        or (isinstance(value, FunctionType) and name not in SELDOM if _is_magic(name) else every)
    ]
    yield from _named(kind, vars(kind), dot, found)


def _named(container: Any, values: Any, dot: str, names: Any) -> Iterator[Seen]:
    for name in list(values):
        if name in names:
            yield Seen(container, name, values[name], f"{dot}{name}")


def _is_magic(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_only_named(kind: type, names: Set[str]) -> bool:
    """Whether of a class's objects only that is used which the code names."""
    if names & ANY_ATTRIBUTE:
        return False
    return all(one is object or _is_users(one.__module__) for one in kind.__mro__)


def _is_settings(value: Any) -> bool:
    return (type(value).__module__, type(value).__name__) in SETTINGS


def _root(module: str | None) -> str:
    return (module or "").partition(".")[0]


@functools.cache
def _is_users(module: str | None) -> bool:
    return _root(module) not in LIBRARY and not _is_foreign(module)


def _is_foreign(module: str | None) -> bool:
    """Whether code is Python's own, or was installed: nothing of the user's hides there."""
    root = _root(module)
    if root in LIBRARY or root == "__main__":
        return False
    if root in sys.stdlib_module_names or root == "numpy":
        return True
    file = getattr(sys.modules.get(module or ""), "__file__", None) or ""
    return "site-packages" in file or "dist-packages" in file
