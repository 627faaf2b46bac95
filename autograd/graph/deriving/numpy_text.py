"""A derivation as the text of a plain NumPy program, with a formula beside each line."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from textwrap import indent
from typing import Any

import numpy as np

from autograd.graph.deriving.derivation import BACKWARD, Derivation, Statement, same
from autograd.symbols.expression import Apply, Constant, Expression, Name, Several
from autograd.symbols.layout import lay_out
from autograd.tracing.arrays import TracingArray
from autograd.tracing.spelling import function_text, key_text, value_text

LONGEST = 90  # characters of a formula
LONGEST_PART = 30  # of a step that is written out where it is used, rather than named
COLUMN = 44  # where formulas begin, at most

INFIX = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.divide: "/",
    np.power: "**",
    np.matmul: "@",
    np.greater: ">",
    np.greater_equal: ">=",
    np.less: "<",
    np.less_equal: "<=",
    np.equal: "==",
    np.not_equal: "!=",
}
POSTFIX = (np.matrix_transpose, np.transpose, np.square, np.power, operator.getitem)

_PROGRAM = '''\
"""{title} and its gradient, in plain NumPy."""

import numpy as np


def value_and_gradients({parameters}):
    """The value, and by name the derivative of it by each input that wants one.

{facts}
    """
{body}
    gradients = {{
{gradients}
    }}
    return {result}, gradients
'''


class Program:
    """The text of a derivation.

    Attributes:
        text: Python source that defines `value_and_gradients` and runs with NumPy alone.
        inputs: what that takes, by name: the arrays as they were recorded.
    """

    def __init__(self, derivation: Derivation) -> None:
        d = derivation
        self.inputs: dict[str, Any] = {}
        self._labels, self._derivatives = d.labels, d.derivatives
        self._names: dict[int, str] = {}
        self._taken = {"np", "value_and_gradients", "gradients"}
        self._formulas: dict[int, Expression] = {}
        self._held: list[Any] = []  # so that ids stay theirs
        for array in d.inputs.values():
            self.inputs[self.name(array)] = array.value
        self._result = self.name(d.result)
        lines = list(self._lines(d.parts))
        gradients = (
            f'        "{self.name(array)}": {self.name(d.gradients[x])},'
            for x, array in d.inputs.items()
            if x in d.gradients
        )
        facts = "\n".join(f"{n}: {x.shape} {x.dtype}" for n, x in self.inputs.items())
        self.text = _PROGRAM.format(
            title=self._result,
            parameters=", ".join(self.inputs),
            facts=indent(facts, "    "),
            body=indent("\n".join(lines), "    "),
            result=self._result,
            gradients="\n".join(gradients),
        )

    def name(self, array: Any) -> str:
        """What an array is called in the program. One from outside becomes an input."""
        if id(array) not in self._names:
            label = self._labels.get(id(array), "t")
            if not isinstance(array, TracingArray):
                label = "constant"
            self._names[id(array)] = self._new_name(label)
            self._held.append(array)
            if not isinstance(array, TracingArray):
                self.inputs[self._names[id(array)]] = array
        return self._names[id(array)]

    def _new_name(self, label: str) -> str:
        name, count = label, 1
        while name in self._taken:
            count += 1
            name = f"{label}_{count}"
        self._taken.add(name)
        return name

    # Lines

    def _lines(self, parts: Iterable[tuple[str, list[Statement]]]) -> Iterator[str]:
        rows: list[tuple[str, str]] = []
        for title, statements in parts:
            of_part = [(self._code(one), self._words(one)) for one in statements]
            if title == BACKWARD:
                about = f"# backward: d_x is the derivative of {self._result} by x"
                rows += [("", ""), (about, "")]
            elif len(of_part) > 1:
                rows.append((f"# {title}", ""))
            rows += of_part
        lengths = (len(code) for code, words in rows if words)
        width = max((n for n in lengths if n <= COLUMN), default=0)
        for code, words in rows:
            yield f"{code:<{width}}  # {words}" if words else code

    def _code(self, one: Statement) -> str:
        if one.function is operator.setitem:
            target, key, values = one.args
            return f"{self._expression(target)}[{self._key(key)}] = {self._expression(values)}"
        (target, *_) = one.results
        if (
            one.writes and "out" in one.kwargs and not target.ndim
        ):  # NumPy's scalars are not written
            kwargs = {name: x for name, x in one.kwargs.items() if name != "out"}
            return f"{self.name(target)} = {self._value(one._replace(kwargs=kwargs))}"
        value = self._value(one)
        return value if one.writes else f"{', '.join(map(self.name, one.results))} = {value}"

    def _value(self, one: Statement) -> str:
        function, args = one.function, [self._expression(x) for x in one.args]
        if function is same:
            return args[0]
        if function is operator.getitem:
            return f"{args[0]}[{self._key(one.args[1])}]"
        if function is np.ndarray.astype:
            return f"{args[0]}.astype({args[1]})"
        if function in INFIX and not one.kwargs:
            left, right = (f"({x})" if x.startswith("-") else x for x in args)
            return f"{left} {INFIX[function]} {right}"
        args += [f"{name}={self._expression(x)}" for name, x in one.kwargs.items()]
        return f"{function_text(function)}({', '.join(args)})"

    def _expression(self, value: Any) -> str:
        return value_text(value, self._named)

    def _key(self, key: Any) -> str:
        return key_text(key, self._named)

    def _named(self, value: Any) -> str | None:
        return self.name(value) if isinstance(value, TracingArray | np.ndarray) else None

    # Formulas

    def _words(self, one: Statement) -> str:
        """What a statement computes, in the names of the program; "" if that is no formula."""
        if len(one.results) > 1 or (one.writes and "out" not in one.kwargs):
            return ""
        (target,) = one.results
        args = tuple(map(self._tree, one.args))
        if one.function in POSTFIX and isinstance(args[0], Name):
            args = (Name(_in_brackets(args[0].text)), *args[1:])
        settings = {k: x for k, x in one.kwargs.items() if k not in ("out", "dtype", "where")}
        shown = {name: self._tree(x) for name, x in settings.items()}
        tree = args[0] if one.function is same else Apply(one.function, args, shown)
        words = lay_out(tree).unicode()
        short = len(words) <= LONGEST_PART
        self._formulas[id(target)] = tree if short else Name(self.name(target))
        if id(target) in self._labels:
            words = f"{self._shown(target)} = {words}"
            self._formulas[id(target)] = Name(self._shown(target))
        return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"

    def _tree(self, thing: Any) -> Expression:
        if isinstance(thing, TracingArray):
            return self._formulas.get(id(thing)) or Name(self._shown(thing))
        if isinstance(thing, np.ndarray):
            return Name(self.name(thing))
        if isinstance(thing, tuple | list) and any(isinstance(x, TracingArray) for x in thing):
            return Several(tuple(map(self._tree, thing)))
        return Constant(thing)

    def _shown(self, array: TracingArray) -> str:
        """A name as a formula has it: that of a derivative is ∂f/∂x."""
        name = self.name(array)
        if id(array) not in self._derivatives:
            return name
        return f"∂{self._result}/∂{name.removeprefix('d_')}"


def _in_brackets(name: str) -> str:
    return f"({name})" if "/" in name else name
