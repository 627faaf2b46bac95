"""Recorded calls as statements of a plain NumPy program."""

from __future__ import annotations

import inspect
import keyword
import operator
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from autograd.tracing.calls import Call, Entry, guard, is_view
from autograd.tracing.spelling import function_text, key_text, value_text

FILLED = {np.zeros_like: "0", np.ones_like: "1"}


class Section(NamedTuple):
    """Recorded calls that belong together."""

    title: str  # a comment above them; may be empty
    calls: Sequence[Call]


class Writer:
    """Writes calls as statements, and finds names for what they work with.

    Attributes:
        outside: what the statements take from outside, by name: entries of what was given, constant
            arrays, random generators.
    """

    def __init__(self) -> None:
        self.outside: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._taken = {"np", "program", "forward", "backward", "step", "float", "bool", "int"}
        self._taken |= {"min", "range", "start", "starts", "stop"}
        self._setup: list[str] = []  # what is made once
        self._held: list[Any] = []  # so that ids stay theirs

    # Statements

    def _statements(self, sections: Iterable[Section]) -> list[str]:
        lines = []
        for section in sections:
            written = [line for call in section.calls for line in self._statement(call)]
            if written and section.title:
                lines.append(f"# {section.title}")
            lines += written
        return lines

    def _statement(self, call: Call) -> list[str]:
        if call.function is guard:
            condition, message = call.args
            name = self._expression(condition)
            return [f"if not {name}:", f"    raise ValueError({message!r})"]
        if call.function is operator.setitem:
            target, key, values = call.args
            place = self._item(target, key)
            return [f"{place} = {self._expression(values)}"]
        if not call.results:
            return [self._call(call)]
        if is_view(call):
            self._view(call)
            return []
        if not draws(call) and not call.arrays:
            self._define(call.results[0], "constant", self._call(call))
            return []
        for one in call.results:
            self._buffer(one)
        name = self._name(call.results[0])
        if call.function in FILLED:
            return [f"{name}.fill({FILLED[call.function]})"]
        if call.function in (np.ndarray.astype, np.copy):
            source = self._expression(call.args[0])
            return [f'np.copyto({name}, {source}, casting="unsafe")']
        if len(call.results) == 1 and takes_out(call.function):
            return [self._call(call, out=name)]
        targets = ", ".join(f"{self._name(one)}[...]" for one in call.results)
        return [f"{targets} = {self._call(call)}"]

    def _view(self, call: Call) -> None:
        """All memory stays in place from call to call, so a view is made once."""
        (result,) = call.results
        source = call.arrays[0]
        ending = "T" if call.function in (np.transpose, np.matrix_transpose) else "view"
        self._define(
            result, result.label or f"{self._expression(source)}_{ending}", self._call(call)
        )

    def _call(self, call: Call, out: str | None = None) -> str:
        if call.function is operator.getitem:
            return self._item(*call.args)
        arguments = [self._expression(one) for one in call.args]
        arguments += [f"{name}={self._expression(one)}" for name, one in call.kwargs.items()]
        arguments += [f"out={out}"] if out else []
        return f"{self._function(call.function)}({', '.join(arguments)})"

    def _function(self, function: Any) -> str:
        owner = getattr(function, "__self__", None)
        if isinstance(owner, np.random.Generator):
            return f"{self._from_outside(owner, 'generator')}.{function.__name__}"
        return function_text(function)

    # Expressions

    def _expression(self, value: Any) -> str:
        return value_text(value, self._named)

    def _item(self, array: Any, key: Any) -> str:
        return f"{self._expression(array)}[{key_text(key, self._named)}]"

    def _named(self, value: Any) -> str | None:
        if isinstance(value, Entry):
            return self._name(value)
        return self._from_outside(value, "constant") if isinstance(value, np.ndarray) else None

    # Names

    def _name(self, array: Entry) -> str:
        name = self._names.get(id(array))
        if name is None:  # met for the first time, and not made by a call: from outside
            name = self._from_outside(array, array.label or "array")
        return name

    def _define(self, array: Any, label: str, value: str) -> str:
        """A name for what is made once, before forward."""
        name = self._names[id(array)] = self._new_name(label)
        self._held.append(array)
        self._setup.append(f"{name} = {value}")
        return name

    def _from_outside(self, thing: Any, label: str) -> str:
        if id(thing) not in self._names:
            self._names[id(thing)] = self._new_name(label)
            self._held.append(thing)
            self.outside[self._names[id(thing)]] = thing
        return self._names[id(thing)]

    def _new_name(self, label: str) -> str:
        base = re.sub(r"\W", "_", label)
        base = f"layer_{base}" if base[0].isdigit() else base  # as a Sequential numbers its layers
        name, count = base, 1
        while name in self._taken or keyword.iskeyword(name):
            count += 1
            name = f"{base}_{count}"
        self._taken.add(name)
        return name

    def _buffer(self, array: Entry) -> None:
        """Memory for a result, allocated once."""
        shape, dtype = self._expression(array.shape), self._expression(array.dtype)
        self._define(array, array.label or "t", f"np.empty({shape}, {dtype})")


def draws(call: Call) -> bool:
    """Whether a call draws random numbers."""
    return isinstance(getattr(call.function, "__self__", None), np.random.Generator)


def takes_out(function: Any) -> bool:
    """Whether a function writes where it is told to, by `out`."""
    if isinstance(getattr(function, "__self__", function), np.ufunc | np.random.Generator):
        return True
    if function in (np.concatenate, np.dot):
        return True
    if function in (np.mean, np.var, np.std):  # which add half precision up in half precision then
        return False
    return _has_out(function)


@lru_cache
def _has_out(function: Any) -> bool:
    try:
        return "out" in inspect.signature(function).parameters
    except ValueError:  # written in C, and does not say
        return False


def form(value: Any) -> str:
    """What a thing from outside must be like."""
    if isinstance(value, Entry | np.ndarray):
        known = f", {value}" if isinstance(value, np.ndarray) and value.ndim == 0 else ""
        return f"{value.shape} {value.dtype}{known}"
    return type(value).__name__


def indented(lines: Iterable[str], by: int) -> str:
    """Lines of text, moved to the right by so many spaces."""
    return "\n".join(" " * by + line for line in lines)
