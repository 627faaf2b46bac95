"""What a function can see: the Tensors, objects and constants that a compiled step depends on.

The walk starts at the function and follows what Python code names: its closure and globals, the
functions that it calls from there, the attributes of objects, and lists, tuples and dicts. Code of
this library and of Python's own is not walked through. What watches over itself (an optimiser) says
by `__autograd_parts__` what is to be seen of it; beside that, attributes that the code asks for.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from functools import cache, partial
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from autograd.places import LIBRARY
from autograd.tensor import Tensor

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.dtype, np.generic)
GLOBALS = ("LOAD_GLOBAL", "LOAD_NAME")
ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")
OPAQUE = (type, ModuleType, BuiltinFunctionType, np.ufunc, np.random.Generator, CodeType)


class Seen(NamedTuple):
    """Something that was reached: how one gets there, and what stood there.

    Attributes:
        container: the object that holds it: a dict, list, cell or object; None for one that watches
            over itself.
        key: the key, position or attribute; None for a cell's content.
        value: what it was.
        path: what a reader would call it, such as "model.0.weight".
    """

    container: Any
    key: Any
    value: Any
    path: str


class Reach:
    """Everything reached from a function, and from constants among its arguments.

    Attributes:
        seen: what was met, in order.
        tensors: the Tensors, each once, with their paths.
        containers: the lists, dicts and dicts of attributes that were looked into.
        generators: the random generators, each once, with their paths.
    """

    def __init__(self, fn: Callable[..., Any], constants: Iterable[tuple[Any, str]] = ()) -> None:
        self._start = [(fn, ""), *constants]
        self.seen: list[Seen] = []
        self.tensors: dict[Tensor, str] = {}
        self.containers: dict[int, Any] = {}
        self.generators: dict[np.random.Generator, str] = {}
        self._walked: dict[int, Any] = {}
        self._names: dict[str, None] = {}  # of all attributes that the code asks for
        waiting = [(thing, path) for thing, path in self._start if self._is_new(thing)]
        while waiting:
            waiting = self._walk(waiting)

    def _is_new(self, thing: Any) -> bool:
        """Whether it is to be walked through, and has not been."""
        if id(thing) in self._walked or not _is_walked(thing):
            return False
        self._walked[id(thing)] = thing
        return True

    def _walk(self, waiting: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
        """Go through things, and what they hold.

        Answers what is left: those that watch over themselves, for when all code has been read.
        """
        watchful: list[tuple[Any, str]] = []
        for thing, path in waiting:  # the list grows while it is read
            if isinstance(thing, list | dict):
                self.containers[id(thing)] = thing
            if isinstance(thing, FunctionType):
                self._names |= _names(thing.__code__, ATTRIBUTES)
            for found in _held_by(thing, path, self._names):
                self.seen.append(found)
                value = found.value
                if isinstance(found.container, dict) and found.container is getattr(
                    thing, "__dict__", None
                ):
                    self.containers[id(found.container)] = found.container
                if isinstance(value, Tensor):
                    self.tensors.setdefault(value, value.name or found.path)
                elif isinstance(value, np.random.Generator):
                    self.generators.setdefault(value, found.path)
                elif self._is_new(value):
                    is_watchful = hasattr(value, "__autograd_parts__")
                    (watchful if is_watchful else waiting).append((value, found.path))
        return watchful

    def has(self, thing: Any) -> bool:
        """Whether it is one of the Tensors."""
        return isinstance(thing, Tensor) and thing in self.tensors

    def again(self) -> Reach:
        """What is reached now."""
        return Reach(self._start[0][0], self._start[1:])

    def change(self, now: Reach) -> str | None:
        """What is reached otherwise now, by its path; None if all is as it was."""
        for before, after in zip(self.seen, now.seen, strict=False):
            if before.container is not after.container or before.key != after.key:
                return after.path
            if not same(before.value, after.value):
                return before.path
        most, least = sorted((self.seen, now.seen), key=len, reverse=True)
        return most[len(least)].path if len(most) > len(least) else None


def same(a: Any, b: Any) -> bool:
    """Whether two things are one, or plain values that are equal."""
    return a is b or (type(a) is type(b) and isinstance(a, PLAIN) and bool(a == b))


def _is_walked(value: Any) -> bool:
    if isinstance(value, (*PLAIN, *OPAQUE, np.ndarray, Tensor)):
        return False
    if isinstance(value, FunctionType):
        # What wraps another function has its module's name, and what it wraps in its closure.
        is_ours = not _is_foreign(value.__module__) and _root(value.__module__) not in LIBRARY
        return is_ours or hasattr(value, "__wrapped__")
    if isinstance(value, list | tuple | dict | MethodType | partial):
        return True
    return hasattr(value, "__dict__") and any(
        not _is_foreign(one.__module__) for one in type(value).__mro__
    )


def _root(module: str | None) -> str:
    return (module or "").partition(".")[0]


@cache
def _is_foreign(module: str | None) -> bool:
    """Whether code is Python's own, or was installed: nothing of the user's hides there."""
    root = _root(module)
    if root in LIBRARY or root == "__main__":
        return False
    if root in sys.stdlib_module_names or root == "numpy":
        return True
    file = getattr(sys.modules.get(module or ""), "__file__", None) or ""
    return "site-packages" in file or "dist-packages" in file


def _held_by(thing: Any, path: str, names: Container[str]) -> Iterator[Seen]:
    dot = f"{path}." if path else ""
    if isinstance(thing, FunctionType):
        code = thing.__code__
        for name, cell in zip(code.co_freevars, thing.__closure__ or (), strict=True):
            with suppress(ValueError):  # it has no value yet
                yield Seen(cell, None, cell.cell_contents, name)
        for name in _names(code, GLOBALS):
            if name in thing.__globals__:
                yield Seen(thing.__globals__, name, thing.__globals__[name], name)
        for value in (*(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values()):
            yield Seen(None, "default", value, f"a default of {thing.__name__}")
    elif isinstance(thing, MethodType):
        yield Seen(None, "__self__", thing.__self__, path)
        yield Seen(None, "__func__", thing.__func__, path)
    elif isinstance(thing, partial):
        for name in ("func", "args", "keywords"):
            yield Seen(None, name, getattr(thing, name), path)
    elif isinstance(thing, dict):
        for key, value in list(thing.items()):
            yield Seen(thing, key, value, f"{dot}{key}")
    elif isinstance(thing, list | tuple):
        for i, value in enumerate(thing):
            yield Seen(thing, i, value, f"{dot}{i}")
    elif hasattr(thing, "__autograd_parts__"):
        for i, value in enumerate(thing.__autograd_parts__()):
            yield Seen(None, i, value, f"{dot}{i}")
        for name, value in list(vars(thing).items()):
            if name in names:  # then the recording may depend on it
                yield Seen(vars(thing), name, value, f"{dot}{name}")
    else:
        for name, value in list(vars(thing).items()):
            yield Seen(vars(thing), name, value, f"{dot}{name}")
        for kind in type(thing).__mro__:
            if _root(kind.__module__) not in LIBRARY and not _is_foreign(kind.__module__):
                for name, value in vars(kind).items():
                    function = getattr(value, "fget", None) or getattr(value, "__func__", value)
                    if isinstance(function, FunctionType):
                        yield Seen(None, name, function, f"{dot}{name}")


def _names(code: CodeType, instructions: Container[str]) -> dict[str, None]:
    """The names that a function's code looks up by these, also in functions within it."""
    found = {
        step.argval: None for step in dis.get_instructions(code) if step.opname in instructions
    }
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names(constant, instructions)
    return found
