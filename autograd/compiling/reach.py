"""What a function can see: the Tensors, objects and constants that a compiled step depends on.

The walk starts at the function and follows what Python code names: its closure and globals, the
functions that it calls from there, the attributes of objects, of their classes and of modules, and
lists, tuples, dicts, sets and deques. Code of this library and of Python's own is not walked
through. What watches over itself (an optimiser) says by `__autograd_parts__` what is to be seen of
it; beside that, attributes that the code asks for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Set
from types import CellType, FunctionType, ModuleType
from typing import Any

import numpy as np

from autograd.compiling.holding import (
    CONTAINERS,
    GENERATORS,
    MISSING,
    PLAIN,
    ROWS,
    Seen,
    has_parts,
    held_by,
    is_walked,
)
from autograd.compiling.names import names_in
from autograd.tensor import Tensor


class Reach:
    """Everything reached from a function, and from constants among its arguments.

    Args:
        fn: the function.
        constants: with what a reader calls them.
        names: of attributes that are looked at, beside those that the code asks for.

    Attributes:
        seen: what was met, in order.
        tensors: the Tensors, each once, with their paths.
        arrays: the plain arrays.
        containers: what was looked into whose content may change, by id: lists, dicts, sets,
            deques, classes, and dicts of attributes; each with a copy of its content.
        generators: the random generators, each once, with their paths.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        constants: Iterable[tuple[Any, str]] = (),
        names: Set[str] = frozenset(),
    ) -> None:
        self._start = [(fn, ""), *constants]
        self._names = names
        self._walk()
        while not self._found <= self._names:  # code that is reached asks for more attributes
            self._names = self._names | self._found
            self._walk()

    def _walk(self) -> None:
        self.seen: list[Seen] = []
        self.tensors: dict[Tensor, str] = {}
        self.arrays: list[np.ndarray[Any, Any]] = []
        self.containers: dict[int, tuple[Any, Any]] = {}
        self.generators: dict[Any, str] = {}
        self._found: set[str] = set()
        self._walked: dict[int, Any] = {}
        self._waiting: list[tuple[Any, str]] = []
        for thing, path in self._start:
            self._meet(thing, path)
        for thing, path in self._waiting:  # the list grows while it is read
            if isinstance(thing, FunctionType):
                self._found |= names_in(thing.__code__).attributes
            if has_parts(thing):
                pass  # what else it holds is its own business
            elif isinstance(thing, (*CONTAINERS, type)):
                self.containers[id(thing)] = thing, _content(thing)
            elif hasattr(thing, "__dict__") and not isinstance(thing, ModuleType):
                self.containers[id(thing.__dict__)] = thing.__dict__, _content(thing.__dict__)
            for found in held_by(thing, path, self._names):
                self.seen.append(found)
                self._meet(found.value, found.path)
                if isinstance(found.value, type) and found.key != "__class__":  # may be called
                    for kind in found.value.__mro__:
                        self._meet(vars(kind).get("__init__"), found.path)

    def _meet(self, value: Any, path: str) -> None:
        if isinstance(value, Tensor):
            self.tensors.setdefault(value, value.name or path)
            self._meet(value._hooks, f"{path}.hooks")
        elif isinstance(value, GENERATORS):
            self.generators.setdefault(value, path)
        elif isinstance(value, np.ndarray):
            self.arrays.append(value)
        elif id(value) not in self._walked and is_walked(value):
            self._walked[id(value)] = value
            self._waiting.append((value, path))

    def has(self, thing: Any) -> bool:
        """Whether it is one of the Tensors."""
        return isinstance(thing, Tensor) and thing in self.tensors

    def again(self) -> Reach:
        """What is reached now."""
        return Reach(self._start[0][0], self._start[1:], self._names)

    def change(self, now: Reach) -> str | None:
        """What is reached otherwise now, by its path; None if all is as it was."""
        for before, after in zip(self.seen, now.seen, strict=False):
            if before.container is not after.container or before.key != after.key:
                return after.path
            if not same(before.value, after.value):
                return before.path
        most, least = sorted((self.seen, now.seen), key=len, reverse=True)
        return most[len(least)].path if len(most) > len(least) else None

    def put_back(self) -> None:
        """Let everything that was reached hold what it held."""
        for thing, content in self.containers.values():
            if not _has(thing, content):
                _fill(thing, content)
        for container, key, value, _ in self.seen:
            if isinstance(container, CellType):
                container.cell_contents = value
            elif isinstance(container, dict):  # a module's, too
                _fill_in(container, key, value)
            elif container is not None and not isinstance(container, (*ROWS, type)):
                _fill_slot(container, key, value)


def same(a: Any, b: Any) -> bool:
    """Whether two things are one, or plain values that are equal."""
    return a is b or (type(a) is type(b) and isinstance(a, PLAIN) and bool(a == b))


# What containers hold


def _content(thing: Any) -> Any:
    if isinstance(thing, type):
        return dict(vars(thing))
    return dict(thing) if isinstance(thing, dict) else list(thing)


def _has(thing: Any, content: Any) -> bool:
    """Whether it still has this content, entry by entry the same."""
    now = _content(thing)
    if len(now) != len(content):
        return False
    if isinstance(content, dict):
        return all(now.get(key, MISSING) is value for key, value in content.items())
    return all(a is b for a, b in zip(now, content, strict=True))


def _fill(thing: Any, content: Any) -> None:
    if isinstance(thing, type):
        for name in vars(thing).keys() - content.keys():
            delattr(thing, name)
        for name, value in content.items():
            if vars(thing).get(name, MISSING) is not value:
                setattr(thing, name, value)
    else:
        thing.clear()
        thing.extend(content) if isinstance(thing, list | deque) else thing.update(content)


def _fill_in(container: dict[Any, Any], key: Any, value: Any) -> None:
    if value is MISSING:
        container.pop(key, None)
    elif container.get(key, MISSING) is not value:
        container[key] = value


def _fill_slot(holder: Any, name: str, value: Any) -> None:
    if value is MISSING:
        if hasattr(holder, name):
            delattr(holder, name)
    elif getattr(holder, name, MISSING) is not value:
        setattr(holder, name, value)
