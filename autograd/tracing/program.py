"""The recorded calls as the text of a plain NumPy program, which is also what runs."""

from __future__ import annotations

import inspect
import keyword
import operator
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.tracing.arrays import Call, TracingArray, arrays_in, guard, is_view, values_in

_PROGRAM = '''\
"""{title}, as plain NumPy calls: recorded once, for these shapes and dtypes."""

import numpy as np


def program({outside}):
    """{about}"""
{setup}

    def forward({inputs}):
{forward}

    def backward({upstream}):
{backward}

    return forward, backward
'''

MODULES = {"np": np, "np.linalg": np.linalg, "np.lib.stride_tricks": np.lib.stride_tricks}
FILLED = {np.zeros_like: "0", np.ones_like: "1"}


class Section(NamedTuple):
    """Recorded calls that belong together."""

    title: str  # a comment above them; may be empty
    calls: Sequence[Call]


class Recorded(NamedTuple):
    """What a program is written from.

    Attributes:
        title: what was recorded.
        inputs, outputs: the arrays that forward takes and answers.
        upstream, gradients: the arrays that backward takes and answers.
        forward, backward: the calls of each.
    """

    title: str
    inputs: Sequence[TracingArray]
    outputs: Sequence[TracingArray]
    upstream: Sequence[TracingArray]
    gradients: Sequence[TracingArray]
    forward: Sequence[Section]
    backward: Sequence[Section]


class Program:
    """The text of a recorded function, and what it needs from outside.

    Attributes:
        text: Python source, which defines `program(*outside)` and runs with NumPy alone.
        outside: what `program` takes, by name: tracing arrays of what was given, constant arrays,
            random generators.
    """

    def __init__(self, recorded: Recorded) -> None:
        self.outside: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._taken = {"np", "program", "forward", "backward", "float", "bool", "int"}
        self._setup: list[str] = []
        self._held: list[Any] = []  # so that ids stay theirs
        self.text = self._write(recorded)

    def _write(self, r: Recorded) -> str:
        for one in (*r.inputs, *r.upstream):
            self._buffer(one)
        inputs, upstream = self._parameters(r.inputs), self._parameters(r.upstream)
        forward = self._copied(inputs) + self._statements(r.forward)
        forward.append(f"return {self._expression(tuple(r.outputs))}")
        backward = self._copied(upstream) + self._statements(r.backward)
        backward.append(f"return {self._expression(tuple(r.gradients))}")
        shapes = ", ".join(f"{self._name(x)} {_form(x.value)}" for x in r.inputs)
        about = f"Answers forward({shapes})" + (" and backward." if r.gradients else ".")
        if self.outside:
            facts = [f"{name}: {_form(values_in(one))}" for name, one in self.outside.items()]
            about += f"\n\n{_indented(facts, 4)}\n    "
        return _PROGRAM.format(
            title=r.title,
            outside=", ".join(self.outside),
            about=about,
            setup=_indented(self._setup, 4),
            inputs=", ".join(inputs.values()),
            forward=_indented(forward, 8),
            upstream=", ".join(upstream.values()),
            backward=_indented(backward, 8),
        )

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
        if not _draws(call) and next(arrays_in((call.args, call.kwargs)), None) is None:
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
        if len(call.results) == 1 and _takes_out(call.function):
            return [self._call(call, out=name)]
        targets = ", ".join(f"{self._name(one)}[...]" for one in call.results)
        return [f"{targets} = {self._call(call)}"]

    def _view(self, call: Call) -> None:
        """All memory stays in place from call to call, so a view is made once."""
        (result,) = call.results
        source = next(arrays_in(call.args))
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
        if isinstance(owner, np.ufunc):
            return f"np.{owner.__name__}.{function.__name__}"
        if isinstance(owner, np.random.Generator):
            return f"{self._from_outside(owner, 'generator')}.{function.__name__}"
        name = function.__name__
        where = (w for w, module in MODULES.items() if getattr(module, name, None) is function)
        return f"{next(where)}.{name}"

    # Expressions

    def _expression(self, value: Any) -> str:
        if isinstance(value, TracingArray):
            return self._name(value)
        if isinstance(value, np.ndarray):
            return self._from_outside(value, "constant")
        if isinstance(value, tuple | list):
            items = ", ".join(map(self._expression, value))
            if isinstance(value, list):
                return f"[{items}]"
            return f"({items},)" if len(value) == 1 else f"({items})"
        if isinstance(value, float) and not np.isfinite(value):
            return f"-np.{abs(value)}" if value == -np.inf else f"np.{value}"
        if isinstance(value, np.generic):
            return f"np.{value.dtype.name}({self._expression(value.item())})"
        if isinstance(value, np.dtype | type):
            return f"np.{np.dtype(value).name}"
        return repr(value)

    def _item(self, array: Any, key: Any) -> str:
        return f"{self._expression(array)}[{self._key(key)}]"

    def _key(self, key: Any) -> str:
        if isinstance(key, tuple) and key:
            return ", ".join(map(self._key, key)) + ("," if len(key) == 1 else "")
        if isinstance(key, slice):
            start, stop, step = (
                "" if one is None else self._expression(one)
                for one in (key.start, key.stop, key.step)
            )
            return f"{start}:{stop}" + (f":{step}" if step else "")
        return "..." if key is Ellipsis else self._expression(key)

    # Names

    def _name(self, array: TracingArray) -> str:
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
        name, count = base, 1
        while name in self._taken or keyword.iskeyword(name):
            count += 1
            name = f"{base}_{count}"
        self._taken.add(name)
        return name

    def _parameters(self, arrays: Sequence[TracingArray]) -> dict[str, str]:
        """For each array that is copied in, by name, the parameter that it comes from."""
        return {self._name(one): self._new_name(f"new_{self._name(one)}") for one in arrays}

    def _copied(self, parameters: dict[str, str]) -> list[str]:
        return [f"{name}[...] = {parameter}" for name, parameter in parameters.items()]

    def _buffer(self, array: TracingArray) -> None:
        """Memory for a result, allocated once."""
        shape, dtype = self._expression(array.shape), self._expression(array.dtype)
        self._define(array, array.label or "t", f"np.empty({shape}, {dtype})")


def _draws(call: Call) -> bool:
    return isinstance(getattr(call.function, "__self__", None), np.random.Generator)


def _takes_out(function: Any) -> bool:
    if isinstance(getattr(function, "__self__", function), np.ufunc | np.random.Generator):
        return True
    if function in (np.concatenate, np.dot):
        return True
    try:
        return "out" in inspect.signature(function).parameters
    except ValueError:  # written in C, and does not say
        return False


def _form(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.shape} {value.dtype}"
    return type(value).__name__


def _indented(lines: Iterable[str], by: int) -> str:
    return "\n".join(" " * by + line for line in lines)
